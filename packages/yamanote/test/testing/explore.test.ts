import { describe, expect, it } from "vitest";
import {
	asyncFn,
	attempt,
	Elapsed,
	Instant,
	join,
	Pending,
	pending,
	pollFn,
	run,
	sleep,
	spawn,
	timeout,
	type Waker,
	yieldNow,
} from "yamanote";
import { Mutex, mpsc, Semaphore } from "yamanote/sync";
import { ExploreError, type ExploreOptions, explore, paused } from "yamanote/testing";
import { plantedBugs } from "./planted-bugs.ts";
import { plantedPrograms } from "./planted-bugs-programs.ts";
import { plantedSyncBugs } from "./planted-bugs-sync.ts";
import { plantedTaskBugs } from "./planted-bugs-tasks.ts";

/** A page has no AsyncLocalStorage, so that plain async functions are on the default runtime there, and its bundles have names and places of their own. */
const inPage = !("process" in globalThis);
/** On Deno a listener of the global object that was there before is told first, as the one that runs these tests; `Deno.test` is none. */
const listensFirst = "Deno" in globalThis;
const ofAsyncFunctions = /async functions|Promise\.all/;

async function found(program: (task: never) => unknown, options?: ExploreOptions): Promise<ExploreError> {
	try {
		await explore(program as never, options);
	} catch (error) {
		if (error instanceof ExploreError) return error;
		throw error;
	}
	throw new Error("nothing was found");
}

describe("the ten planted bugs", () => {
	for (const [name, planted] of Object.entries(plantedBugs)) {
		it(`${name}: an ordinary run goes well`, async () => {
			await run(planted(false) as never);
		});

		it(`${name}: is found whatever the seed, and its seed shows it again`, async () => {
			for (const seed of [1, 2, 77, -5, 123_456_789, 0.25]) {
				const error = await found(planted(false), { seed, iterations: 10_000 });
				const again = await found(planted(false), { seed: error.seed });
				expect([again.kind, again.steps]).toEqual([error.kind, error.steps]);
			}
		});

		it(`${name}: nothing is found once it is mended`, async () => {
			const report = await explore(planted(true) as never, { iterations: 600 });
			expect(report.iterations).toBe(600);
		});
	}
});

describe("further planted bugs", () => {
	for (const [name, planted] of Object.entries({ ...plantedSyncBugs, ...plantedTaskBugs, ...plantedPrograms })) {
		if (inPage && ofAsyncFunctions.test(name)) continue;
		it(`${name}: is found, though an ordinary run goes well, and not once it is mended`, async () => {
			await paused(planted(false) as never)();
			for (const seed of [1, -31]) {
				const error = await found(planted(false), { seed, iterations: 10_000 });
				expect((await found(planted(false), { seed: error.seed })).steps).toEqual(error.steps);
			}
			await explore(planted(true) as never, { iterations: 300 });
		}, 60_000);
	}
});

/** Goes wrong only if the first task is overtaken by the second, which starts with a delay. */
const overtaken = (delay: number) =>
	function* () {
		let winner = "";
		function* racer(name: string, steps: number) {
			for (let i = 0; i < steps; i++) yield* yieldNow();
			winner ||= name;
		}
		yield* join([spawn(racer("first", 1)), spawn(racer("second", delay))]);
		if (winner === "second") throw new RangeError("overtaken");
	};

