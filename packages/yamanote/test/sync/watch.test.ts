import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { each, type Future, Pending, run, select, spawn, yieldNow } from "yamanote";
import { RecvError, SendError, watch } from "yamanote/sync";
import { catching, type Mock, mock, now, onRuntime, same, seeds, thrown } from "./support.ts";

describe("watch", () => {
	it("wakes who waits for a change, and gives the latest value", () => {
		const [tx, rx] = watch.channel("one");
		expect(rx.borrow()).toBe("one");
		const changed = mock(rx.changed()).pending();
		tx.send("two");
		changed.wokenReady();
		expect(rx.borrow()).toBe("two");
		const closed = mock(rx.changed()).pending();
		tx.close();
		expect(closed.isWoken).toBe(true);
		expect(closed.fails(RecvError).code).toBe("YAMANOTE_RECV");
		expect(rx.borrow()).toBe("two");
	});

	it("tells each receiver of a change, and skips what was replaced meanwhile", () => {
		const [tx, rx1] = watch.channel("one");
		const rx2 = rx1.clone();
		const [t1, t2] = [mock(rx1.changed()).pending(), mock(rx2.changed()).pending()];
		tx.send("two");
		t1.wokenReady();
		const again = mock(rx1.changed()).pending();
		tx.send("three");
		again.wokenReady();
		t2.wokenReady();
		expect([rx1.borrow(), rx2.borrow()]).toEqual(["three", "three"]);
		mock(rx2.changed()).pending();
	});

	it("knows what each receiver has seen", () => {
		const [tx, rx] = watch.channel("one");
		expect(rx.hasChanged()).toBe(false);
		tx.send("two");
		expect(rx.hasChanged()).toBe(true);
		expect(rx.borrow()).toBe("two");
		expect(rx.hasChanged()).toBe(true);
		now(rx.changed());
		expect(rx.hasChanged()).toBe(false);
		tx.send("three");
		expect(rx.borrowAndUpdate()).toBe("three");
		expect(rx.hasChanged()).toBe(false);
		mock(rx.changed()).pending();
	});

	it("does not compare: a value sent again is a change", () => {
		const [tx, rx] = watch.channel(1);
		tx.send(1);
		now(rx.changed());
	});

	it("can count the value as not seen, or as seen", () => {
		const [tx, rx] = watch.channel("one");
		const others = [rx.clone(), rx.clone()] as const;
		rx.markChanged();
		rx.markChanged();
		expect(rx.hasChanged()).toBe(true);
		now(rx.changed());
		expect(others[0].hasChanged()).toBe(false);
		mock(others[0].changed()).pending();
		others[1].markChanged();
		expect(others[1].borrow()).toBe("one");
		expect(others[1].hasChanged()).toBe(true);
		expect(others[1].borrowAndUpdate()).toBe("one");
		mock(others[1].changed()).pending();

		tx.send("two");
		rx.markUnchanged();
		expect(rx.hasChanged()).toBe(false);
		mock(rx.changed()).pending();
		expect(rx.borrowAndUpdate()).toBe("two");
	});

	it("clones what a receiver has seen", () => {
		const [tx, rx] = watch.channel(0);
		tx.send(1);
		const before = rx.clone();
		now(rx.changed());
		const after = rx.clone();
		expect([before.hasChanged(), after.hasChanged()]).toEqual([true, false]);
		before[Symbol.dispose]();
		after[Symbol.dispose]();
		expect(tx.receiverCount).toBe(1);
	});

	it("shows the last value after the senders are gone, then fails", () => {
		const [tx, rx] = watch.channel("one");
		tx.send("two");
		now(rx.changed());
		const changed = mock(rx.changed()).pending();
		tx.send("three");
		tx.close();
		changed.wokenReady();
		expect(rx.borrow()).toBe("three");
		mock(rx.changed()).fails(RecvError);
		const [gone, seen] = watch.channel("A");
		gone.close();
		mock(seen.changed()).fails(RecvError);
		const [sent, unseen] = watch.channel("A");
		sent.send("B");
		sent.close();
		now(unseen.changed());
		expect(unseen.borrow()).toBe("B");
	});

	it("fails hasChanged when the senders are gone, seen or not", () => {
		const [tx, rx] = watch.channel("A");
		tx.send("B");
		tx.close();
		expect(() => rx.hasChanged()).toThrow(RecvError);
		rx.borrowAndUpdate();
		expect(() => rx.hasChanged()).toThrow(RecvError);
	});

	it("ends for the receivers when the last of the senders is gone", () => {
		const [tx, rx] = watch.channel(0);
		const other = tx.clone();
		expect(tx.senderCount).toBe(2);
		const changed = mock(rx.changed()).pending();
		tx.close();
		tx.close();
		tx[Symbol.dispose]();
		expect([changed.isWoken, other.senderCount]).toEqual([false, 1]);
		expect(thrown(SendError, () => tx.send(1)).value).toBe(1);
		other[Symbol.dispose]();
		expect(changed.isWoken).toBe(true);
	});

	it("gives the value back, and keeps the old one, when nobody receives", () => {
		const [tx, rx] = watch.channel("one");
		rx[Symbol.dispose]();
		expect(tx.isClosed).toBe(true);
		expect(thrown(SendError, () => tx.send("two")).value).toBe("two");
		expect(tx.borrow()).toBe("one");
		expect(tx.sendReplace("three")).toBe("one");
		tx.sendModify((ref) => {
			ref.value += "!";
		});
		expect(tx.borrow()).toBe("three!");
	});

	it("is open again when somebody subscribes", () => {
		const [tx, rx] = watch.channel("one");
		rx[Symbol.dispose]();
		rx[Symbol.dispose]();
		const again = tx.subscribe();
		expect([tx.isClosed, tx.receiverCount, again.hasChanged()]).toEqual([false, 1, false]);
		tx.send("two");
		now(again.changed());
		again[Symbol.dispose]();
		expect(tx.isClosed).toBe(true);
		const alone = new watch.Sender("first");
		expect([alone.isClosed, alone.borrow(), alone.subscribe().borrow()]).toEqual([true, "first", "first"]);
	});

	it("has clones of a released sender released as well", () => {
		const [tx, rx] = watch.channel(0);
		tx.close();
		const late = tx.clone();
		expect(late.senderCount).toBe(0);
		thrown(SendError, () => late.send(1));
		thrown(RecvError, () => rx.hasChanged());
	});

	it("takes nothing from a sender that was released", () => {
		const [tx, rx] = watch.channel(1);
		const other = tx.clone();
		tx.release();
		const error = thrown(SendError, () => tx.sendReplace(2));
		expect([error.value, rx.borrow()]).toEqual([2, 1]);
		let called = false;
		const modify = (ref: { value: number }) => {
			called = true;
			ref.value++;
			return true;
		};
		expect(() => tx.sendModify(modify)).toThrow(SendError);
		expect(() => tx.sendIfModified(modify)).toThrow(SendError);
		expect([called, rx.hasChanged(), rx.borrow()]).toEqual([false, false, 1]);
		other.sendModify(modify);
		other.release();
		now(rx.changed());
		mock(rx.changed()).fails(RecvError);
		expect(() => other.sendReplace(3)).toThrow(SendError);
		expect(rx.borrow()).toBe(2);
	});

	it("tells a sender when nobody receives any more", () => {
		const [tx, rx] = watch.channel(0);
		const other = rx.clone();
		const closed = mock(tx.closed()).pending();
		rx[Symbol.dispose]();
		expect(closed.isWoken).toBe(false);
		other[Symbol.dispose]();
		closed.wokenReady();
		const back = mock(tx.closed());
		tx.subscribe();
		back.pending();
	});

	it("keeps the latest value for a receiver that was released, which sees no change any more", () => {
		const [tx, rx] = watch.channel(0);
		const other = rx.clone();
		tx.send(1);
		rx[Symbol.dispose]();
		tx.send(2);
		expect([rx.borrow(), other.borrow()]).toEqual([1, 2]);
		rx.borrowAndUpdate();
		mock(rx.changed()).fails(RecvError);
	});

	it("ends the waits of a receiver that is released; one that nobody waits at wakes nobody", () => {
		const [tx, rx] = watch.channel(0);
		const other = rx.clone();
		const [changed, found] = [mock(rx.changed()).pending(), mock(rx.waitFor((n) => n > 5)).pending()];
		mock(rx.changed()).pending().drop();
		rx.release();
		expect([changed.isWoken, found.isWoken]).toEqual([true, true]);
		changed.fails(RecvError);
		found.fails(RecvError);
		const late = mock(other.changed()).pending();
		other.clone().release();
		rx.release();
		expect(late.isWoken).toBe(false);
		tx.send(1);
		late.wokenReady();
	});

	it("changes the value in place or by another, and tells of it", () => {
		const [tx, rx] = watch.channel({ n: 1 });
		tx.sendModify((ref) => {
			ref.value.n++;
		});
		now(rx.changed());
		expect(rx.borrow()).toEqual({ n: 2 });
		tx.sendModify((ref) => {
			ref.value = { n: 9 };
		});
		now(rx.changed());
		expect(rx.borrow()).toEqual({ n: 9 });
	});

	it("keeps what a modification has done that fails, and tells nobody", () => {
		const [tx, rx] = watch.channel("one");
		const changed = mock(rx.changed()).pending();
		expect(() =>
			tx.sendModify((ref) => {
				ref.value = "failed";
				throw new Error("no");
			}),
		).toThrow("no");
		expect(changed.isWoken).toBe(false);
		changed.pending();
		expect(rx.borrow()).toBe("failed");
		tx.sendModify((ref) => {
			ref.value = "three";
		});
		changed.wokenReady();
	});

	it("throws what a modification throws, though it has set undefined before", () => {
		const [tx, rx] = watch.channel(1);
		expect(() =>
			tx.sendModify((ref) => {
				try {
					ref.value = undefined as never;
				} finally {
					// biome-ignore lint/correctness/noUnsafeFinally: this error is the one that counts
					throw new Error("its own");
				}
			}),
		).toThrow("its own");
		expect([tx.borrow(), rx.hasChanged()]).toEqual([1, false]);
	});

	it("loses nothing that a modification sends", () => {
		const [tx, rx] = watch.channel(1);
		expect(
			tx.sendIfModified(() => {
				tx.send(5);
				return false;
			}),
		).toBe(false);
		expect([rx.hasChanged(), rx.borrowAndUpdate()]).toEqual([true, 5]);
		tx.sendModify((ref) => {
			tx.sendModify((inner) => void (inner.value += 10));
			ref.value += 1;
		});
		expect(rx.borrow()).toBe(16);
	});

	it("tells of a modification only if it says that there was one", () => {
		const [tx, rx] = watch.channel(1);
		expect(tx.sendIfModified(() => false)).toBe(false);
		expect(
			tx.sendIfModified((ref) => {
				ref.value = 2;
				return false;
			}),
		).toBe(false);
		expect([rx.hasChanged(), rx.borrow()]).toEqual([false, 2]);
		expect(
			tx.sendIfModified((ref) => {
				ref.value = 3;
				return true;
			}),
		).toBe(true);
		expect(rx.hasChanged()).toBe(true);
	});

	it("waits for a value of which something holds, the latest one first", () => {
		const [tx, rx] = watch.channel(1);
		expect(now(rx.waitFor((n) => n === 1))).toBe(1);
		const asked: number[] = [];
		const big = mock(
			rx.waitFor((n) => {
				asked.push(n);
				return n > 2;
			}),
		).pending();
		big.pending();
		tx.send(2);
		expect(big.isWoken).toBe(true);
		big.pending();
		tx.send(3);
		tx.send(4);
		expect(big.wokenReady()).toBe(4);
		expect(asked).toEqual([1, 2, 4]);
		expect(rx.hasChanged()).toBe(false);
	});

	it("asks about the last value when the senders are gone, seen or not, and fails only if it does not hold of that", () => {
		const [tx, rx] = watch.channel("A");
		tx.send("B");
		tx.close();
		expect(now(rx.waitFor(() => true))).toBe("B");
		expect(rx.borrowAndUpdate()).toBe("B");
		expect(now(rx.waitFor((s) => s === "B"))).toBe("B");
		const [other, waits] = watch.channel("A");
		const asked: string[] = [];
		const wait = mock(waits.waitFor((s) => asked.push(s) === 0)).pending();
		other.send("B");
		other.close();
		expect(wait.isWoken).toBe(true);
		wait.fails(RecvError);
		mock(waits.waitFor((s) => asked.push(s) === 0)).fails(RecvError);
		// Another wait at the same receiver has seen the value meanwhile.
		const [third, both] = watch.channel("A");
		const first = mock(both.waitFor((s) => s === "B")).pending();
		const second = mock(both.waitFor((s) => s === "B")).pending();
		third.send("B");
		third.close();
		expect([first.wokenReady(), second.wokenReady()]).toEqual(["B", "B"]);
		expect(asked).toEqual(["A", "B", "B"]);
	});

	it("throws what the condition throws, and has seen that value", () => {
		const [tx, rx] = watch.channel(1);
		const wait = mock(
			rx.waitFor((n) => {
				if (n === 2) throw new Error("no");
				return false;
			}),
		).pending();
		tx.send(2);
		expect(() => wait.poll()).toThrow("no");
		expect(rx.hasChanged()).toBe(false);
	});

	it("takes notice of what the condition sends, and of its receiver's release", () => {
		const [tx, rx] = watch.channel(1);
		let sends = 1;
		const found = mock(
			rx.waitFor((value) => {
				if (sends-- > 0) tx.send(2);
				return value === 2;
			}),
		).pending();
		expect(found.wokenReady()).toBe(2);
		mock(
			rx.waitFor(() => {
				rx.release();
				return false;
			}),
		).fails(RecvError);
	});

	it("refuses undefined everywhere", () => {
		expect(() => watch.channel(undefined as never as number)).toThrow(TypeError);
		expect(() => new watch.Sender(undefined as never as number)).toThrow(TypeError);
		const [tx] = watch.channel<number | null>(null);
		expect(() => tx.send(undefined as never)).toThrow(TypeError);
		expect(() => tx.sendReplace(undefined as never)).toThrow(TypeError);
		expect(() =>
			tx.sendModify((ref) => {
				ref.value = undefined as never;
			}),
		).toThrow(TypeError);
		expect(tx.borrow()).toBe(null);
	});

	it("does not wake who left, and wakes the waker of the last poll", () => {
		const [tx, rx] = watch.channel(0);
		const gone = mock(rx.changed()).pending();
		gone.drop();
		const changed = mock(rx.changed());
		let stale = 0;
		changed.poll({ wake: () => void stale++ });
		changed.pending();
		tx.send(1);
		expect([gone.wakes, stale]).toEqual([0, 0]);
		changed.wokenReady();
	});

	it("survives a waker that sends", () => {
		const [tx, rx] = watch.channel(0);
		let sent = 0;
		rx.changed().poll({ waker: { wake: () => void (sent++ === 0 && tx.send(9)) } });
		const other = mock(rx.clone().changed()).pending();
		tx.send(1);
		other.wokenReady();
		expect([sent, rx.borrow()]).toEqual([1, 9]);
	});
});

