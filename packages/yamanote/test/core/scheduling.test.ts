import { describe, expect, it } from "vitest";
import {
	type Async,
	asyncFn,
	type Future,
	FuturesUnordered,
	Handle,
	type JoinHandle,
	join,
	lazy,
	mapConcurrent,
	Pending,
	type Poll,
	pending,
	pollFn,
	Runtime,
	race,
	ready,
	run,
	sleep,
	spawn,
	timeout,
	type Waker,
	withContext,
	yieldNow,
} from "yamanote";
import { paused } from "../support/clock.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

describe("rule 5: the run queue is FIFO", () => {
	it("polls tasks in the order in which they were spawned", async () => {
		const log: number[] = [];
		const tasks = Array.from({ length: 100 }, (_, i) => spawn(lazy(() => log.push(i))));
		for (const t of tasks) await t;
		expect(log).toEqual(Array.from({ length: 100 }, (_, i) => i));
	});

	it("polls tasks in the order in which they were woken", async () => {
		const doors = Array.from({ length: 8 }, () => gate());
		const log: number[] = [];
		const tasks = doors.map((door, i) =>
			spawn(function* () {
				yield* door;
				log.push(i);
			}),
		);
		await microtasks();
		const order = [3, 0, 7, 1, 6, 2, 5, 4];
		for (const i of order) doors[i]?.open();
		for (const t of tasks) await t;
		expect(log).toEqual(order);
	});

	it("gives each of the tasks that yield the same number of turns", async () => {
		const log: number[] = [];
		const body = (i: number) =>
			function* () {
				for (let k = 0; k < 5; k++) {
					log.push(i);
					yield* yieldNow();
				}
			};
		await run(join([0, 1, 2, 3].map((i) => spawn(body(i)))));
		expect(log).toEqual(Array.from({ length: 5 }, () => [0, 1, 2, 3]).flat());
	});

	it("puts a task that is woken again behind those that wait already", async () => {
		const log: string[] = [];
		const a = spawn(function* () {
			log.push("a1");
			yield* yieldNow();
			log.push("a2");
		});
		const b = spawn(lazy(() => log.push("b1")));
		const c = spawn(lazy(() => log.push("c1")));
		for (const t of [a, b, c]) await t;
		expect(log).toEqual(["a1", "b1", "c1", "a2"]);
	});

	it("puts a task that was spawned by a running one behind those that wait already", async () => {
		const log: string[] = [];
		const first = spawn(function* () {
			log.push("first");
			yield* spawn(lazy(() => log.push("child")));
		});
		const second = spawn(lazy(() => log.push("second")));
		await second;
		await first;
		expect(log).toEqual(["first", "second", "child"]);
	});
});

describe("rule 5: a wake outside a drain schedules one in a microtask", () => {
	it("runs a spawned task before the next turn of the host", async () => {
		const log: string[] = [];
		const turn = hostTurn().then(() => log.push("host turn"));
		const task = spawn(lazy(() => log.push("task")));
		log.push("spawned");
		await Promise.resolve();
		await Promise.resolve();
		expect(log).toEqual(["spawned", "task"]);
		await turn;
		await task;
	});

	it("runs a woken task in a microtask, not at once", async () => {
		const door = gate();
		const log: string[] = [];
		const task = spawn(function* () {
			yield* door;
			log.push("task");
		});
		await microtasks();
		door.open();
		log.push("opened");
		await task;
		expect(log).toEqual(["opened", "task"]);
	});
});

