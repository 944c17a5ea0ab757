// The small primitives against models written without a thought for speed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pending, pending, pollFn } from "yamanote";
import {
	Barrier,
	type BarrierWaitResult,
	CancellationToken,
	LockHeldError,
	Mutex,
	type MutexGuard,
	OnceCell,
	oneshot,
	RecvError,
	SendError,
	SetError,
	SyncMutex,
	type SyncMutexGuard,
	TryLockError,
	TryRecvError,
} from "yamanote/sync";
import { type Mock, mock, same, thrown } from "./support.ts";

/** Programs of so many operations at most, each with a number that says which of several it is about. */
const programs = <Op extends string>(words: readonly Op[], maxLength = 60) =>
	fc.array(fc.record({ op: fc.constantFrom(...words), n: fc.nat(15) }), { maxLength, size: "max" });

const check = (property: fc.IProperty<unknown>): void =>
	void fc.assert(property as never, { numRuns: 1_500, seed: 20 });

describe("Mutex against a naive model", () => {
	it("does the same, whatever is asked of it", () => {
		check(
			fc.property(
				programs(["lock", "lock", "poll", "poll", "poll", "drop", "release", "release", "try"]),
				(program) => {
					const mutex = new Mutex("");
					interface Request {
						readonly mock: Mock<MutexGuard<string>>;
						state: "new" | "waiting" | "granted";
					}
					let requests: Request[] = [];
					let queue: Request[] = [];
					// Somebody holds it, or it is promised to one who waited.
					let held: MutexGuard<string> | null = null;
					let promised: Request | null = null;
					const free = (): void => {
						promised = queue.shift() ?? null;
						if (promised !== null) promised.state = "granted";
					};
					for (const { op, n } of program) {
						const r = requests[n % Math.max(1, requests.length)];
						if (op === "lock") requests.push({ mock: mock(mutex.lock()), state: "new" });
						else if (op === "poll" && r !== undefined) {
							const granted: boolean =
								r.state === "granted" || (r.state === "new" && held === null && promised === null);
							const outcome = r.mock.poll();
							same(outcome !== Pending, granted);
							if (outcome !== Pending) {
								held = outcome;
								promised = null;
								requests = requests.filter((x) => x !== r);
							} else if (r.state === "new") {
								r.state = "waiting";
								queue.push(r);
							}
						} else if (op === "drop" && r !== undefined) {
							r.mock.drop();
							requests = requests.filter((x) => x !== r);
							queue = queue.filter((x) => x !== r);
							if (r === promised) free();
						} else if (op === "release" && held !== null) {
							held.value += "x";
							held.release();
							held.release();
							held = null;
							free();
						} else if (op === "try") {
							if (held === null && promised === null) held = mutex.tryLock();
							else expect(() => mutex.tryLock()).toThrow(TryLockError);
						}
						same(mutex.isLocked, held !== null || promised !== null);
						for (const x of requests) same(x.mock.isWoken, x.state === "granted");
					}
				},
			),
		);
	});
});

describe("SyncMutex against a naive model", () => {
	it("does the same, whatever is asked of it", () => {
		check(
			fc.property(programs(["lock", "try", "release", "release", "with"]), (program) => {
				const mutex = new SyncMutex(0);
				let held: SyncMutexGuard<number> | null = null;
				let value = 0;
				for (const { op, n } of program) {
					if (op === "release") {
						held?.release();
						held = null;
					} else if (op === "with") {
						const use = (): unknown =>
							mutex.withLock((guard) => {
								guard.value = n;
							});
						if (held !== null) expect(use).toThrow(LockHeldError);
						else {
							use();
							value = n;
						}
					} else if (held !== null) {
						expect(() => (op === "lock" ? mutex.lock() : mutex.tryLock())).toThrow();
					} else {
						held = op === "lock" ? mutex.lock() : mutex.tryLock();
						same(held.value, value);
						held.value = value = n;
					}
					same(mutex.isLocked, held !== null);
				}
				held?.release();
			}),
		);
	});
});