describe("watch on a runtime", () => {
	it("is iterated: the latest value, then what it changes to", async () => {
		const [tx, rx] = watch.channel(0);
		tx.send(1);
		const seen: number[] = [];
		const reader = (async () => {
			for await (const n of rx) seen.push(n);
		})();
		for (let i = 0; i < 50; i++) await undefined;
		tx.send(2);
		for (let i = 0; i < 50; i++) await undefined;
		tx.send(3);
		tx.close();
		await reader;
		expect(seen).toEqual([1, 2, 3]);
		const [, last] = watch.channel("only");
		await run(
			select({
				done: each(last, (value) => {
					expect(value).toBe("only");
					return Promise.resolve(false);
				}),
			}),
		);
	});

	it("loses no change to a changed that loses a select", async () => {
		await onRuntime(function* () {
			const [tx, rx] = watch.channel(0);
			spawn(function* () {
				for (let i = 1; i <= 20; i++) {
					tx.send(i);
					yield* yieldNow();
				}
				tx.close();
			});
			let last = 0;
			for (;;) {
				const first = yield* catching({
					*[Symbol.iterator]() {
						throw yield* select({ tick: yieldNow(), changed: rx.changed() });
					},
				});
				if (first instanceof RecvError) break;
				if ((first as { key: string }).key === "changed") last = rx.borrow();
			}
			expect(last).toBe(20);
		});
	});

	it("gives way though there is always a change", async () => {
		await onRuntime(function* () {
			const [tx, rx] = watch.channel(0);
			let others = 0;
			const other = spawn(function* () {
				for (;;) {
					others++;
					yield* yieldNow();
				}
			});
			for (let i = 0; i < 300; i++) {
				tx.send(i);
				yield* rx.changed();
				yield* rx.waitFor((n) => n === i);
			}
			expect(others).toBeGreaterThan(3);
			other.abort();
			yield* catching(other);
		});
	});
});