describe("explore", () => {
	it("tries the same schedules for the same seed, and others for another", async () => {
		const counts = async (seed: number): Promise<number> => (await found(overtaken(6), { seed })).iterations;
		const first = await counts(3);
		expect(await counts(3)).toBe(first);
		const others = await Promise.all([4, 5, 6, 7, 8].map(counts));
		expect(new Set([first, ...others]).size).toBeGreaterThan(1);
	});

	it("gives the program's error as the cause, and the shortest schedule it finds", async () => {
		const error = await found(overtaken(3));
		expect(error.kind).toBe("failure");
		expect(error.cause).toBeInstanceOf(RangeError);
		expect(error.message).toMatch(/RangeError: overtaken/);
		expect(error.message).toContain(`explore(program, { seed: ${JSON.stringify(error.seed)} })`);
		expect(error.steps.length).toBeLessThan(9);
		expect(error.steps.join("\n")).toMatch(/explore\.test\.m?[jt]s:\d+/);
	});

	it.skipIf(inPage)("says where a task without a name was spawned, and shows where a livelock comes to", async () => {
		const error = await found(
			function* () {
				const spin = spawn(function* () {
					for (;;) yield* yieldNow();
				});
				yield* spin;
			},
			{ maxSteps: 5_000 },
		);
		expect(error.kind).toBe("livelock");
		expect(error.steps[1]).toMatch(/^#2 \(spawned at .*explore\.test\.m?[jt]s:\d+:\d+\)/);
		expect(error.steps.length).toBeLessThan(5);
		expect(error.seed.length).toBeLessThan(100);
	});

	it("passes over no task for ever", async () => {
		const program = function* () {
			let ended = false;
			const spin = spawn(function* () {
				while (!ended) yield* yieldNow();
			});
			yield* spawn(yieldNow());
			ended = true;
			yield* spin;
		};
		await explore(program, { iterations: 3_000, maxSteps: 1_000 });
	});

	it("stops what still sleeps when the program has ended, however fast the host's timers are", async () => {
		let woken = 0;
		await explore(
			function* () {
				spawn(function* () {
					yield* sleep(1);
					woken++;
				});
				yield* spawn(async () => {});
			},
			{ iterations: 200, slack: 0, cancel: false },
		);
		expect(woken).toBe(0);
	});

	it("gives errors their stacks back", async () => {
		const before = Error.stackTraceLimit;
		const limits: number[] = [];
		const error = await found(function* () {
			yield* yieldNow();
			limits.push(Error.stackTraceLimit);
			throw new Error("wrong");
		});
		expect(Error.stackTraceLimit).toBe(before);
		expect([limits[0], limits.at(-1)]).toEqual([0, before]);
		expect((error.cause as Error).stack).toMatch(/explore\.test/);
	});

	it("knows when all schedules of a small program were tried", async () => {
		const report = await explore(
			function* () {
				yield* spawn(yieldNow());
			},
			{ iterations: 5_000 },
		);
		expect(report.exhausted).toBe(true);
		expect(report.iterations).toBeLessThan(5_000);
	});

	it("makes a task give way where what it waits for is ready", async () => {
		// Both semaphores are free: no ordinary run stops between the two reads.
		const error = await found(function* () {
			const free = new Semaphore(100);
			let a = 0;
			let b = 0;
			const reader = spawn(function* () {
				const first = a;
				using _permit = yield* free.acquire();
				if (first !== b) throw new Error("torn");
			});
			yield* spawn(function* () {
				a++;
				b++;
				yield* yieldNow();
			});
			yield* reader;
		});
		expect(error.cause).toMatchObject({ message: "torn" });
	});

	it("rearranges the branches of a join", async () => {
		const error = await found(function* () {
			const order: string[] = [];
			const step = asyncFn(function* (name: string, yields: number) {
				for (let i = 0; i < yields; i++) yield* yieldNow();
				order.push(name);
			});
			yield* join([step("quick", 1), step("slow", 4)]);
			if (order[0] === "slow") throw new Error("slow was first");
		});
		expect(error.cause).toMatchObject({ message: "slow was first" });
	});

	it("controls what Math.random gives, and gives it back", async () => {
		const before = Math.random;
		const error = await found(
			function* () {
				yield* yieldNow();
				if (Math.random() > 0.9) throw new Error("unlucky");
			},
			{ iterations: 500 },
		);
		expect(Math.random).toBe(before);
		const again = await found(
			function* () {
				yield* yieldNow();
				if (Math.random() > 0.9) throw new Error("unlucky");
			},
			{ seed: error.seed },
		);
		expect(again.kind).toBe("failure");
	});

	it("finds a deadlock, and says who waits for whom in a circle", async () => {
		const error = await found(function* () {
			const a = new Mutex(undefined);
			const b = new Mutex(undefined);
			function* both(first: Mutex<undefined>, second: Mutex<undefined>) {
				using _one = yield* first.lock();
				yield* yieldNow();
				using _two = yield* second.lock();
			}
			yield* join([spawn(both(a, b), { name: "there" }), spawn(both(b, a), { name: "back" })]);
		});
		expect(error.kind).toBe("deadlock");
		expect(error.message).toMatch(/in a circle/);
		expect(error.message).toMatch(/task "there" \(#\d+\) waits for a Mutex .*task "back" \(#\d+\) must go on first/);
		expect(error.message).toMatch(/held by task "there"/);
	});

	it("tells a lost wake-up from a deadlock", async () => {
		const error = await found(function* () {
			let waker: Waker | undefined;
			let set = false;
			const waits = pollFn<void>((cx) => {
				if (set) return undefined;
				waker = cx.waker;
				return Pending;
			});
			const waiting = spawn(waits, { name: "forgotten" });
			yield* spawn(function* () {
				const seen = waker;
				yield* yieldNow();
				set = true;
				seen?.wake();
			});
			yield* waiting;
		});
		expect(error.kind).toBe("lost-wakeup");
		expect(error.message).toMatch(/lost wake-up: task "forgotten" \(#\d+\) could go on/);
		const stuck = await found(function* () {
			yield* pending();
		});
		expect(stuck.kind).toBe("deadlock");
	});

	it("finds a failure that nobody observes", async () => {
		const error = await found(function* () {
			spawn(
				function* () {
					yield* yieldNow();
					throw new TypeError("unseen");
				},
				{ name: "lonely" },
			);
			for (let i = 0; i < 5; i++) yield* yieldNow();
		});
		expect(error.kind).toBe("failure");
		expect(error.message).toMatch(/task "lonely".* failed, and nobody observed it: TypeError: unseen/);
	});

	it("finds tasks that wake each other for ever", async () => {
		const error = await found(
			function* () {
				for (;;) yield* yieldNow();
			},
			{ maxSteps: 200 },
		);
		expect(error.kind).toBe("livelock");
	});

	it("passes virtual time, and finds a sleep that stands for an order", async () => {
		const program = function* () {
			let written = false;
			spawn(function* () {
				yield* sleep(1);
				for (let i = 0; i < 3; i++) yield* yieldNow();
				written = true;
			});
			yield* sleep(2);
			if (!written) throw new Error("not yet");
		};
		const error = await found(program, { iterations: 5_000 });
		expect(error.cause).toMatchObject({ message: "not yet" });
		await explore(program, { iterations: 1_000, slack: 0 });
	});

	it("tries each delay of a small program, not only some by chance", async () => {
		// A step of the work is late by a millisecond: whatever the seed, that is among the first schedules tried.
		const program = function* () {
			const work = asyncFn(function* () {
				yield* sleep(9);
				yield* sleep(1);
			});
			const done = yield* attempt(timeout(10, work()), Elapsed);
			if (!done.ok) throw new Error("too late");
		};
		for (let seed = 0; seed < 10; seed++) expect((await found(program, { seed })).iterations).toBeLessThan(50);
	});

	it("lets a task be late by as much as the others can do meanwhile", async () => {
		for (let seed = 0; seed < 10; seed++)
			expect((await found(overtaken(20), { seed, iterations: 10_000 })).iterations).toBeLessThan(100);
	});

	it("does not let a task be late for ever: the others may wait for it in a loop", async () => {
		const program = function* () {
			let ready = false;
			spawn(function* () {
				yield* yieldNow();
				ready = true;
			});
			while (!ready) yield* yieldNow();
		};
		await explore(program, { iterations: 300, cancel: false });
	});

	it.skipIf(inPage)("explores async functions, at their waits for futures", async () => {
		const error = await found(async () => {
			let counter = 0;
			const increment = async (delay: number): Promise<void> => {
				for (let i = 0; i < delay; i++) await yieldNow();
				const before = counter;
				await yieldNow();
				counter = before + 1;
			};
			await join([spawn(async () => increment(0)), spawn(async () => increment(4))]);
			if (counter !== 2) throw new Error(`counter is ${counter}`);
		});
		expect(error.cause).toMatchObject({ message: "counter is 1" });
	});

	it.skipIf(inPage)("lets time pass for an async function that waits for the promise of another task", async () => {
		const report = await explore(
			async () => {
				const start = Instant.now();
				const nap = spawn(async () => {
					const own = (async () => sleep(50))();
					shared = own;
					await own;
				});
				let shared: Promise<void> | undefined;
				const waits = spawn(async () => {
					await yieldNow();
					const seen = shared;
					await seen;
					if (seen !== undefined && start.elapsed() < 50) throw new Error("too early");
				});
				await waits;
				await nap;
			},
			{ iterations: 200, cancel: false },
		);
		expect(report.iterations).toBe(200);
	});

	it.skipIf(inPage)("finds a deadlock behind a promise, and does not take long to shorten it", async () => {
		const error = await found(async () => {
			const gate = new Mutex(0);
			const guard = await gate.lock();
			const inner = (async () => {
				(await gate.lock()).release();
			})();
			await spawn(async () => inner);
			guard.release();
		});
		expect(error.kind).toBe("held");
		expect(error.message).toMatch(/waits for an async function of task .*\n.*waits for a Mutex/s);
	});

	it.skipIf(inPage)("cancels tasks, not what native code waits for", async () => {
		await explore(
			async () => {
				const naps = [1, 2].map(async (ms) => sleep(ms));
				await sleep(3);
				await Promise.all(naps);
			},
			{ iterations: 300, cancel: true },
		);
	});

	it.skipIf(inPage || listensFirst)("lets no promise of a program that it has cancelled end the process", async () => {
		await explore(
			async ({ run: wait }) => {
				const task = spawn(async () => {
					const naps = [1, 2].map(async (ms) => sleep(ms));
					await sleep(3);
					await Promise.all(naps);
				});
				await wait(attempt(task));
			},
			{ iterations: 200 },
		);
	});

	it.skipIf(inPage || listensFirst)("finds a promise that fails while nobody listens", async () => {
		const program = async () => {
			const saved = (async () => {
				await sleep(2);
				throw new RangeError("disk full");
			})();
			await sleep(3);
			await saved.catch(() => {});
		};
		const listeners = process.listeners("unhandledRejection");
		const error = await found(program);
		expect(error.kind).toBe("failure");
		expect(error.message).toMatch(/a promise was rejected, and nobody handled it: RangeError: disk full/);
		expect((await found(program, { seed: error.seed })).steps).toEqual(error.steps);
		expect(process.listeners("unhandledRejection")).toEqual(listeners);
	});

	it("runs one exploration at a time", async () => {
		const [a, b] = await Promise.all([found(overtaken(3)), found(overtaken(3))]);
		expect(a.iterations).toBe(b.iterations);
	});

	it("refuses what is no program, and options out of range", () => {
		expect(() => explore(yieldNow() as never)).toThrow(TypeError);
		expect(() => explore(overtaken(1) as never, { iterations: 0 })).toThrow(RangeError);
		expect(() => explore(overtaken(1) as never, { slack: -1 })).toThrow(RangeError);
		expect(() => explore(overtaken(1) as never, { maxSteps: 1.5 })).toThrow(RangeError);
		expect(() => explore(overtaken(1) as never, { seed: "nonsense" })).toThrow(TypeError);
		expect(() => explore(overtaken(1) as never, { seed: Number.NaN })).toThrow(TypeError);
	});
});

describe("cancellation by explore", () => {
	/** A worker that keeps its permit when it is cancelled; its program takes no notice. */
	const leaky = (fixed: boolean) =>
		function* () {
			const gate = new Semaphore(2);
			const worker = asyncFn(function* () {
				const permit = yield* gate.acquire();
				try {
					yield* yieldNow();
				} finally {
					if (fixed) permit.release();
				}
				permit.release();
			});
			yield* join([spawn(worker(), { name: "worker" }), spawn(worker())]);
		};

	it("finds a permit that a cancelled task takes with it", async () => {
		const error = await found(leaky(false));
		expect(error.kind).toBe("leak");
		expect(error.message).toMatch(
			inPage ? /was cancelled while it held a / : /was cancelled while it held a Semaphore/,
		);
		expect(error.steps.join("\n")).toMatch(/is cancelled by the exploration/);
		expect((await found(leaky(false), { seed: error.seed })).kind).toBe("leak");
	});

	it("finds a slot of a channel that a cancelled task takes with it", async () => {
		const program = (fixed: boolean) =>
			function* () {
				const [tx, rx] = mpsc.channel<number>(1);
				const worker = spawn(function* () {
					const permit = yield* tx.reserve();
					try {
						yield* yieldNow();
						permit.send(1);
					} finally {
						if (fixed) permit.release();
					}
				});
				yield* attempt(worker);
				rx.close();
				while ((yield* rx.recv()) !== undefined);
			};
		const error = await found(program(false));
		expect(error.kind).toBe("leak");
		expect(error.message).toMatch(/was cancelled while it held a channel/);
		await explore(program(true), { iterations: 300 });
	});

	it("does not count that the program fails of it", async () => {
		await explore(leaky(true), { iterations: 500 });
	});

	it("injects none if it is told so", async () => {
		await explore(leaky(false), { iterations: 500, cancel: false });
	});

	it("counts every other consequence if it is told so", async () => {
		const halfDone = function* () {
			let left = 1;
			let right = 1;
			const mover = spawn(function* () {
				left--;
				yield* yieldNow();
				right++;
			});
			yield* attempt(mover);
			if (left + right !== 2) throw new Error("half done");
		};
		await explore(halfDone, { iterations: 500 });
		const error = await found(halfDone, { cancel: true });
		expect(error.cause).toMatchObject({ message: "half done" });
		expect((await found(halfDone, { seed: error.seed })).cause).toMatchObject({ message: "half done" });
	});
});
