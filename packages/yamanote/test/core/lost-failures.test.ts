// @engines node20 node22 node24 node26
// Rule 7: when a failure is reported that nobody observes. What the collector does can be forced in a process of its own only, and there
// five seconds may pass in fifty milliseconds.
import { describe, expect, it } from "vitest";
import { program } from "../support/program.ts";

const collected = (body: string): Promise<{ code: number | null; lines: string[]; errors: string }> =>
	program(
		`
			import { Runtime, fail, pending, run, select, spawn, yieldNow } from "yamanote";
			const runtime = new Runtime({ onUnhandled: (f) => console.log(f.when, f.error.message, f.task.replace(/\\d+/, "N")) });
			const turn = () => new Promise((resolve) => setImmediate(resolve));
			const collect = async () => {
				// Some turns, for finalizers come in a turn of their own.
				for (let i = 0; i < 10; i++) { globalThis.gc(); await turn(); }
			};
			${body}
			console.log("end");
			await runtime.shutdown();
		`,
		{ flags: ["--expose-gc"] },
	);

describe("rule 7: a failure is reported when its handle is collected", () => {
	it("of a task that failed alone: the last of its drain is not held by the queue", async () => {
		const { lines } = await collected(`
			(() => { runtime.spawn(fail(new Error("lost")), { name: "lone" }); })();
			await turn();
			await collect();
		`);
		expect(lines).toEqual(['collected lost "lone" (#N)', "end"]);
	});

	it("of a task that made the error itself: the stack of an error holds what stands on it", async () => {
		const { lines } = await collected(`
			(() => {
				runtime.spawn(function* () { throw new Error("generator"); });
				runtime.spawn(async () => { throw new Error("async function"); });
				runtime.spawn(function* () { yield* yieldNow(); throw new Error("later"); });
			})();
			await turn();
			await collect();
		`);
		expect(lines.slice(0, 3).sort()).toEqual([
			"collected async function #N",
			"collected generator #N",
			"collected later #N",
		]);
		expect(lines[3]).toBe("end");
	});

	it("of a task that failed among others that go on", async () => {
		const { lines } = await collected(`
			const others = [1, 2, 3].map(() => runtime.spawn(pending()));
			(() => { runtime.spawn(fail(new Error("lost"))); })();
			others.push(runtime.spawn(pending()));
			await turn();
			await collect();
		`);
		expect(lines).toEqual(["collected lost #N", "end"]);
	});

	it("once, and not when it was observed before", async () => {
		const { lines } = await collected(`
			await (async () => {
				const seen = runtime.spawn(fail(new Error("seen")));
				await seen.catch(() => {});
				runtime.spawn(fail(new Error("lost")));
			})();
			await turn();
			await collect();
			await collect();
		`);
		expect(lines).toEqual(["collected lost #N", "end"]);
	});

	it("not while the handle is held: then it is told at the end of the runtime", async () => {
		const { lines } = await collected(`
			const held = runtime.spawn(fail(new Error("held")));
			await turn();
			await collect();
			globalThis.held = held;
		`);
		expect(lines).toEqual(["end", "shutdown held #N"]);
	});
});

it("rule 7: a failure is reported when it has been unobserved for 5 s, and only those that are as old", async () => {
	const { lines } = await program(`
		// A hundred times as fast: the library keeps the host's clock and timers when it is loaded.
		const { setTimeout: later } = globalThis;
		const now = performance.now.bind(performance);
		globalThis.setTimeout = (f, ms, ...args) => later(f, ms / 100, ...args);
		performance.now = () => now() * 100;
		const { Runtime, fail } = await import("yamanote");
		const start = now();
		const runtime = new Runtime({ onUnhandled: (f) => told.push([f.error.message, f.when, now() - start]) });
		const told = [];
		const keep = [runtime.spawn(fail(new Error("first")))];
		await new Promise((resolve) => later(resolve, 35));
		keep.push(runtime.spawn(fail(new Error("second"))));
		const seen = runtime.spawn(fail(new Error("seen")));
		await new Promise((resolve) => later(resolve, 1));
		seen.catch(() => {});
		const keeps = setInterval(() => {}, 1_000);
		while (told.length < 2) await new Promise((resolve) => later(resolve, 1));
		await new Promise((resolve) => later(resolve, 60));
		clearInterval(keeps);
		for (const [message, when, at] of told) console.log(message, when, at >= (message === "first" ? 49 : 84));
		await runtime.shutdown();
	`);
	expect(lines).toEqual(["first unobserved true", "second unobserved true"]);
});

it("rule 7: a policy that throws is the host's affair, and the other tasks go on", async () => {
	const { code, lines } = await program(`
		import { Runtime, fail, ready } from "yamanote";
		const told = [];
		process.on("uncaughtException", (e) => told.push(e.message));
		const runtime = new Runtime({ onUnhandled: () => { throw new Error("a bad policy"); } });
		runtime.spawn(fail(new Error("x"))).detach();
		const after = runtime.blockOn(ready("goes on"));
		console.log(await after, told.length > 0 || (await new Promise((resolve) => setImmediate(resolve))) === undefined);
		console.log(told.join());
	`);
	expect([code, lines]).toEqual([0, ["goes on true", "a bad policy"]]);
});
