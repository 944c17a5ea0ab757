// @engines node20 node22 node24 node26
import { describe, expect, it } from "vitest";
import { main } from "yamanote";
import { program, start } from "../support/program.ts";

describe("main", () => {
	it("runs the program, and says nothing of its own", async () => {
		const ended = await program(`
			import { main, sleep } from "yamanote";
			main(function* () {
				yield* sleep(5);
				console.log("done");
			});
		`);
		expect(ended).toEqual({ code: 0, signal: null, lines: ["done"], errors: "" });
	});

	it("prints a failure with the stack of every caller, and exits with 1", async () => {
		const { child, path, ended } = start(
			`import { asyncFn, main, yieldNow } from "yamanote";
const read = asyncFn(function* readRow() {
  yield* yieldNow();
  throw new RangeError("no such row", { cause: new Error("the disk") });
});
const load = asyncFn(function* loadPage() {
  return yield* read();
});
main(function* program() {
  yield* load();
});
`,
			{ name: "rows" },
		);
		const { code, lines, errors } = await ended;
		expect([code, lines, child.exitCode]).toEqual([1, [], 1]);
		const places = errors
			.trimEnd()
			.split("\n")
			.map((line) => line.replace(/\(?file:\/\/.*\/(rows\.mjs:\d+):\d+\)?/, "$1"));
		expect(path).toMatch(/rows\.mjs$/);
		expect(places.slice(0, 5)).toEqual([
			"RangeError: no such row",
			"    at readRow rows.mjs:4",
			"    at async loadPage rows.mjs:7",
			"    at async program rows.mjs:10",
			"[cause]: Error: the disk",
		]);
	});

	it("prints what is thrown and no error, too", async () => {
		const { code, errors } = await program(`
			import { main } from "yamanote";
			main(async () => { throw "just a string"; });
		`);
		expect([code, errors]).toEqual([1, "Uncaught just a string\n"]);
	});

	it("prints what an error carries: its cause, the errors of an AggregateError, what was suppressed; each once", async () => {
		const { code, errors } = await program(`
			import { fail, join, main } from "yamanote";
			main(function* () {
				const both = new Error("both", { cause: "no error" });
				const first = Object.assign(new Error("first"), { suppressed: both });
				both.cause = first;
				yield* join([fail(first), fail(new AggregateError([new Error("within"), 5], "second"))]);
			});
		`);
		expect(code).toBe(1);
		expect(errors.split("\n").filter((line) => !/^ {4}at /.test(line))).toEqual([
			"Error: first",
			"[cause]: AggregateError: 1 more failed",
			"[error]: AggregateError: second",
			"[error]: Error: within",
			"[suppressed]: Error: both",
			"[cause]: Error: first (as above)",
			"",
		]);
	});

	for (const [what, thrown] of [
		["an object without a prototype", "Object.create(null)"],
		["a symbol", 'Symbol("s")'],
		["an error whose stack is no string", 'Object.assign(new Error("odd"), { stack: { a: 1 } })'],
		[
			"an error whose stack cannot be read",
			'Object.defineProperty(new Error("odd"), "stack", { get() { throw new Error("getter"); } })',
		],
		["a proxy", 'new Proxy(new Error("odd"), { get() { throw new Error("trap"); } })'],
	] as const) {
		it(`can print whatever is thrown: ${what}`, async () => {
			const { code, errors } = await program(`
				import { main, spawn, yieldNow } from "yamanote";
				main(function* () {
					// Also of a task that nobody observes.
					spawn(function* () { throw ${thrown}; });
					yield* yieldNow();
					throw ${thrown};
				});
			`);
			expect(code).toBe(1);
			expect(errors).not.toMatch(/TypeError|getter|trap/);
			expect(errors.split("\n").filter((line) => /odd|Symbol|object|Error/.test(line)).length).toBe(2);
		});
	}

	it("exits with 1 when a task has failed that nobody observed, though the program succeeded (rule 7)", async () => {
		const { code, lines, errors } = await program(`
			import { main, spawn, yieldNow } from "yamanote";
			main(function* () {
				spawn(function* () { throw new Error("lost"); }, { name: "background" });
				yield* yieldNow();
				console.log("the program ends");
			});
		`);
		expect([code, lines]).toEqual([1, ["the program ends"]]);
		expect(errors).toMatch(/task "background" \(#\d+\) failed, and nobody observed it \(shutdown\): Error: lost/);
	});

	for (const [how, part] of Object.entries({
		collected: "(() => { fails('lost'); })();",
		detached: "fails('lost').detach();",
	}))
		it(`exits with 1 for one that was ${how} before the program ended, too`, async () => {
			const { code, lines, errors } = await program(
				`
			import { main, spawn, yieldNow } from "yamanote";
			main(async () => {
				const fails = (name) => spawn(function* () { throw new Error(name); });
				${part}
				for (let i = 0; i < 10; i++) {
					await new Promise((resolve) => setImmediate(resolve));
					globalThis.gc();
				}
				console.log("the program ends");
			});
		`,
				{ flags: ["--expose-gc"] },
			);
			expect([code, lines]).toEqual([1, ["the program ends"]]);
			expect(errors).toMatch(new RegExp(`nobody observed it \\(${how}\\): Error: lost`));
		});

	it("does not mind failures that were observed", async () => {
		const { code, errors } = await program(`
			import { attempt, main, spawn } from "yamanote";
			main(function* () {
				yield* attempt(spawn(function* () { throw new Error("seen"); }));
			});
		`);
		expect([code, errors]).toEqual([0, ""]);
	});

	it("keeps an exit code that the program has set", async () => {
		const { code } = await program(`
			import { main } from "yamanote";
			main(function* () { process.exitCode = 7; });
		`);
		expect(code).toBe(7);
	});

	it("cancels the tasks that the program has left behind, and waits for their cleanup", async () => {
		const { code, lines } = await program(`
			import { main, pending, sleep, spawn, yieldNow } from "yamanote";
			main(function* () {
				spawn(function* () {
					try {
						yield* pending();
					} finally {
						yield* sleep(5);
						console.log("cleaned up");
					}
				});
				yield* yieldNow();
				console.log("the program ends");
			});
		`);
		expect([code, lines]).toEqual([0, ["the program ends", "cleaned up"]]);
	});

	it("waits for cleanup as long as it is told, and tells what it has abandoned", async () => {
		const { code, lines, errors } = await program(`
			import { main, pending, spawn, yieldNow } from "yamanote";
			main(function* () {
				spawn(function* () {
					try {
						yield* pending();
					} finally {
						yield* pending();
						console.log("never");
					}
				}, { name: "stubborn" });
				yield* yieldNow();
			}, { timeout: 50 });
		`);
		expect([code, lines]).toEqual([1, []]);
		expect(errors).toContain('in the cleanup of task "stubborn"');
		expect(errors).toContain("did not end within 50 ms and was abandoned");
	});

	it("refuses what is no program, at the call", () => {
		expect(() => main(5 as never)).toThrow(TypeError);
		expect(() => main(5 as never)).toThrow("5 is no future");
		expect(() => main(function* () {}, { timeout: Number.NaN })).toThrow(RangeError);
	});
});

describe("main and signals", () => {
	const waiting = (cleanup: string): string => `
		import { main, pending, sleep } from "yamanote";
		const keeps = setInterval(() => {}, 1_000);
		main(function* () {
			try {
				console.log("waits");
				yield* pending();
			} finally {
				console.log("cleanup begins");
				${cleanup}
				clearInterval(keeps);
				console.log("cleanup ends");
			}
		});
	`;
	for (const [signal, code] of [
		["SIGINT", 130],
		["SIGTERM", 143],
	] as const) {
		it(`${signal} cancels the program, with its cleanup, and the exit code is ${code}`, async () => {
			const { child, printed, ended } = start(waiting("yield* sleep(5);"));
			await printed("waits");
			child.kill(signal);
			expect(await ended).toEqual({
				code,
				signal: null,
				lines: ["waits", "cleanup begins", "cleanup ends"],
				errors: "",
			});
		});
	}

	it("a second signal exits at once, whatever cleanup waits for", async () => {
		const { child, printed, ended } = start(waiting("yield* pending();"));
		await printed("waits");
		child.kill("SIGTERM");
		await printed("cleanup begins");
		child.kill("SIGINT");
		expect(await ended).toMatchObject({ code: 130, lines: ["waits", "cleanup begins"] });
	});

	it("a plain async program is cancelled by its signal", async () => {
		const { child, printed, ended } = start(`
			import { main } from "yamanote";
			main(async ({ signal }) => {
				const keeps = setInterval(() => {}, 1_000);
				console.log("waits");
				await new Promise((resolve) => signal.addEventListener("abort", resolve));
				clearInterval(keeps);
				console.log(signal.reason.name, signal.reason.reason.signal);
			});
		`);
		await printed("waits");
		child.kill("SIGINT");
		expect(await ended).toEqual({ code: 130, signal: null, lines: ["waits", "AbortError SIGINT"], errors: "" });
	});

	it("an error of the cleanup is printed", async () => {
		const { child, printed, ended } = start(waiting('clearInterval(keeps); throw new Error("cleanup failed");'));
		await printed("waits");
		child.kill("SIGINT");
		const { code, errors } = await ended;
		expect(code).toBe(130);
		expect(errors).toMatch(/^Error: cleanup failed\n {4}at /);
	});

	it("are the host's again when the program has ended", async () => {
		const { child, printed, ended } = start(`
			import { main } from "yamanote";
			await main(function* () {});
			setInterval(() => {}, 1_000);
			console.log(process.listenerCount("SIGINT"), process.listenerCount("SIGTERM"));
		`);
		await printed("0 0");
		child.kill("SIGTERM");
		expect(await ended).toMatchObject({ code: null, signal: "SIGTERM" });
	});
});