describe("Barrier against a naive model", () => {
	it("does the same, whatever is asked of it", () => {
		const program = programs(["wait", "wait", "poll", "poll", "drop"]);
		check(
			fc.property(fc.nat(4), program, (size, steps) => {
				const barrier = new Barrier(size);
				interface Arrival {
					readonly mock: Mock<BarrierWaitResult>;
					/** How many had come when it came; 0 before. */
					place: number;
				}
				let arrivals: Arrival[] = [];
				let come = 0;
				const each = Math.max(1, size);
				for (const { op, n } of steps) {
					const a = arrivals[n % Math.max(1, arrivals.length)];
					if (op === "wait") arrivals.push({ mock: mock(barrier.wait()), place: 0 });
					else if (op === "poll" && a !== undefined) {
						const first = a.place === 0;
						if (first) a.place = ++come;
						const open = Math.floor(come / each) * each >= a.place;
						const outcome = a.mock.poll();
						same(outcome !== Pending, open);
						if (outcome === Pending) continue;
						// The one who completes a round leads it.
						same(outcome.isLeader, first && a.place % each === 0);
						arrivals = arrivals.filter((x) => x !== a);
					} else if (op === "drop" && a !== undefined) {
						a.mock.drop();
						arrivals = arrivals.filter((x) => x !== a);
					}
					const through = Math.floor(come / each) * each;
					for (const x of arrivals) same(x.mock.isWoken, x.place > 0 && x.place <= through);
				}
			}),
		);
	});
});

describe("OnceCell against a naive model", () => {
	it("does the same, whatever is asked of it", () => {
		const words = ["want", "want", "poll", "poll", "poll", "done", "fail", "drop", "set", "take"] as const;
		check(
			fc.property(programs(words, 80), (program) => {
				const cell = new OnceCell<number>();
				interface Want {
					readonly mock: Mock<number>;
					readonly work: { outcome: "none" | "done" | "failed"; wake(): void };
					state: "new" | "waits" | "next" | "makes" | "told";
				}
				let wants: Want[] = [];
				let queue: Want[] = [];
				/** Who makes the value, or is the next to. */
				let turn: Want | null = null;
				let value: number | undefined;
				let numbers = 0;
				const want = (): Want => {
					const work: Want["work"] = { outcome: "none", wake() {} };
					const body = pollFn<number, RangeError>((cx) => {
						work.wake = () => cx.waker.wake();
						if (work.outcome === "failed") throw new RangeError("not made");
						return work.outcome === "done" ? ++numbers : Pending;
					});
					return { mock: mock(cell.getOrInit(body)), work, state: "new" };
				};
				const pass = (): void => {
					turn = queue.shift() ?? null;
					if (turn !== null) turn.state = "next";
				};
				const found = (): void => {
					turn = null;
					for (const w of queue) w.state = "told";
					queue = [];
				};
				const leave = (w: Want): void => {
					wants = wants.filter((x) => x !== w);
				};
				for (const { op, n } of program) {
					const w = wants[n % Math.max(1, wants.length)];
					if (op === "want") wants.push(want());
					else if (op === "poll" && w !== undefined) {
						const mine: boolean = w === turn;
						if (value !== undefined && !mine) {
							same(w.mock.ready(), value);
							leave(w);
						} else if (w.state === "makes" && w.work.outcome === "failed") {
							w.mock.fails(RangeError);
							leave(w);
							pass();
						} else if (w.state === "makes" && w.work.outcome === "done") {
							value = w.mock.ready();
							same(value, numbers);
							leave(w);
							found();
						} else {
							same(w.mock.poll(), Pending);
							if (w.state === "next") w.state = "makes";
							else if (w.state === "new" || w.state === "told") {
								if (turn === null) {
									turn = w;
									w.state = "makes";
								} else {
									queue.push(w);
									w.state = "waits";
								}
							}
						}
					} else if ((op === "done" || op === "fail") && turn?.state === "makes" && turn.work.outcome === "none") {
						turn.work.outcome = op === "done" ? "done" : "failed";
						turn.work.wake();
					} else if (op === "drop" && w !== undefined) {
						w.mock.drop();
						leave(w);
						queue = queue.filter((x) => x !== w);
						if (w === turn) pass();
					} else if (op === "set") {
						if (value !== undefined) same(thrown(SetError, () => cell.set(-1)).kind, "initialized");
						else if (turn !== null) same(thrown(SetError, () => cell.set(-1)).kind, "initializing");
						else {
							value = ++numbers;
							cell.set(value);
						}
					} else if (op === "take") {
						same(cell.take(), value);
						value = undefined;
					}
					same(cell.get(), value);
					same(cell.initialized, value !== undefined);
					for (const x of wants) {
						if (x.state === "waits") same(x.mock.isWoken, false);
						if (x.state === "next" || x.state === "told") same(x.mock.isWoken, true);
						if (x.state === "makes") same(x.mock.isWoken, x.work.outcome !== "none");
					}
				}
			}),
		);
	});
});

