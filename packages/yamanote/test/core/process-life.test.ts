// @engines node20 node22 node24 node26
// Rule 15, and decision 4 on what keeps a process alive and what is said at its end.
import { describe, expect, it } from "vitest";
import { program } from "../support/program.ts";

describe("rule 15: the process lives while a root waiter waits", () => {
	const waits: Record<string, string> = {
		"run()": `run(nap()).then(done);`,
		"blockOn() of a runtime": `new Runtime().blockOn(nap()).then(done);`,
		"a native await of a future": `await nap(); done();`,
		"a native await of a handle": `await spawn(nap()); done();`,
		"a promiseFn": `promiseFn(function* () { yield* nap(); })().then(done);`,
		"main()": `main(function* () { yield* nap(); done(); });`,
		"blockOn() of a runtime, of a future that was made outside": `new Runtime().blockOn(sleep(30)).then(done);`,
		"run() of a task of another runtime": `run(new Runtime().spawn(nap())).then(done);`,
		"run() of a task of another runtime, whose clock is paused": `run(new Runtime({ startPaused: true }).spawn(nap())).then(done);`,
		"run() of a handle whose task waits before anybody does": `
			const task = new Runtime().spawn(nap());
			await new Promise((resolve) => setTimeout(resolve, 1));
			run(task).then(done);
		`,
		"an await in a scope of its own": `run(scope(function* (s) { yield* s.spawn(nap()); })).then(done);`,
	};
	for (const [what, text] of Object.entries(waits)) {
		it(`such as ${what}`, async () => {
			const { code, lines, errors } = await program(`
				import { asyncFn, main, promiseFn, run, Runtime, scope, sleep, spawn } from "yamanote";
				const nap = asyncFn(function* () { yield* sleep(30); });
				const done = () => console.log("done");
				${text}
			`);
			expect([code, lines, errors]).toEqual([0, ["done"], ""]);
		});
	}

	it("and ends when it has ended, whatever other tasks sleep", async () => {
		const { code, lines, errors } = await program(`
			import { run, sleep, spawn } from "yamanote";
			spawn(sleep({ hours: 1 }), { name: "sleeper" });
			await run(sleep(5));
			console.log("done");
		`);
		expect([code, lines]).toEqual([0, ["done"]]);
		expect(errors).toMatch(
			/^yamanote: the process ends while 1 task\(s\) of runtime "default" wait, since nobody waits for them: use main\(\), or await their handles\n {2}task "sleeper" \(#\d+\)\n$/,
		);
	});
});

describe("rule 15: the process lives while a root waiter waits for cleanup that waits for nothing, until its limit", () => {
	const endless: Record<string, string> = {
		"of a task": `
			const task = runtime.spawn(stuck);
			runtime.blockOn(function* () { yield* yieldNow(); task.abort(); yield* attempt(task, CancelledError); }).then(done);
		`,
		"of a loser": `runtime.blockOn(select({ stuck, won: yieldNow() }, { biased: true })).then(done);`,
		"of a call polled by hand": `
			class ByHand extends Future {
				call = asyncFn(stuck)();
				poll(cx) { return this.call.poll({ waker: cx.waker }); }
				drop(cx) { return this.call.drop({ waker: cx.waker }); }
			}
			runtime.blockOn(select({ stuck: new ByHand(), won: yieldNow() }, { biased: true })).then(done);
		`,
		"of an async function that waits for a future": `
			const body = async () => { try { await pending(); } finally { await pending(); } };
			runtime.blockOn(function* () { yield* timeout(5, body); }).catch(done);
		`,
		"of an async function that waits for a promise": `
			const body = async () => { try { await pending(); } finally { await new Promise(() => {}); } };
			runtime.blockOn(function* () { yield* timeout(5, body); }).catch(done);
		`,
	};
	for (const [what, text] of Object.entries(endless)) {
		it(what, async () => {
			const { code, lines, errors } = await program(`
				import { asyncFn, attempt, CancelledError, Future, pending, Runtime, select, timeout, yieldNow } from "yamanote";
				const runtime = new Runtime({ cleanupTimeout: 30, cleanupGrace: 30 });
				const stuck = function* () { try { yield* pending(); } finally { yield* pending(); } };
				const done = () => console.log("goes on");
				${text}
			`);
			expect([code, lines]).toEqual([0, ["goes on"]]);
			expect(errors).toMatch(/^yamanote: in the cleanup of task #\d+: CleanupTimeout: .* did not end within 30 ms/);
		});
	}

	it("and not without one", async () => {
		const started = performance.now();
		const { code, errors } = await program(`
			import { pending, Runtime } from "yamanote";
			const runtime = new Runtime({ cleanupTimeout: 50_000 });
			const task = runtime.spawn(function* () { try { yield* pending(); } finally { yield* pending(); } });
			setTimeout(() => task.abort(), 1);
		`);
		expect([code, performance.now() - started < 50_000]).toEqual([0, true]);
		expect(errors).toContain("the process ends while 1 task(s)");
	});
});

describe("rule 15: without a root waiter, nothing of ours keeps the process alive", () => {
	it("no timer: the end is told, and the exit code stays", async () => {
		const started = performance.now();
		const { code, lines, errors } = await program(`
			import { sleep, spawn } from "yamanote";
			spawn(function* () {
				yield* sleep({ hours: 1 });
				console.log("never");
			});
			process.exitCode = 3;
		`);
		expect([code, lines]).toEqual([3, []]);
		expect(errors).toContain("the process ends while 1 task(s)");
		expect(performance.now() - started).toBeLessThan(50_000);
	});

	it("no timer that looks after unobserved failures: they are told at the end, and the exit code is 1", async () => {
		const { code, errors } = await program(`
			import { spawn } from "yamanote";
			spawn(function* () { throw new Error("nobody looks"); }, { name: "lost" });
		`);
		expect(code).toBe(1);
		expect(errors).toMatch(/task "lost" \(#\d+\) failed, and nobody observed it \(shutdown\): Error: nobody looks/);
	});

	it("no timer that limits cleanup, once the cleanup has ended", async () => {
		const { lines, errors } = await program(`
			const { setTimeout, clearTimeout } = globalThis;
			const armed = new Set();
			globalThis.setTimeout = (...args) => { const h = setTimeout(...args); armed.add(h); return h; };
			globalThis.clearTimeout = (h) => { armed.delete(h); clearTimeout(h); };
			const { pending, run, spawn, yieldNow } = await import("yamanote");
			let during;
			const task = spawn(function* () {
				try { yield* pending(); } finally { yield* yieldNow(); during = armed.size; }
			});
			await run(yieldNow());
			task.abort();
			await task.catch(() => {});
			console.log(during, armed.size);
		`);
		expect([lines, errors]).toEqual([["1 0"], ""]);
	});

	it("but tasks that are ready run on to their end", async () => {
		const { code, lines, errors } = await program(`
			import { spawn, yieldNow } from "yamanote";
			spawn(function* () {
				const until = performance.now() + 20;
				while (performance.now() < until) yield* yieldNow();
				console.log("done");
			});
		`);
		expect([code, lines, errors]).toEqual([0, ["done"], ""]);
	});

	it("and a host handle of the program does, with our tasks beside it", async () => {
		const { code, lines } = await program(`
			import { sleep, spawn } from "yamanote";
			spawn(function* () {
				yield* sleep(10);
				console.log("woken");
				clearInterval(keeps);
			});
			const keeps = setInterval(() => {}, 1_000);
		`);
		expect([code, lines]).toEqual([0, ["woken"]]);
	});
});

describe("rule 15: a deadlock is reported with the task list, and the exit is non-zero", () => {
	const stuck: Record<string, string> = {
		"run()": `run(mutual);`,
		"main()": `main(mutual);`,
		"a native await": `spawn(mutual).then(() => {});`,
	};
	for (const [what, text] of Object.entries(stuck)) {
		it(`of ${what}`, async () => {
			const { code, lines, errors } = await program(`
				import { main, run, spawn, yieldNow } from "yamanote";
				const mutual = function* () {
					const handles = [];
					handles[0] = spawn(function* () { yield* yieldNow(); yield* handles[1]; }, { name: "hen" });
					handles[1] = spawn(function* () { yield* handles[0]; }, { name: "egg" });
					yield* handles[0];
				};
				${text}
			`);
			expect([code, lines]).toEqual([13, []]);
			expect(errors).toContain(
				'deadlock: nothing is left that could wake the 3 waiting task(s) of runtime "default"\n',
			);
			expect(errors).toMatch(/ {2}task "egg" \(#\d+\)\n {2}task "hen" \(#\d+\)\n/);
		});
	}

	it("of a paused clock that host work holds: the process lives until that was named", async () => {
		const { code, errors } = await program(`
			import { fromPromise, join, Runtime, sleep } from "yamanote";
			new Runtime({ startPaused: true, name: "held" }).blockOn(function* () {
				yield* join([sleep(1_000), fromPromise(new Promise(() => {}))]);
			});
		`);
		expect(code).toBe(13);
		expect(errors).toMatch(/ClockHeld: the paused clock waits for a promise\n[\s\S]*deadlock: .* runtime "held"/);
	});

	it("of a runtime of its own, by its name; once, though the loop is revived", async () => {
		const { code, errors } = await program(`
			import { pending, Runtime } from "yamanote";
			let revived = 0;
			process.on("beforeExit", () => { if (revived++ < 2) setTimeout(() => {}, 1); });
			new Runtime({ name: "jobs" }).blockOn(pending());
		`);
		expect(code).toBe(13);
		expect(errors.match(/deadlock/g)).toEqual(["deadlock"]);
		expect(errors).toContain('runtime "jobs"');
	});

	it("lists ten tasks at most", async () => {
		const { code, errors } = await program(`
			import { join, pending, run } from "yamanote";
			import { spawn } from "yamanote";
			run(join(Array.from({ length: 40 }, () => spawn(pending()))));
		`);
		expect(code).toBe(13);
		expect(errors).toContain("the 41 waiting task(s)");
		expect(errors.match(/^ {2}task /gm)).toHaveLength(10);
	});

	it("keeps an exit code that says more", async () => {
		const { code } = await program(`
			import { pending, run } from "yamanote";
			process.exitCode = 2;
			run(pending());
		`);
		expect(code).toBe(2);
	});

	it("but not while something outside could still wake them", async () => {
		const { code, lines, errors } = await program(`
			import { fromCallback, run } from "yamanote";
			const { value } = await run(function* () {
				const value = yield* fromCallback(({ resolve }) => void setTimeout(resolve, 30, "woken"));
				return { value };
			});
			console.log(value);
		`);
		expect([code, lines, errors]).toEqual([0, ["woken"], ""]);
	});
});

it("rule 15: a silent exit 0 with work pending never happens", async () => {
	// Whatever is left: there is a message, or another exit code, or both.
	const left = [`run(pending());`, `spawn(pending());`, `main(pending);`, `pending().then(() => {});`];
	const ended = await Promise.all(
		left.map((text) => program(`import { main, pending, run, spawn } from "yamanote"; ${text}`)),
	);
	expect(ended.map(({ code }) => code)).toEqual([13, 0, 13, 13]);
	expect(ended.map(({ errors }) => errors.split("\n").length > 1)).toEqual([true, true, true, true]);
});
