// Tasks never act in a wake, but `poll` is open to anybody. At the end whoever was woken has been polled: nobody may wait for what is there, and
// nothing was lost or doubled.
import { describe, expect, it } from "vitest";
import {
	broadcast,
	CancellationToken,
	mpmc,
	mpsc,
	Notify,
	RwLock,
	Semaphore,
	type SemaphorePermit,
	watch,
} from "yamanote/sync";
import { type Subject, tried, Wait, World } from "./acting.ts";
import { seeds } from "./support.ts";

function semaphore(world: World): Subject {
	const { random, waits } = world;
	let total = random.below(4);
	const gate = new Semaphore(total);
	const held: SemaphorePermit[] = [];
	const out = () => held.reduce((n, permit) => n + permit.numPermits, 0);
	return {
		act() {
			const what = random.below(6);
			const n = random.below(4);
			if (what < 3) new Wait(world, n, gate.acquireMany(n), (permit) => held.push(permit));
			else if (what === 3) held.shift()?.release();
			else if (what === 4) {
				total += n;
				gate.addPermits(n);
			} else if (random.chance(0.05)) gate.close();
			else tried(() => held.push(gate.tryAcquireMany(n)));
		},
		check(waiting) {
			expect(gate.isClosed && waiting.length > 0).toBe(false);
			expect(gate.availablePermits).toBe(waiting.length === 0 ? total - out() : 0);
			for (const wait of waits) wait.drop();
			expect(gate.availablePermits + out()).toBe(total);
		},
	};
}

function rwLock(world: World): Subject {
	const { random } = world;
	const lock = new RwLock(0);
	const held: { readonly writes: boolean; guard: Disposable }[] = [];
	const hold = (writes: boolean, guard: Disposable): void => {
		held.push({ writes, guard });
		expect(held.length > 1 && held.some((h) => h.writes)).toBe(false);
	};
	return {
		act() {
			const what = random.below(5);
			if (what === 0) new Wait(world, "write", lock.write(), (guard) => hold(true, guard));
			else if (what < 3) new Wait(world, "read", lock.read(), (guard) => hold(false, guard));
			else held.shift()?.guard[Symbol.dispose]();
		},
		check(waiting) {
			expect(held.length === 0 && waiting.length > 0).toBe(false);
			for (let first = held.shift(); first !== undefined; first = held.shift()) {
				first.guard[Symbol.dispose]();
				world.settle();
			}
			lock.tryWrite().release();
		},
	};
}

function channel(kind: typeof mpsc | typeof mpmc, capacity: number) {
	return (world: World): Subject => {
		const { random, waits } = world;
		const bounded = capacity < Number.POSITIVE_INFINITY;
		const [tx, rx] = bounded ? kind.channel<number>(capacity) : kind.unboundedChannel<number>();
		const txs = [tx];
		const permits: (mpsc.Permits<number> | mpsc.Permit<number>)[] = [];
		const sent: number[] = [];
		const got: number[] = [];
		let last = 0;
		const bySender = (tx: (typeof txs)[0], message: number, what: number): void => {
			if (!(tx instanceof kind.Sender)) {
				tx.send(message);
				sent.push(message);
				return;
			}
			const n = random.below(Math.min(capacity, 3) + 1);
			if (what < 3) new Wait(world, "send", tx.send(message), () => sent.push(message));
			else if (what === 3) {
				tx.trySend(message);
				sent.push(message);
			} else if (random.chance(0.5)) new Wait(world, "reserve", tx.reserve(), (permit) => permits.push(permit));
			else new Wait(world, "reserve", tx.reserveMany(n), (some) => permits.push(some));
		};
		const byPermit = (message: number): void => {
			const permit = permits.shift();
			const one = permit instanceof kind.Permits ? permit.next().value : permit;
			if (permit instanceof kind.Permits) permits.push(permit);
			if (one === undefined) return;
			if (random.chance(0.3)) return one.release();
			one.send(message);
			sent.push(message);
		};
		return {
			act() {
				const what = random.below(14);
				const message = ++last;
				const end = random.pick(txs);
				if (what < 5) tried(() => bySender(end, message, what));
				else if (what < 8) new Wait(world, "receive", rx.recv(), (value) => value !== undefined && got.push(value));
				else if (what === 8) {
					const buffer: number[] = [];
					new Wait(world, "receive", rx.recvMany(buffer, 1 + random.below(3)), () => got.push(...buffer));
				} else if (what === 9) tried(() => got.push(rx.tryRecv()));
				else if (what === 10) byPermit(message);
				else if (what === 11) permits.shift()?.release();
				else if (what === 12) new Wait(world, "closed", end.closed());
				else if (txs.length < 3 && random.chance(0.3)) txs.push(end.clone() as typeof tx);
				else if (random.chance(0.1)) rx.close();
				else if (random.chance(0.5)) for (const each of txs) each.release();
				else end.release();
			},
			check(waiting) {
				const of = (what: string) => waiting.filter((wait) => wait.of === what).length;
				expect(of("receive") > 0 && rx.len > 0, "a receive waits beside a message").toBe(false);
				if (bounded && of("send") + of("reserve") === 0) {
					const held = permits.reduce((n, permit) => n + (permit instanceof kind.Permits ? permit.len : 1), 0);
					const slots = capacity + (capacity === 0 ? of("receive") : 0);
					const { capacity: free } = rx as mpsc.Receiver<number>;
					expect(free, "free slots").toBe(Math.max(0, slots - held - rx.len));
				}
				for (const end of txs) end.release();
				for (let ended = false; !ended; ) {
					new Wait(world, "receive", rx.recv(), (value) =>
						value === undefined ? (ended = true) : got.push(value),
					).poll();
					for (const permit of permits.splice(0)) permit.release();
					world.settle();
				}
				expect(waits.filter((wait) => !wait.over).map((wait) => wait.of)).toEqual([]);
				expect(got.sort((a, b) => a - b)).toEqual(sent.sort((a, b) => a - b));
			},
		};
	};
}

