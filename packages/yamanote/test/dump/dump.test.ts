import { describe, expect, it } from "vitest";
import {
	type Async,
	acquire,
	asyncFn,
	attempt,
	byRef,
	each,
	Future,
	fromPromise,
	JoinSet,
	join,
	joinSettled,
	openScope,
	Pending,
	type Poll,
	pending,
	pollFn,
	Runtime,
	scope,
	select,
	shared,
	sleep,
	spawn,
	type TaskFailure,
	TaskTracker,
	timeout,
	withLimits,
	yieldNow,
} from "yamanote";
import { type DumpBranch, type DumpFrame, type DumpTask, dump, named, trackTasks } from "yamanote/diagnostics";
import { Mutex, mpsc, Notify } from "yamanote/sync";
import { paused } from "yamanote/testing";
import { hostTurn } from "../support/host.ts";

/** The line of this call, by the engine's own stack. */
function here(offset = 0): string {
	const [, , line = ""] = (new Error().stack ?? "").split("\n");
	const match = /([^/\\(]+):(\d+):\d+\)?$/.exec(line);
	return `${match?.[1]}:${Number(match?.[2]) + offset}`;
}

const placeOf = (frame: DumpFrame | undefined): string => `${frame?.file.replace(/^.*[/\\]/, "")}:${frame?.line}`;
/** In a page the library lies in chunks of the bundle, whose frames cannot be told from the user's. */
const isOfTests = ({ file }: DumpFrame): boolean => !/[/\\]chunk-\w+\.mjs$/.test(file);
const placesOf = (branch: DumpBranch | undefined): string[] => (branch?.stack ?? []).map(placeOf);

function taskNamed(name: string): DumpTask {
	const task = dump().tasks.find((t) => t.name === name);
	if (task === undefined) throw new Error(`no task "${name}" in the dump`);
	return task;
}

/** Runs a task until it waits, and gives its entry in a dump. */
function* suspended(body: () => object) {
	const handle = spawn(body as never, { name: "subject" });
	for (let i = 0; i < 5; i++) yield* yieldNow();
	const task = taskNamed("subject");
	handle.abort();
	yield* attempt(handle as never);
	return task;
}

describe("a task that is dumped", () => {
	/** Sleeps, is dumped while `Error` is in some state, and gives what it wakes up with. */
	const survives = (change: () => () => void) =>
		paused(function* () {
			const sleeper = spawn(
				function* () {
					try {
						yield* sleep(10);
						return "rested";
					} catch (error) {
						return error;
					}
				},
				{ name: "sleeper" },
			);
			yield* sleep(1);
			const restore = change();
			let what: string | undefined;
			try {
				what = taskNamed("sleeper").waits?.what;
			} finally {
				restore();
			}
			expect(what).toMatch(/^a sleep/);
			expect(placesOf(taskNamed("sleeper")).length).toBe(1);
			expect(yield* sleeper).toBe("rested");
		});

	// Bun calls it once more for errors of the test's own, when it is long gone.
	it.skipIf("Bun" in globalThis)(
		"is thrown nothing, whatever somebody's prepareStackTrace does",
		survives(() => {
			const E = Error as { prepareStackTrace?: unknown };
			const before = Object.getOwnPropertyDescriptor(E, "prepareStackTrace");
			E.prepareStackTrace = () => {
				throw new RangeError("no stacks");
			};
			return () => {
				if (before === undefined) delete E.prepareStackTrace;
				else Object.defineProperty(E, "prepareStackTrace", before);
			};
		}),
	);

	it(
		"is thrown nothing where Error is frozen",
		survives(() => {
			const before = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit") as PropertyDescriptor;
			Object.defineProperty(Error, "stackTraceLimit", { value: 10, writable: false, configurable: true });
			return () => void Object.defineProperty(Error, "stackTraceLimit", before);
		}),
	);

	it(
		"is told right though an iterator made by hand asks for a dump while it is traced",
		paused(function* () {
			let other = spawn(pending());
			other.abort();
			yield* attempt(other);
			const own = yieldNow()[Symbol.iterator]();
			let asked = 0;
			const byHand = {
				next(...args: [unknown]) {
					if (asked++ > 0) expect(taskNamed("other").waits?.what).toMatch(/^nothing/);
					return asked === 1
						? pending()
								[Symbol.iterator]()
								.next(...args)
						: own.next(...args);
				},
				[Symbol.iterator]() {
					return byHand;
				},
			};
			let line = "";
			const task = yield* suspended(function* () {
				// Younger, so it is traced after the one that asks.
				other = spawn(pending(), { name: "other" });
				line = here(1);
				yield* byHand as unknown as Future<void>;
			});
			expect(asked).toBe(2);
			expect(task.waits?.what).toBe("its turn");
			expect(placesOf(task).at(-1)).toBe(line);
			other.abort();
			yield* attempt(other);
		}),
	);

	it(
		"may wait for a future that has methods of the names which ours have, for something else",
		paused(function* () {
			class Odd extends Future<void> {
				poll(): typeof Pending {
					return Pending;
				}
				waitsFor(): never {
					throw new Error("not for you");
				}
				branches(): string[] {
					return ["left", "right"];
				}
			}
			Object.defineProperty(Odd.prototype, "constructor", {
				get() {
					throw new Error("nor this");
				},
			});
			let line = "";
			const task = yield* suspended(function* () {
				line = here(1);
				yield* new Odd();
			});
			expect(placesOf(task)).toEqual([line]);
			expect(task.waits?.what).toBe("a future");
			expect(task.branches).toEqual([]);
		}),
	);
});

