// Random programs of combinators, tasks and cancellation. Where no two things happen at one time, a naive interpreter says what must come of them;
// where everything happens at once, laws hold: what began has ended, nothing is left, every failure is seen or told.
import { describe, it } from "vitest";
import { Random } from "../sync/support.ts";
import { check } from "./drive.ts";
import { generate } from "./generate.ts";
import { show } from "./program.ts";
import { eachSeed, LONG } from "./seeds.ts";
import { shrink } from "./shrink.ts";

/** A page knows nothing of the scope of an async function that waits by `await`. */
const plain = "process" in globalThis;

async function tryOne(seed: number, sparse: boolean): Promise<string> {
	const program = generate(new Random(seed), { sparse, plain });
	const wrong = await check(program, sparse, seed);
	if (wrong.length === 0) return "";
	const smallest = await shrink(program, (one) => check(one, sparse, seed));
	return [...wrong, "in", show(program), "made smaller", ...smallest.wrong, "in", show(smallest.program)].join("\n");
}

describe("random programs of combinators and tasks", () => {
	it(
		"end when a naive interpreter says, with the outcome that it says, and throw what it says",
		async () => {
			await eachSeed(300, (seed) => tryOne(seed, true));
		},
		LONG,
	);

	it(
		"leave nothing behind, lose no failure, and tell each once, also when all things happen at once",
		async () => {
			await eachSeed(500, (seed) => tryOne(seed, false));
		},
		LONG,
	);
});