describe("oneshot against a naive model", () => {
	it("does the same, whatever is asked of it", () => {
		const words = ["send", "recv", "recv", "tryRecv", "closeTx", "closeRx", "dropRx", "closed"] as const;
		check(
			fc.property(programs(words, 20), (program) => {
				const [tx, rx] = oneshot.channel<number>();
				const wait = mock(rx);
				let state: "open" | "sent" | "unsent" | "closed" | "taken" = "open";
				let waits = false;
				let dropped = false;
				const closers: Mock<void>[] = [];
				for (const { op, n } of program) {
					if (op === "send") {
						if (state === "open") {
							tx.send(n);
							state = "sent";
						} else same(thrown(SendError, () => tx.send(n)).value, n);
					} else if (op === "recv" && !dropped && state !== "taken") {
						if (state === "open") {
							wait.pending();
							waits = true;
							continue;
						}
						if (state === "sent") wait.ready();
						else wait.fails(RecvError);
						state = "taken";
						waits = false;
					} else if (op === "tryRecv" && !dropped) {
						if (state === "sent") {
							rx.tryRecv();
							state = "taken";
						} else {
							const { kind } = thrown(TryRecvError, () => {
								if (state === "taken") throw new TryRecvError("closed");
								rx.tryRecv();
							});
							same(kind, state === "open" ? "empty" : "closed");
							if (state !== "open") state = "taken";
						}
					} else if (op === "closeTx") {
						tx.close();
						if (state === "open") state = "unsent";
					} else if (op === "closeRx" && !dropped) {
						rx.close();
						if (state === "open") state = "closed";
					} else if (op === "dropRx" && !dropped) {
						rx[Symbol.dispose]();
						dropped = true;
						waits = false;
						state = "taken";
					} else if (op === "closed") {
						const m = mock(tx.closed());
						if (state === "open") closers.push(m.pending());
						else m.ready();
					}
					same(tx.isClosed, state !== "open");
					same(rx.isEmpty, state !== "sent");
					same(rx.isTerminated, state === "taken");
					if (waits) same(wait.isWoken, state !== "open");
					for (const m of closers) same(m.isWoken, state !== "open");
				}
			}),
		);
	});
});

describe("CancellationToken against a naive model", () => {
	it("does the same, whatever is asked of it", () => {
		const words = ["child", "child", "wait", "wait", "poll", "drop", "cancel", "guard", "run"] as const;
		check(
			fc.property(programs(words, 50), (program) => {
				interface Node {
					readonly token: CancellationToken;
					readonly parent: Node | null;
					cancelled: boolean;
				}
				const root: Node = { token: new CancellationToken(), parent: null, cancelled: false };
				const nodes: Node[] = [root];
				const isCancelled = (node: Node | null): boolean =>
					node !== null && (node.cancelled || isCancelled(node.parent));
				let waits: { readonly of: Node; readonly mock: Mock<unknown>; polled: boolean }[] = [];
				for (const { op, n } of program) {
					const node = nodes[n % nodes.length] as Node;
					const w = waits[n % Math.max(1, waits.length)];
					if (op === "child")
						nodes.push({ token: node.token.childToken(), parent: node, cancelled: isCancelled(node) });
					else if (op === "wait") waits.push({ of: node, mock: mock(node.token.cancelled()), polled: false });
					else if (op === "run")
						waits.push({ of: node, mock: mock(node.token.runUntilCancelled(pending())), polled: false });
					else if (op === "poll" && w !== undefined) {
						const outcome = w.mock.poll();
						w.polled = true;
						same(outcome === undefined, isCancelled(w.of));
						if (outcome === undefined) waits = waits.filter((x) => x !== w);
					} else if (op === "drop" && w !== undefined) {
						w.mock.drop();
						waits = waits.filter((x) => x !== w);
					} else if (op === "cancel" && n < 8) {
						node.token.cancel();
						node.cancelled = true;
					} else if (op === "guard") {
						const guard = node.token.dropGuard();
						if (n % 2 === 0) guard.disarm();
						else node.cancelled = true;
						guard[Symbol.dispose]();
					}
					for (const x of nodes) same(x.token.isCancelled, isCancelled(x));
					for (const x of waits) if (x.polled) same(x.mock.isWoken, isCancelled(x.of));
				}
			}),
		);
	});
});