describe("the place of a suspended task", () => {
	it(
		"is told of a bare generator",
		paused(function* () {
			let line = "";
			const task = yield* suspended(function* () {
				line = here(1);
				yield* sleep(1_000);
			});
			expect(placesOf(task)).toEqual([line]);
			expect(task.state).toBe("waiting");
			expect(task.waits?.what).toMatch(/sleep with \d+ ms left/);
		}),
	);

	it(
		"is told through generators that delegate to each other",
		paused(function* () {
			const lines: string[] = [];
			function* inner() {
				lines.unshift(here(1));
				yield* sleep(1_000);
			}
			function* outer() {
				lines.unshift(here(1));
				yield* inner();
			}
			const task = yield* suspended(outer);
			expect(placesOf(task)).toEqual(lines);
			expect(task.stack.map((frame) => frame.name)).toEqual(["inner", "outer"]);
		}),
	);

	it(
		"is told through calls of asyncFn and generators between them",
		paused(function* () {
			const lines: string[] = [];
			const first = asyncFn(function* innerCall() {
				lines.unshift(here(1));
				yield* sleep(1_000);
			});
			function* between() {
				lines.unshift(here(1));
				yield* first();
			}
			const second = asyncFn(function* outerCall() {
				lines.unshift(here(1));
				yield* between();
			});
			const task = yield* suspended(function* body() {
				lines.unshift(here(1));
				yield* second();
			});
			expect(placesOf(task)).toEqual(lines);
			expect(task.stack.map((frame) => frame.name).slice(0, 3)).toEqual(["innerCall", "between", "outerCall"]);
		}),
	);

	it(
		"is told after it was resumed in the middle of deep calls",
		paused(function* () {
			let second = "";
			const deep = asyncFn(function* (depth: number): Async<void> {
				if (depth > 0) return yield* deep(depth - 1);
				yield* yieldNow();
				second = here(1);
				yield* sleep(1_000);
			});
			const task = yield* suspended(() => deep(10));
			expect(placesOf(task)[0]).toBe(second);
			expect(task.stack.length).toBe(11);
		}),
	);

	it(
		"is told of a task that is nothing but a future",
		paused(function* () {
			const task = yield* suspended(() => pending());
			expect(task.stack).toEqual([]);
			expect(task.waits?.what).toMatch(/never ready/);
		}),
	);

	it(
		"is told of a shared future that it waits for, with what that waits for",
		paused(function* () {
			let line = "";
			const both = shared(sleep(20));
			const task = yield* suspended(function* () {
				line = here(1);
				yield* both;
			});
			expect(placesOf(task)).toEqual([line]);
			expect(task.branches[0]?.waits?.what).toMatch(/sleep with 20 ms left/);
			both[Symbol.dispose]();
		}),
	);

	it(
		"is told of what it waits for within withLimits",
		paused(function* () {
			let line = "";
			const task = yield* suspended(function* () {
				yield* withLimits({ cleanupTimeout: 5 }, function* () {
					line = here(1);
					yield* sleep(20);
				});
			});
			expect(task.branches[0]?.waits?.what).toMatch(/sleep with 20 ms left/);
			expect(placesOf(task.branches[0])).toEqual([line]);
		}),
	);

	it(
		"is told of each branch of a join, with what it waits for",
		paused(function* () {
			const lines: Record<string, string> = {};
			const task = yield* suspended(function* () {
				lines["join"] = here(1);
				yield* join([
					function* () {
						lines["a"] = here(1);
						yield* sleep(1_000);
					},
					pending(),
				]);
			});
			expect(placesOf(task)).toEqual([lines["join"]]);
			expect(task.branches.map((b) => b.label)).toEqual(["0", "1"]);
			expect(placesOf(task.branches[0])).toEqual([lines["a"]]);
			expect(task.branches[0]?.waits?.what).toMatch(/sleep/);
			expect(task.branches[1]?.waits?.what).toMatch(/never/);
		}),
	);

	it(
		"is told of the branches of a select inside a timeout",
		paused(function* () {
			let line = "";
			const task = yield* suspended(() =>
				timeout(
					5_000,
					select({
						slow: function* () {
							line = here(1);
							yield* sleep(10_000);
						},
						never: pending(),
					}),
				),
			);
			expect(task.waits?.what).toMatch(/timeout with \d+ ms left/);
			const [inner] = task.branches;
			expect(inner?.branches.length).toBe(2);
			expect(placesOf(inner?.branches[0])).toEqual([line]);
		}),
	);

	it(
		"is told of the body of a scope, and of its children as tasks of their own",
		paused(function* () {
			const lines: Record<string, string> = {};
			const handle = spawn(
				scope(function* ({ spawn: start }) {
					start(
						function* () {
							lines["child"] = here(1);
							yield* sleep(1_000);
						},
						{ name: "child" },
					);
					lines["body"] = here(1);
					yield* sleep(2_000);
				}),
				{ name: "subject" },
			);
			for (let i = 0; i < 3; i++) yield* yieldNow();
			expect(placesOf(taskNamed("subject").branches[0])).toEqual([lines["body"]]);
			expect(placesOf(taskNamed("child"))).toEqual([lines["child"]]);
			handle.abort();
			yield* attempt(handle);
		}),
	);

	it(
		"is told of what a native async function awaits",
		paused(async () => {
			let line = "";
			const napping = asyncFn(function* nativeNap() {
				line = here(1);
				yield* sleep(50);
			});
			const caller = async (): Promise<void> => {
				await napping();
			};
			const waiting = caller();
			await yieldNow();
			await yieldNow();
			const inner = dump().tasks.find((task) => task.stack[0]?.name === "nativeNap");
			expect(placesOf(inner)).toEqual([line]);
			await waiting;
		}),
	);
});