// Decision 9: small generations are drained together, up to 16 polls.
describe("rule 5: a drain runs a generation of the queue, 16 polls at least, then promise reactions interleave", () => {
	it("native async functions make progress between the turns of tasks that yield", async () => {
		const log: string[] = [];
		let stop = false;
		const yielding = spawn(function* () {
			while (!stop) {
				log.push("y");
				yield* yieldNow();
			}
		});
		const native = (async () => {
			for (let i = 0; i < 10; i++) {
				log.push("n");
				await undefined;
			}
			stop = true;
		})();
		await native;
		await yielding;
		const between = log.join("").split("n");
		expect(between.length - 1).toBe(10);
		// A drain's worth of yields stands between two steps of the native function at most, and both make progress.
		expect(Math.max(...between.map((ys) => ys.length))).toBe(16);
		expect(log.filter((x) => x === "y").length).toBeGreaterThanOrEqual(3);
	});

	it("a reaction that a task's poll causes runs when that drain has made its 16 polls", async () => {
		const log: string[] = [];
		const settled = Promise.resolve();
		const task = spawn(function* () {
			for (let i = 0; i < 33; i++) {
				log.push("poll");
				settled.then(() => log.push("reaction"));
				yield* yieldNow();
			}
		});
		await task;
		await microtasks();
		const drain = [...Array(16).fill("poll"), ...Array(16).fill("reaction")];
		expect(log).toEqual([...drain, ...drain, "poll", "reaction"]);
	});

	it("a generation of 16 tasks and more is a drain of its own", async () => {
		const log: string[] = [];
		let reaction: Promise<unknown> | undefined;
		const tasks = Array.from({ length: 20 }, (_, i) =>
			spawn(function* () {
				log.push("first");
				if (i === 0) reaction = Promise.resolve().then(() => log.push("reaction"));
				yield* yieldNow();
				log.push("second");
			}),
		);
		for (const t of tasks) await t;
		await reaction;
		expect(log).toEqual([...Array(20).fill("first"), "reaction", ...Array(20).fill("second")]);
	});

	it("does not break a generation for reactions: they wait until all of it was polled", async () => {
		const log: string[] = [];
		const tasks = [0, 1, 2].map((i) =>
			spawn(
				lazy(() => {
					log.push(`task ${i}`);
					void Promise.resolve().then(() => log.push(`reaction ${i}`));
				}),
			),
		);
		for (const t of tasks) await t;
		await microtasks();
		expect(log).toEqual(["task 0", "task 1", "task 2", "reaction 0", "reaction 1", "reaction 2"]);
	});
});

