// @engines node20 node22 node24 node26
// Rule 12: async stacks. Places are asked of a program in a file of its own, so that they are what a user sees.
import { describe, expect, it } from "vitest";
import { type Async, asyncFn, attempt, join, run, spawn, yieldNow } from "yamanote";
import { program, start } from "../support/program.ts";

/** Runs a program that prints stacks; gives them back as `function file:line`. */
async function places(text: string): Promise<string[][]> {
	const { ended } = start(text, { name: "app" });
	const { lines, errors, code } = await ended;
	expect([code, errors]).toEqual([0, ""]);
	return lines
		.join("\n")
		.split("----\n")
		.map((stack) =>
			stack
				.trimEnd()
				.split("\n")
				.map((line) => line.replace(/\(?(file:\/\/)?[^\s(]*\/(app\.mjs:\d+):\d+\)?/, "$2").trim()),
		);
}

/** The frames of an error made by this engine: text lines that begin with `at`. */
const frames = (error: unknown): string[] =>
	String((error as Error).stack)
		.split("\n")
		.filter((line) => /^\s*at /.test(line));

describe("rule 12: an async stack names every caller, with file and line", () => {
	it("through asyncFn calls that have waited", async () => {
		const [stack] = await places(`import { asyncFn, attempt, run, yieldNow } from "yamanote";
const a = asyncFn(function* inner() {
  yield* yieldNow();
  throw new Error("deep");
});
const b = asyncFn(function* middle() {
  yield* yieldNow();

  return yield* a();
});
const c = asyncFn(function* outer() {
  return yield* b();
});
const r = await run(attempt(c()));
console.log(r.error.stack);
`);
		expect(stack).toEqual([
			"Error: deep",
			"at inner app.mjs:4",
			"at async middle app.mjs:9",
			"at async outer app.mjs:12",
		]);
	});

	it("through plain generators between them", async () => {
		const [stack] = await places(`import { asyncFn, attempt, run, yieldNow } from "yamanote";
const a = asyncFn(function* inner() {
  yield* yieldNow();
  throw new Error("deep");
});
function* plain() {
  yield* a();
}
const c = asyncFn(function* outer() {
  yield* plain();
});
console.log((await run(attempt(c()))).error.stack);
`);
		expect(stack).toEqual([
			"Error: deep",
			"at inner app.mjs:4",
			"at async plain app.mjs:7",
			"at async outer app.mjs:10",
		]);
	});

	it("through the handle of a task to who awaits it", async () => {
		const [stack] = await places(`import { asyncFn, attempt, run, spawn, yieldNow } from "yamanote";
const task = asyncFn(function* inTask() {
  yield* yieldNow();
  throw new Error("in a task");
});
const waits = asyncFn(function* waiter() {
  const handle = spawn(task());
  yield* handle;
});
console.log((await run(attempt(waits()))).error.stack);
`);
		expect(stack).toEqual(["Error: in a task", "at inTask app.mjs:4", "at async waiter app.mjs:8"]);
	});

	it("through combinators", async () => {
		const [stack] = await places(`import { asyncFn, attempt, run, sleep, timeout, tryJoin, yieldNow } from "yamanote";
const bad = asyncFn(function* branch() {
  yield* yieldNow();
  throw new Error("in a branch");
});
const page = asyncFn(function* loadPage() {
  return yield* timeout(1_000, tryJoin({ bad: bad(), other: sleep(1_000) }));
});
console.log((await run(attempt(page()))).error.stack);
`);
		expect(stack?.[0]).toBe("Error: in a branch");
		expect(stack).toContain("at branch app.mjs:4");
		expect(stack).toContain("at async loadPage app.mjs:7");
	});

	it("without frames of the library and of the engine's generators", async () => {
		const { lines } = await program(`import { asyncFn, attempt, run, yieldNow } from "yamanote";
			const down = asyncFn(function* step(n) {
				yield* yieldNow();
				if (n === 0) throw new Error("x");
				return yield* down(n - 1);
			});
			const { error } = await run(attempt(down(5)));
			const lines = error.stack.split("\\n").slice(1);
			console.log(lines.length);
			console.log("others:", lines.filter((l) => !l.includes("at async step") && !l.includes("at step")).join("|"));
		`);
		expect(lines).toEqual(["6", "others:"]);
	});
});

describe("rule 12: stacks are stitched once per error, at most 50 frames", () => {
	const down = asyncFn(function* step(depth: number, make: () => unknown): Async<never> {
		yield* yieldNow();
		if (depth === 0) throw make();
		return yield* down(depth - 1, make);
	});

	it("but none where the program wants no stacks", async () => {
		const { stackTraceLimit } = Error;
		const failing = asyncFn(function* () {
			yield* yieldNow();
			throw new Error("bare");
		});
		const caller = asyncFn(function* () {
			yield* failing();
		});
		try {
			Error.stackTraceLimit = 0;
			const { error } = (await run(attempt(caller()))) as { error: unknown };
			expect(frames(error)).toEqual([]);
		} finally {
			Error.stackTraceLimit = stackTraceLimit;
		}
	});

	it("50 callers of 200", async () => {
		const error = new Error("deep");
		await run(attempt(down(200, () => error)));
		const async = frames(error).filter((line) => line.includes("at async "));
		expect(async.length).toBe(50);
	});

	it("a second awaiter adds nothing", async () => {
		const handle = spawn(down(3, () => new Error("shared")));
		const first = asyncFn(function* first() {
			return yield* handle;
		});
		const second = asyncFn(function* second() {
			return yield* handle;
		});
		const one = await run(attempt(first()));
		const text = (one as { error: Error }).error.stack;
		expect(text).toMatch(/at async (.*\.)?first/);
		const two = await run(attempt(second()));
		expect((two as { error: Error }).error).toBe((one as { error: Error }).error);
		expect((two as { error: Error }).error.stack).toBe(text);
	});

	it("an error that is caught and thrown again keeps its places, once each", async () => {
		const again = asyncFn(function* again() {
			try {
				return yield* down(2, () => new Error("again"));
			} catch (error) {
				yield* yieldNow();
				throw error;
			}
		});
		const top = asyncFn(function* top() {
			yield* yieldNow();
			return yield* again();
		});
		const { error } = (await run(attempt(top()))) as { error: Error };
		const names = frames(error).map((line) => /at (?:async )?(\S+)/.exec(line)?.[1]?.replace(/^.*\./, ""));
		// The first is the function that made it.
		expect(names.slice(1, 6)).toEqual(["step", "step", "step", "again", "top"]);
	});

	it("never on frozen errors, on errors whose stack cannot be written, or on what is no error", async () => {
		const frozen = Object.freeze(new Error("frozen"));
		const before = frozen.stack;
		expect(await run(attempt(down(3, () => frozen)))).toEqual({ ok: false, error: frozen });
		expect(frozen.stack).toBe(before);

		const fixed = new Error("fixed");
		Object.defineProperty(fixed, "stack", { value: "as it is", writable: false });
		expect(await run(attempt(down(3, () => fixed)))).toMatchObject({ ok: false });
		expect(fixed.stack).toBe("as it is");

		const odd = Object.assign(new Error("odd"), { stack: 7 });
		await run(attempt(down(3, () => odd)));
		expect(odd.stack).toBe(7);

		const plain = { stack: "mine" };
		expect(await run(attempt(down(3, () => plain)))).toEqual({ ok: false, error: plain });
		expect(plain.stack).toBe("mine");
		for (const value of ["text", 5, null, undefined, Symbol.iterator]) {
			expect(await run(attempt(down(1, () => value)))).toEqual({ ok: false, error: value });
		}
	});

	it("of each failure of a join its own", async () => {
		const errors: Error[] = [];
		const make = (): Error => {
			const error = new Error("one of two");
			errors.push(error);
			return error;
		};
		await run(attempt(join([down(1, make), down(2, make)])));
		expect(errors.length).toBe(2);
		for (const [i, error] of errors.entries())
			expect(frames(error).filter((line) => /at (async )?(\S*\.)?step/.test(line)).length).toBe(i + 2);
	});
});