describe("the place of a task that is no plain case", () => {
	it(
		"is that of the call while it runs, with callers that are suspended",
		paused(function* () {
			const lines: string[] = [];
			let self: DumpTask | undefined;
			const look = (): void => {
				lines.unshift(here(1));
				self = dump().tasks.find((task) => task.state === "running");
			};
			const resumed = asyncFn(function* () {
				yield* yieldNow();
				lines.unshift(here(1));
				look();
			});
			const caller = asyncFn(function* () {
				lines.unshift(here(1));
				yield* resumed();
			});
			yield* spawn(
				function* () {
					lines.unshift(here(1));
					yield* caller();
				},
				{ name: "subject" },
			);
			expect(self?.name).toBe("subject");
			expect((self?.stack ?? []).filter(isOfTests).map(placeOf).slice(0, 4)).toEqual(lines);
		}),
	);

	it(
		"is that of the call in an async function that runs",
		paused(async ({ run }) => {
			let line = "";
			let self: DumpTask | undefined;
			const task = spawn(
				async () => {
					line = here(1);
					self = dump().tasks.find((t) => t.state === "running");
				},
				{ name: "subject" },
			);
			await run(task);
			expect(self?.name).toBe("subject");
			expect((self?.stack ?? []).filter(isOfTests).map(placeOf)[0]).toBe(line);
		}),
	);

	it(
		"is the cleanup of the innermost call, and then that of its callers",
		paused(function* () {
			const lines: string[] = [];
			const inner = asyncFn(function* () {
				try {
					yield* pending();
				} finally {
					lines.unshift(here(1));
					yield* sleep(10);
				}
			});
			const handle = spawn(
				function* () {
					lines.unshift(here(1));
					yield* inner();
				},
				{ name: "subject" },
			);
			yield* yieldNow();
			handle.abort();
			yield* yieldNow();
			yield* yieldNow();
			expect(placesOf(taskNamed("subject"))).toEqual(lines);
			yield* attempt(handle);
		}),
	);

	it(
		"is told of a future that is lent, in the branch that has it",
		paused(function* () {
			let line = "";
			const lent = asyncFn(function* () {
				line = here(1);
				yield* sleep(1_000);
			})();
			const task = yield* suspended(function* () {
				for (;;) yield* select({ lent: byRef(lent), tick: sleep(5) });
			});
			const [branch] = task.branches;
			expect(branch?.waits?.what).toBe("a future that is lent to it");
			expect(placesOf(branch?.branches[0])).toEqual([line]);
			lent[Symbol.dispose]();
		}),
	);

	it(
		"is told through an iterator made by hand",
		paused(function* () {
			const lines: string[] = [];
			let after = "";
			const task = yield* suspended(function* () {
				const inner = sleep(1_000)[Symbol.iterator]();
				const byHand = {
					[Symbol.iterator]: () => ({
						next() {
							if (lines.length === 0) lines.push(here(1));
							const result = inner.next();
							return result;
						},
					}),
				};
				after = here(1);
				yield* byHand;
			});
			// Bun's stacks leave a method out that is called by `yield*` itself.
			expect(placesOf(task)).toEqual("Bun" in globalThis ? [after] : [...lines, after]);
		}),
	);

	it(
		"ends at a pollFn, which hides the futures that it polls",
		paused(function* () {
			let line = "";
			const hidden = asyncFn(function* () {
				yield* sleep(1_000);
			})();
			const task = yield* suspended(function* () {
				line = here(1);
				yield* pollFn((cx) => hidden.poll(cx));
			});
			expect(placesOf(task)).toEqual([line]);
			expect(task.waits?.what).toBe("a pollFn");
			hidden[Symbol.dispose]();
		}),
	);

	it(
		"is unknown for a native async function, but what it runs is a task that was spawned at its line",
		paused(async () => {
			using _tracking = trackTasks();
			let line = "";
			const handle = spawn(
				async ({ run }) => {
					line = here(1);
					await run(sleep(1_000));
				},
				{ name: "subject" },
			);
			await yieldNow();
			await yieldNow();
			const { stack, waits } = taskNamed("subject");
			expect([stack, waits?.what]).toEqual([[], "a promise, in an async function"]);
			const places = dump().tasks.map((task) => placeOf(task.spawnedAt.find(isOfTests)));
			expect(places).toContain(line);
			handle.abort();
			await attempt(handle);
		}),
	);

	it(
		"is that of the innermost frames where calls go very deep",
		paused(function* () {
			function* deep(n: number): Async<void> {
				if (n > 0) yield* deep(n - 1);
				else yield* sleep(1_000);
			}
			const task = yield* suspended(() => deep(1_000));
			expect(task.stack.length).toBeGreaterThan(10);
			expect(new Set(task.stack.map(({ name }) => name.replace(/^.*\./, "").replace(/\d+$/, "")))).toEqual(
				new Set(["deep"]),
			);
		}),
	);
});