describe("rule 5: the coop budget", () => {
	/** How many steps a task makes in a row while another wants its turn. */
	async function inARow(step: () => Async<unknown>): Promise<number[]> {
		const runs: number[] = [];
		let steps = 0;
		const busy = spawn(function* () {
			for (let i = 0; i < 400; i++) {
				yield* step();
				steps++;
			}
		});
		const other = spawn(function* () {
			while (!busy.isFinished) {
				runs.push(steps);
				steps = 0;
				yield* yieldNow();
			}
		});
		await busy;
		await other;
		return runs.filter((n) => n > 0);
	}

	const done = spawn(ready(1));
	const steps: Record<string, () => unknown> = {
		"a ready future": () => ready(1),
		"a future that is computed": () => lazy(() => 1),
		"a future of your own": () => {
			const door = gate();
			door.open();
			return door;
		},
		"a future of your own that fails": function* () {
			const door = gate();
			door.fail(new Error("no"));
			try {
				yield* door;
			} catch {}
		},
		"a sleep that is over": () => sleep(0),
		"the handle of a task that has ended": () => done,
		"a future in an asyncFn call": asyncFn(function* () {
			yield* ready(1);
		}),
		"a future in a join": () => join([ready(1)]),
		"a future in a timeout": () => timeout(Infinity, ready(1)),
		"a future in a race": () => race([ready(1)]),
	};
	for (const [what, make] of Object.entries(steps)) {
		it(`is 128 ready waits a poll, for ${what}`, async () => {
			const runs = await inARow(make as () => Async<unknown>);
			expect(runs.slice(0, 3)).toEqual([128, 128, 128]);
		});
	}

	it("is spent by each member of a join", async () => {
		const runs = await inARow((() => join([ready(1), ready(2), ready(3), ready(4)])) as never);
		expect(runs.slice(0, 3)).toEqual([32, 32, 32]);
	});

	it("is renewed by a yield", async () => {
		let polls = 0;
		const before = Handle.current().metrics.polls;
		await run(function* () {
			for (let i = 0; i < 10; i++) {
				for (let k = 0; k < 100; k++) {
					yield* ready(1);
					polls++;
				}
				yield* yieldNow();
			}
		});
		expect(polls).toBe(1_000);
		expect(Handle.current().metrics.polls - before).toBe(11);
	});

	it("is new for each poll by hand, outside of any task", () => {
		const cx = { waker: { wake() {} } };
		const work = asyncFn(function* (waits: number) {
			for (let i = 0; i < waits; i++) yield* ready(i);
			return "done";
		});
		// Whatever was spent before: as many again.
		for (let i = 0; i < 5; i++) expect(work(100).poll(cx)).toBe("done");
		const long = join([work(200)]);
		expect(long.poll(cx)).toBe(Pending);
		expect(long.poll(cx)).toEqual(["done"]);
	});

	it("of one task does not take from another's", async () => {
		const runs: number[] = [];
		const body = function* () {
			for (let i = 0; i < 128; i++) yield* ready(1);
			runs.push(128);
		};
		const before = Handle.current().metrics.polls;
		const tasks = [spawn(body), spawn(body), spawn(body)];
		for (const t of tasks) await t;
		expect(Handle.current().metrics.polls - before).toBe(3);
	});

	it("what has used it up polls none of its other members in vain, and begins with them next time", async () => {
		const many = 3_000;
		let polls = 0;
		const seen: number[] = [];
		const counted = {
			run<R>(_: unknown, f: () => R): R {
				polls++;
				return f();
			},
		};
		const members = (): Future<number>[] =>
			Array.from({ length: many }, (_, i) =>
				withContext(
					counted,
					null,
					lazy(() => {
						seen.push(i);
						return i;
					}),
				),
			);
		const order = members().map((_, i) => i);
		const set = function* () {
			const all = new FuturesUnordered(members());
			for (let next = yield* all.next(); !next.done; next = yield* all.next());
		};
		for (const make of [
			() => join(members()) as Future<unknown>,
			() => mapConcurrent(members(), Infinity, (f) => f) as Future<unknown>,
			asyncFn(set),
		]) {
			polls = 0;
			seen.length = 0;
			await run(make());
			expect(seen).toEqual(order);
			// One in vain for each poll of the whole, which has 128.
			expect(polls).toBeLessThan(many + 2 * Math.ceil(many / 128));
		}
	});

	it("a timeout polls its timer although the budget is spent", async () => {
		await paused(async (clock) => {
			const busy = spawn(
				timeout(10, function* () {
					for (;;) yield* ready(1);
				}),
			);
			await microtasks();
			expect(busy.isFinished).toBe(false);
			await clock.advance(10);
			await expect(busy).rejects.toMatchObject({ code: "YAMANOTE_ELAPSED" });
		});
	});

	it("a branch that is always ready does not keep its neighbours from their turn", async () => {
		const log: string[] = [];
		await run(
			race([
				function* () {
					for (;;) yield* ready(1);
				},
				function* () {
					for (let i = 0; i < 3; i++) {
						yield* yieldNow();
						log.push("turn");
					}
				},
			]),
		);
		expect(log).toEqual(["turn", "turn", "turn"]);
	});
});

