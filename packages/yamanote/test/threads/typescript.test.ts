// Workers in TypeScript that nobody has built, where the engine understands it. Node 20 does not: consumers/unbuilt runs them with tsx.
// @engines node22 node24 node26 bun deno
import { describe, expect, it } from "vitest";
import type { Remote } from "yamanote/threads";
import { load } from "../support/built.ts";
import { pools } from "./support/pools.ts";

const poolOf = pools();
const strips = !("Bun" in globalThis || "Deno" in globalThis);

describe("a worker in TypeScript", () => {
	it("runs unbuilt", async () => {
		const { typed } = await load<{ typed: Remote<{ length(p: object): number }> }>("typed.worker.ts");
		expect(await poolOf().bind(typed).length({ x: 3, y: 4 })).toBe(5);
	}, 60_000);

	it.runIf(!strips)(
		"may have enums where they are translated",
		async () => {
			const { colored } = await load<{ colored: Remote<{ red(): number }> }>("enum.worker.ts");
			expect(await poolOf().bind(colored).red()).toBe(0);
		},
		60_000,
	);
});