describe("dump", () => {
	it(
		"runs no line of the traced code, and loses no wake-up",
		paused(function* () {
			const log: string[] = [];
			const gate = new Mutex(undefined);
			const guard = yield* gate.lock();
			const loan = byRef(sleep(20));
			const task = spawn(function* () {
				yield* acquire({
					async [Symbol.asyncDispose]() {
						await Promise.resolve();
						log.push("released");
					},
				});
				log.push("begun");
				yield* join([gate.lock(), sleep(10), timeout(30, loan)]);
				log.push("gone on");
			});
			for (let i = 0; i < 10; i++) {
				dump();
				yield* yieldNow();
			}
			expect(log).toEqual(["begun"]);
			guard.release();
			for (let i = 0; i < 5; i++) {
				dump();
				yield* sleep(5);
			}
			dump();
			yield* task;
			expect(log).toEqual(["begun", "gone on", "released"]);
		}),
	);

	it(
		"does not begin what has not begun",
		paused(function* () {
			let begun = false;
			function* body() {
				begun = true;
				yield* sleep(1);
			}
			const bare = spawn(body(), { name: "bare" });
			const lazy = spawn(body, { name: "lazy" });
			expect(taskNamed("bare")).toMatchObject({ state: "ready", polls: 0, stack: [] });
			expect(taskNamed("lazy")).toMatchObject({ state: "ready", polls: 0 });
			expect(begun).toBe(false);
			yield* join([bare, lazy]);
			expect(begun).toBe(true);
		}),
	);

	it(
		"is told of the items that are in hand, and of the wait for the next",
		paused(function* () {
			const [tx, rx] = mpsc.channel<number>(4);
			for (const n of [1, 2]) tx.trySend(n);
			const task = spawn(
				each(rx, () => sleep(5), { concurrency: 3 }),
				{ name: "subject" },
			);
			yield* yieldNow();
			const { waits, branches } = taskNamed("subject");
			expect(waits?.what).toBe("2 items in hand, and the next");
			expect(branches.map((branch) => [branch.label, branch.waits?.what])).toEqual([
				["0", expect.stringMatching(/sleep/)],
				["1", expect.stringMatching(/sleep/)],
				["next item", "a message"],
			]);
			yield* sleep(10);
			expect(taskNamed("subject").waits?.what).toBe("the next item");
			tx.close();
			yield* task;
		}),
	);

	it(
		"knows a future of ours whose class a bundler has numbered",
		paused(function* () {
			class Recv2 extends Future<never> {
				poll(): Poll<never> {
					return Pending;
				}
			}
			spawn(() => new Recv2(), { name: "subject" });
			yield* yieldNow();
			expect(taskNamed("subject").waits?.what).toBe("a message");
		}),
	);

	it(
		"does not begin the branches that wait for a place",
		paused(function* () {
			const begun: number[] = [];
			function* body(n: number) {
				begun.push(n);
				yield* sleep(5);
			}
			const task = spawn(join([body(0), body(1), body(2)], { concurrency: 1 }));
			yield* yieldNow();
			dump();
			expect(begun).toEqual([0]);
			yield* task;
			expect(begun).toEqual([0, 1, 2]);
		}),
	);

	it(
		"says that the task which asks for it is running",
		paused(function* () {
			yield* yieldNow();
			const self = dump().tasks.find((task) => task.state === "running");
			expect(self?.name).toBe("test");
		}),
	);

	it(
		"says that a cancelled task is busy with its cleanup, and where",
		paused(function* () {
			let line = "";
			const handle = spawn(
				function* () {
					try {
						yield* pending();
					} finally {
						line = here(1);
						yield* sleep(10);
					}
				},
				{ name: "subject" },
			);
			yield* yieldNow();
			handle.abort();
			yield* yieldNow();
			yield* yieldNow();
			const task = taskNamed("subject");
			expect(task.state).toBe("cancelling");
			expect(placesOf(task)).toEqual([line]);
			yield* attempt(handle);
		}),
	);

	it(
		"counts polls",
		paused(function* () {
			const handle = spawn(
				function* () {
					for (let i = 0; i < 3; i++) yield* yieldNow();
					yield* sleep(10);
				},
				{ name: "subject" },
			);
			for (let i = 0; i < 8; i++) yield* yieldNow();
			expect(taskNamed("subject").polls).toBe(4);
			yield* handle;
		}),
	);

	it(
		"names a task that is waited for, and the waits of JoinSet",
		paused(function* () {
			const inner = spawn(sleep(10), { name: "inner" });
			const outer = spawn(inner, { name: "outer" });
			const set = new JoinSet<void>();
			set.spawn(sleep(10));
			const joiner = spawn(set.joinNext(), { name: "joiner" });
			const both = new JoinSet<void>();
			for (let i = 0; i < 2; i++) both.spawn(sleep(10));
			const all = spawn(both.joinAll(), { name: "all" });
			yield* yieldNow();
			yield* yieldNow();
			expect(taskNamed("outer").waits?.what).toMatch(/^task "inner" \(#\d+\)$/);
			expect(taskNamed("joiner").waits?.what).toMatch(/next of 1 tasks of a JoinSet/);
			expect(taskNamed("all").waits?.what).toMatch(/next of 2 tasks of a JoinSet/);
			yield* join([outer, joiner, all]);
		}),
	);

	it(
		"names what tasks of a limited set, a scope, an open scope and who waits for a TaskTracker wait for",
		paused(function* () {
			const set = new JoinSet<void>({ concurrency: 1 });
			set.spawn(sleep(10));
			set.spawn(sleep(10), { name: "second" });
			const tracker = new TaskTracker();
			const tracked = tracker.spawn(sleep(10));
			const waits = spawn(tracker.wait(), { name: "waits" });
			const ends = spawn(
				scope(function* (s) {
					s.spawn(sleep(10));
				}),
				{ name: "ends" },
			);
			const opened = openScope({ name: "opened" });
			for (let i = 0; i < 3; i++) yield* yieldNow();
			expect(taskNamed("second").waits?.what).toBe("a place among the 1 that run at once");
			expect(taskNamed("waits").waits?.what).toBe("1 tasks of a TaskTracker, which is open");
			expect(taskNamed("ends").waits?.what).toBe("1 children of a scope");
			expect(JSON.stringify(dump().tasks)).toContain("the end of the block that opened the scope");
			tracker.close();
			expect(taskNamed("waits").waits?.what).toBe("1 tasks of a TaskTracker");
			yield* join([waits, ends, set.joinAll(), tracked]);
			yield* fromPromise(opened.join());
		}),
	);

	it(
		"names holders, ages and places of spawns while tasks are tracked",
		paused(function* () {
			using _tracking = trackTasks();
			const mutex = new Mutex(undefined);
			const line = here(1);
			const holder = spawn(
				function* () {
					using _guard = yield* mutex.lock();
					yield* sleep(10);
				},
				{ name: "holder" },
			);
			yield* yieldNow();
			const waiter = spawn(
				function* () {
					using _guard = yield* mutex.lock();
				},
				{ name: "waiter" },
			);
			yield* yieldNow();
			yield* yieldNow();
			const { waits, age } = taskNamed("waiter");
			expect(waits?.what).toBe("a Mutex");
			expect(waits?.holders).toEqual([expect.stringMatching(/"holder"/)]);
			expect(age).toBeGreaterThanOrEqual(0);
			expect(placeOf(taskNamed("holder").spawnedAt.find(isOfTests))).toBe(line);
			yield* join([holder, waiter]);
		}),
	);

	it.skipIf(!("process" in globalThis))("says where a task was spawned in the report of its failure", async () => {
		const told: TaskFailure[] = [];
		const runtime = new Runtime({ onUnhandled: (failure) => void told.push(failure) });
		{
			using _tracking = trackTasks();
			const failing = async (): Promise<never> => Promise.reject(new Error("lost"));
			const at = here(1);
			runtime.spawn(failing, { name: "lost" }).detach();
			await hostTurn();
			await runtime.shutdown();
			expect(told.map(({ task }) => task.slice(0, 6))).toEqual(['"lost"']);
			expect(told[0]?.spawnedAt?.replace(/^at .*[/\\]/, "")).toMatch(new RegExp(`^${at}:\\d+\\)?$`));
		}
	});

	it(
		"shows the names that locks and channels were given, the last one of several",
		paused(function* () {
			using _tracking = trackTasks();
			const mutex = named(new Mutex(undefined), "accounts");
			const notify = named(named(new Notify(), "before"), "arrivals");
			const [tx, rx] = named(mpsc.channel<number>(1), "jobs");
			yield* tx.send(1);
			using _guard = yield* mutex.lock();
			const handles = [
				spawn(mutex.lock(), { name: "locks" }),
				spawn(notify.notified(), { name: "listens" }),
				spawn(tx.send(2), { name: "sends" }),
			];
			yield* yieldNow();
			yield* yieldNow();
			expect(taskNamed("locks").waits?.what).toBe('a Mutex "accounts"');
			expect(taskNamed("listens").waits?.what).toBe('a Notify "arrivals"');
			expect(taskNamed("sends").waits?.what).toBe('room in a channel "jobs"');
			for (const handle of handles) handle.abort();
			yield* joinSettled(handles);
			tx.close();
			rx.close();
		}),
	);

	it(
		"is data for JSON, and text for people",
		paused(function* () {
			const handle = spawn(join([sleep(10), sleep(20)]), { name: "subject" });
			yield* yieldNow();
			yield* yieldNow();
			const taken = dump();
			const copy = JSON.parse(JSON.stringify(taken));
			expect(copy.tasks.length).toBe(taken.tasks.length);
			expect(copy.runtimes.map((r: { name: string }) => r.name)).toContain("test");
			const text = String(taken);
			expect(text).toMatch(/runtime "test": 2 tasks/);
			expect(text).toMatch(/task "subject" \(#\d+\) waiting, 1 poll\n {2}waits for /);
			expect(text).toMatch(/branch 1:\n\s+waits for a sleep with 20 ms left/);
			yield* handle;
		}),
	);

	it(
		"describes as many tasks as it is told to, and counts the others",
		paused(function* () {
			const handles = Array.from({ length: 5 }, () => spawn(sleep(1)));
			const taken = dump({ maxTasks: 2 });
			expect(taken.tasks.length).toBe(2);
			expect(taken.omitted).toBeGreaterThanOrEqual(4);
			expect(String(taken)).toMatch(/more tasks/);
			expect(dump({ maxMs: 0, maxTasks: 1 }).tasks.length).toBeLessThanOrEqual(1);
			yield* join(handles);
		}),
	);

	it(
		"has the oldest task first, and each runtime with its own",
		paused(function* () {
			const a = spawn(sleep(1), { name: "a" });
			const b = spawn(sleep(1), { name: "b" });
			const names = dump().tasks.map((task) => task.name);
			expect(names.indexOf("a")).toBeLessThan(names.indexOf("b"));
			expect(taskNamed("a").runtime).toBe("test");
			yield* join([a, b]);
		}),
	);

	it("is right about each of 10,000 tasks", { timeout: 60_000 }, async () => {
		await paused(function* () {
			let line = "";
			const work = asyncFn(function* work() {
				line = here(1);
				yield* sleep(1_000);
			});
			yield* scope(function* ({ spawn: start, abortAll }) {
				function* child() {
					yield* work();
				}
				for (let i = 0; i < 10_000; i++) start(child);
				yield* yieldNow();
				yield* yieldNow();
				const { tasks } = dump({ maxMs: 60_000 });
				expect(tasks.filter((task) => placeOf(task.stack[0]) === line).length).toBe(10_000);
				abortAll();
			});
		})();
	});
});