describe("watch, waits that are ready or fail at once", () => {
	const waits: [string, (tx: watch.Sender<number>, rx: watch.Receiver<number>) => Future<unknown, unknown>][] = [
		["changed", (_tx, rx) => rx.changed()],
		["waitFor", (_tx, rx) => rx.waitFor((n) => n === -1)],
		["closed", (tx) => tx.closed()],
	];
	for (const [name, wait] of waits) {
		it(`give way: ${name} in a loop does not keep the others from running`, async () => {
			await onRuntime(function* () {
				const [tx, rx] = watch.channel(0);
				tx.close();
				if (name === "closed") rx[Symbol.dispose]();
				let others = 0;
				const other = spawn(function* () {
					for (;;) {
						others++;
						yield* yieldNow();
					}
				});
				for (let rounds = 0; others < 2 && rounds < 10_000; rounds++) {
					try {
						yield* wait(tx, rx);
					} catch (error) {
						if (!(error instanceof RecvError)) throw error;
					}
				}
				expect(others).toBe(2);
				other.abort();
				yield* catching(other);
			});
		});
	}
});

describe("watch against a naive model", () => {
	it("does the same, whatever is asked of it", () => {
		const operation = fc.record({
			op: fc.constantFrom(
				"send",
				"send",
				"new",
				"clone",
				"poll",
				"poll",
				"poll",
				"drop",
				"gone",
				"seen",
				"unseen",
				"close",
			),
			n: fc.nat(12),
		});
		interface Rx {
			readonly real: watch.Receiver<number>;
			seen: number;
			waits: Mock<void>[];
		}
		fc.assert(
			fc.property(fc.array(operation, { maxLength: 60, size: "max" }), (operations) => {
				const [tx, first] = watch.channel(0);
				let version = 0;
				let open = true;
				let receivers: Rx[] = [{ real: first, seen: 0, waits: [] }];
				for (const { op, n } of operations) {
					const rx = receivers[n % Math.max(1, receivers.length)];
					if (op === "send") {
						if (receivers.length === 0 || !open) expect(() => tx.send(n)).toThrow(SendError);
						else {
							tx.send(n);
							version++;
							for (const r of receivers) for (const w of r.waits) same(w.isWoken, true);
						}
					} else if (op === "new") receivers.push({ real: tx.subscribe(), seen: version, waits: [] });
					else if (op === "close" && n === 0) {
						open = false;
						tx.close();
					} else if (rx !== undefined) {
						if (op === "clone") receivers.push({ real: rx.real.clone(), seen: rx.seen, waits: [] });
						else if (op === "seen") {
							rx.real.borrowAndUpdate();
							rx.seen = version;
						} else if (op === "unseen") {
							rx.real.markChanged();
							rx.seen = version - 1;
						} else if (op === "gone") {
							for (const w of rx.waits) w.drop();
							rx.real[Symbol.dispose]();
							receivers = receivers.filter((r) => r !== rx);
						} else if (op === "drop") rx.waits.pop()?.drop();
						else if (op === "poll") {
							const wait = rx.waits.pop() ?? mock(rx.real.changed());
							if (rx.seen !== version) {
								wait.ready();
								rx.seen = version;
							} else if (!open) wait.fails(RecvError);
							else {
								expect(wait.poll()).toBe(Pending);
								rx.waits.push(wait);
							}
						}
					}
					same(tx.receiverCount, receivers.length);
				}
			}),
			{ numRuns: 2_000, seed: 20 },
		);
	});

	it("lets every receiver see the last value, in 1,000 random schedules with cancellation", () => {
		seeds(1_000, (random) => {
			const [tx, first] = watch.channel(0);
			const receivers = [first, ...Array.from({ length: random.below(5) }, () => first.clone())].map((rx) => ({
				rx,
				wait: null as Mock<void> | null,
				last: 0,
			}));
			const total = 5 + random.below(10);
			let value = 0;
			for (let step = 0; step < 400 && receivers.some((r) => r.last < total); step++) {
				if (value < total && random.chance(0.3)) {
					tx.send(++value);
					continue;
				}
				const r = random.pick(receivers);
				if (r.wait !== null && !r.wait.isWoken && random.chance(0.9)) continue;
				if (r.wait !== null && random.chance(0.2)) {
					r.wait.drop();
					r.wait = null;
				}
				r.wait ??= mock(r.rx.changed());
				if (r.wait.poll() === Pending) continue;
				r.wait = null;
				expect(r.rx.borrow()).toBeGreaterThan(r.last);
				r.last = r.rx.borrow();
			}
			for (const r of receivers) {
				if (r.last < value) {
					(r.wait ?? mock(r.rx.changed())).ready();
					r.last = r.rx.borrow();
				}
				expect(r.last).toBe(value);
			}
		});
	});
});