describe("re-entrancy", () => {
	it("a task may wake itself, others, and spawn inside its poll", async () => {
		const log: string[] = [];
		const door = gate();
		const waiting = spawn(function* () {
			yield* door;
			log.push("woken");
		});
		let polls = 0;
		await run(
			pollFn<string>((cx) => {
				if (log.includes("woken")) return "end";
				cx.waker.wake();
				door.open();
				if (polls++ === 0) spawn(lazy(() => log.push("spawned")));
				return Pending;
			}),
		);
		await waiting;
		expect(log.sort()).toEqual(["spawned", "woken"]);
	});

	it("a waker of the user's may wake, spawn and abort", async () => {
		const door = gate();
		const victim = spawn(pending());
		const log: string[] = [];
		door.poll({
			waker: {
				wake() {
					log.push("wake");
					spawn(lazy(() => log.push("spawned")));
					victim.abort();
				},
			},
		});
		door.open();
		expect(log).toEqual(["wake"]);
		await expect(victim).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED" });
		expect(log).toEqual(["wake", "spawned"]);
	});

	it("cleanup may spawn, wake, and abort other tasks", async () => {
		const log: string[] = [];
		const door = gate();
		const other = spawn(pending());
		const waiting = spawn(function* () {
			yield* door;
			log.push("woken by cleanup");
		});
		const task = spawn(function* () {
			try {
				yield* pending();
			} finally {
				spawn(lazy(() => log.push("spawned by cleanup")));
				door.open();
				other.abort();
			}
		});
		await microtasks();
		task.abort();
		await expect(task).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED" });
		await expect(other).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED" });
		await waiting;
		expect(log.sort()).toEqual(["spawned by cleanup", "woken by cleanup"]);
	});

	it("a task may abort the one that awaits it, and one that is queued", async () => {
		const log: string[] = [];
		const parent: JoinHandle<void> = spawn(function* () {
			const child = spawn(function* () {
				parent.abort();
				yield* yieldNow();
				log.push("child went on");
			});
			yield* child;
			log.push("parent went on");
		});
		const queued = spawn(lazy(() => log.push("queued ran")));
		queued.abort();
		await expect(parent).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED" });
		await expect(queued).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED" });
		await hostTurn();
		expect(log).toEqual(["child went on"]);
	});

	it("run and blockOn can be called inside a poll", async () => {
		const runtime = new Runtime();
		const [inner, other] = await run(function* () {
			const a = run(ready("inner"));
			const b = runtime.blockOn(ready("other"));
			return [yield* spawn(a), yield* spawn(b)];
		});
		expect([inner, other]).toEqual(["inner", "other"]);
		await runtime.shutdown();
	});

	it("a wake that comes from another runtime's poll is not lost", async () => {
		const runtime = new Runtime({ name: "other" });
		const door = gate<string>();
		const there = runtime.blockOn(function* () {
			return yield* door;
		});
		await microtasks();
		await run(lazy(() => door.open("across")));
		expect(await there).toBe("across");
		await runtime.shutdown();
	});

	it("a task that throws in its poll does not disturb the others of its generation", async () => {
		const log: string[] = [];
		const bad = spawn(
			lazy(() => {
				throw new Error("bad");
			}),
		);
		const good = spawn(lazy(() => log.push("good")));
		await good;
		await expect(bad).rejects.toThrow("bad");
		expect(log).toEqual(["good"]);
	});

	it("a wake in the poll in which a task ends causes no further poll", async () => {
		const { tasksAlive, polls } = Handle.current().metrics;
		const task = spawn(
			pollFn((cx) => {
				cx.waker.wake();
				return "ended";
			}),
		);
		expect(await task).toBe("ended");
		await hostTurn();
		expect(Handle.current().metrics.tasksAlive).toBe(tasksAlive);
		expect(Handle.current().metrics.polls - polls).toBeLessThanOrEqual(2);
	});

	it("wakers may be called from anywhere, also long after", async () => {
		const wakers: Waker[] = [];
		const task = spawn(
			pollFn<number>((cx) => {
				wakers.push(cx.waker);
				return (wakers.length < 3 ? Pending : wakers.length) as Poll<number>;
			}),
		);
		await microtasks();
		await hostTurn();
		for (const w of wakers) w.wake();
		await hostTurn();
		for (const w of [...wakers, ...wakers]) w.wake();
		expect(await task).toBe(3);
		for (const w of wakers) w.wake();
		await hostTurn();
		expect(wakers.length).toBe(3);
	});
});

describe("calls that have not waited yet", () => {
	const down = asyncFn(function* (depth: number): Async<number> {
		return depth === 0 ? 0 : 1 + (yield* down(depth - 1));
	});

	it("nest 100,000 deep without using the native stack up", async () => {
		expect(await run(down(100_000))).toBe(100_000);
	});

	it("bring a failure back up from any depth", async () => {
		const fails = asyncFn(function* (depth: number): Async<never> {
			if (depth === 0) throw new Error("at the bottom");
			return yield* fails(depth - 1);
		});
		await expect(run(fails(10_000))).rejects.toThrow("at the bottom");
		expect(await run(down(10))).toBe(10);
	});
});