function notify(world: World): Subject {
	const { random } = world;
	const bell = new Notify();
	return {
		act() {
			const what = random.below(8);
			if (what < 4) {
				const notified = bell.notified();
				if (random.chance(0.3)) notified.enable();
				new Wait(world, "notified", notified);
			} else if (what < 6) bell.notifyOne();
			else if (what === 6) bell.notifyLast();
			else if (random.chance(0.3)) bell.notifyWaiters();
		},
		check(waiting) {
			for (const _ of waiting) bell.notifyOne();
			expect(waiting.every((wait) => wait.woken)).toBe(true);
		},
	};
}

interface ReceiverState<R> {
	readonly rx: R;
	/** What it receives next. */
	next: number;
	gone: boolean;
}

function broadcasts(world: World): Subject {
	const { random, waits } = world;
	const [tx, first] = broadcast.channel<number>(4);
	const states: ReceiverState<broadcast.Receiver<number>>[] = [{ rx: first, next: 0, gone: false }];
	let sent = 0;
	return {
		act() {
			const what = random.below(8);
			const state = random.pick(states);
			if (what < 3) {
				// Before it is too slow.
				if (state.gone || sent - state.next >= 4) return;
				new Wait(world, state, state.rx.recv(), (value) => {
					if (value !== undefined) expect(value).toBe(state.next++);
				});
			} else if (what < 5) {
				const heard = states.filter(({ gone }) => !gone);
				if (heard.length > 0 && heard.every(({ next }) => sent - next < 4)) tx.send(sent++);
			} else if (what === 5) states.push({ rx: tx.subscribe(), next: sent, gone: false });
			else if (random.chance(0.2)) {
				state.gone = true;
				state.rx.release();
			}
		},
		check(waiting) {
			for (const { of } of waiting) expect(of).toMatchObject({ next: sent, gone: false });
			tx.release();
			world.settle();
			expect(waits.every((wait) => wait.over)).toBe(true);
		},
	};
}

function watches(world: World): Subject {
	const { random, waits } = world;
	const [tx, first] = watch.channel(0);
	const states: ReceiverState<watch.Receiver<number>>[] = [{ rx: first, next: 0, gone: false }];
	return {
		act() {
			const what = random.below(10);
			const state = random.pick(states);
			if (what < 4) new Wait(world, state, state.rx.changed());
			else if (what === 4) {
				const least = tx.borrow() + random.below(3);
				new Wait(
					world,
					{ ...state, least },
					state.rx.waitFor((value) => value >= least),
				);
			} else if (what < 7) tx.sendReplace(tx.borrow() + 1);
			else if (what === 7 && states.length < 3) states.push({ rx: tx.subscribe(), next: 0, gone: false });
			else if (what < 9) state.rx.borrowAndUpdate();
			else if (random.chance(0.3)) {
				state.gone = true;
				state.rx.release();
			}
		},
		check(waiting) {
			for (const { of } of waiting) {
				const { rx, gone, least } = of as ReceiverState<watch.Receiver<number>> & { least?: number };
				if (least !== undefined) expect(least).toBeGreaterThan(rx.borrow());
				else expect([gone, rx.hasChanged()]).toEqual([false, false]);
			}
			tx.release();
			world.settle();
			expect(waits.every((wait) => wait.over)).toBe(true);
		},
	};
}

function tokens(world: World): Subject {
	const { random } = world;
	const all = [new CancellationToken()];
	return {
		act() {
			const what = random.below(8);
			const token = random.pick(all);
			if (what < 4) new Wait(world, token, token.cancelled(), () => expect(token.isCancelled).toBe(true));
			else if (what < 7) all.push(token.childToken());
			else if (random.chance(0.4)) token.cancel();
		},
		check(waiting) {
			for (const { of } of waiting) expect((of as CancellationToken).isCancelled).toBe(false);
		},
	};
}

describe("when wakers act at once, nothing is lost or doubled", () => {
	const subjects: Record<string, (world: World) => Subject> = {
		semaphore,
		rwLock,
		notify,
		broadcasts,
		watches,
		tokens,
	};
	for (const capacity of [0, 1, 3, Number.POSITIVE_INFINITY]) {
		subjects[`mpsc, ${capacity} slots`] = channel(mpsc, capacity);
		subjects[`mpmc, ${capacity} slots`] = channel(mpmc, capacity);
	}
	for (const [name, make] of Object.entries(subjects)) {
		it(name, () => seeds(1_000, (random) => new World(random, make).run()));
	}
});
