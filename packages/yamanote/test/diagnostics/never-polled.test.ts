import { describe, expect, it } from "vitest";
import {
	asyncFn,
	attempt,
	byRef,
	Future,
	FuturesUnordered,
	fromPromise,
	interval,
	JoinSet,
	join,
	lazy,
	type Poll,
	pending,
	pollFn,
	ready,
	retry,
	run,
	scope,
	select,
	shared,
	sleep,
	spawn,
	timeout,
	yieldNow,
} from "yamanote";
import { broadcast, Mutex, mpsc, Notify, OnceCell, oneshot, RwLock, Semaphore, watch } from "yamanote/sync";
import { mockTask } from "yamanote/testing";
import { collect, expectWellFormed, here, placeOf } from "./collect.ts";
import { collected, gc } from "./garbage.ts";

const limit = { timeout: 30_000 };
const op = asyncFn(function* op(n: number) {
	yield* yieldNow();
	return n;
});

describe.runIf(gc !== null)("a future that is never polled", () => {
	it("is told when it is collected, with the place of the call", limit, async () => {
		using found = collect({ neverPolled: {} });
		const [tx, rx] = mpsc.channel<number>(4);
		const lines: string[] = [];
		await run(
			function* () {
				lines.push(here(1));
				op(1);
				lines.push(here(1));
				sleep(10);
				lines.push(here(1));
				tx.send(1);
				lines.push(here(1));
				timeout(50, op(2));
				lines.push(here(1));
				join([op(1), sleep(1)]);
				yield* op(3);
			},
			{ name: "careless" },
		);
		await collected(() => found.all.length >= 5);
		expect(
			found.all
				.map((d) => placeOf(d.place))
				.sort()
				.join(),
		).toBe(lines.sort().join());
		expect(new Set(found.all.map((d) => d.code))).toEqual(new Set(["YAMANOTE_NEVER_POLLED"]));
		expect(new Set(found.all.map((d) => d.name))).toEqual(new Set(["careless"]));
		expectWellFormed(found.all[0]);
		rx.release();
		tx.release();
	});

	it("is told whatever kind it is of", limit, async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		const [send, receive] = broadcast.channel<number>(4);
		const [, seen] = watch.channel(0);
		// `void`, since JavaScriptCore takes a function that ends by a call off the stack, and all would have one place.
		const make: Readonly<Record<string, () => void>> = {
			yieldNow: () => void yieldNow(),
			ready: () => void ready(1),
			pollFn: () => void pollFn(() => 1),
			pending: () => void pending(),
			fromPromise: () => void fromPromise(() => Promise.resolve(1)),
			"an asyncFn call": () => void op(1),
			"a join": () => void join([ready(1)]),
			"a lock": () => void new Mutex(0).lock(),
			"a read": () => void new RwLock(0).read(),
			"a permit": () => void new Semaphore(1).acquire(),
			"many permits": () => void new Semaphore(2).acquireMany(2),
			"a send": () => void tx.send(1),
			"a slot": () => void tx.reserve(),
			"a message": () => void rx.recv(),
			messages: () => void rx.recvMany([], 2),
			"a message to all": () => void receive.recv(),
			"a change": () => void seen.changed(),
		};
		using found = collect({ neverPolled: {} });
		await run(
			join(
				Object.entries(make).map(([name, f]) =>
					spawn(
						lazy(() => void f()),
						{ name },
					),
				),
			),
		);
		await collected(() => found.all.length >= Object.keys(make).length);
		expect(found.all.map((d) => d.name).sort()).toEqual(Object.keys(make).sort());
		void send;
	});

	it("is told of code outside of tasks", limit, async () => {
		using found = collect({ neverPolled: {} });
		const line = here(1);
		op(1);
		await collected(() => found.all.length > 0);
		expect(found.all.map((d) => [placeOf(d.place), d.task])).toEqual([[line, undefined]]);
	});

	it("is told to each who has called diagnose", limit, async () => {
		using one = collect({ neverPolled: {} });
		using other = collect({ neverPolled: {} });
		const line = here(1);
		op(1);
		const kept = sleep(1);
		await collected(() => one.all.length > 0 && other.all.length > 0);
		expect([one, other].map((found) => found.all.map((d) => placeOf(d.place)))).toEqual([[line], [line]]);
		await run(kept);
		await collected(() => false, 200);
		expect([one.all.length, other.all.length]).toEqual([1, 1]);
	});

	it("is not told of what a combinator was given that is cancelled before it begins", limit, async () => {
		using found = collect({ neverPolled: {} });
		await run(function* () {
			const chosen = spawn(select({ a: op(1), b: pending() }));
			chosen.abort();
			yield* attempt(chosen);
			const joined = spawn(join([op(1), timeout(5, sleep(1))]));
			joined.abort();
			yield* attempt(joined);
		});
		const controller = new AbortController();
		const running = run(select({ a: op(2), b: pending() }), { signal: controller.signal });
		controller.abort();
		await running.catch(() => {});
		// One that is suspected first, and cancelled later.
		const late = select({ a: sleep(2), b: pending() });
		await collected(() => false, 300);
		const last = spawn(late);
		last.abort();
		await run(attempt(last));
		await collected(() => false, 300);
		expect(found.all.map((d) => `${placeOf(d.place)} ${d.message}`).join("\n")).toBe("");
	});

	it("is not told of futures that are polled, dropped by their owners, or kept for later", limit, async () => {
		using found = collect({ neverPolled: {} });
		const kept = { op: op(1), sleep: sleep(1), composite: timeout(10_000, op(1)) };
		const mutex = new Mutex(0);
		const semaphore = new Semaphore(1);
		class Twice extends Future<number> {
			readonly inner = sleep(1);
			poll(cx: Parameters<Future<number>["poll"]>[0]): Poll<number> {
				const r = this.inner.poll(cx);
				return typeof r === "symbol" ? r : 2;
			}
		}
		await run(function* () {
			yield* op(1);
			yield* timeout(1_000, op(1));
			yield* timeout(1_000, ready(1));
			yield* select({ first: ready(1), second: op(2), third: sleep(1_000) }, { biased: true });
			yield* join([op(1), op(2)]);
			yield* attempt(timeout(1, pending()));
			yield* mutex.withLock(() => op(1));
			yield* semaphore.withPermit(function* () {
				yield* yieldNow();
			});
			yield* retry({ times: 2 }, () => op(1));
			yield* new Twice();
			const cell = new OnceCell<number>(1);
			yield* cell.getOrInit(
				// Not needed.
				op(1),
			);
			const loan = byRef(sleep(2));
			yield* select({ now: ready(1), loan }, { biased: true });
			yield* loan;
			yield* scope(function* ({ spawn }) {
				yield* spawn(op(1));
			});
			const set = new FuturesUnordered([ready(1), op(2)]);
			while (!(yield* set.next()).done);
			const tick = interval(1);
			yield* tick.tick();
			const aborted = spawn(op(1));
			aborted.abort();
			yield* attempt(aborted);
		});
		await op(1);
		const set = new JoinSet<number>();
		set.spawn(op(1));
		await set.joinNext();
		const both = shared(op(1));
		await both;
		const disposed = sleep(1_000);
		disposed[Symbol.dispose]();
		const byHand = mockTask(op(1));
		byHand.poll();
		byHand[Symbol.dispose]?.();
		const [tx, rx] = oneshot.channel<number>();
		tx.send(1);
		void rx;
		const notified = new Notify().notified();
		notified.enable();
		await collected(() => false, 500);
		// Late, but polled.
		await run(join([kept.op, kept.sleep, kept.composite]));
		(kept as Partial<typeof kept>).op = undefined as never;
		await collected(() => false, 500);
		expect(found.all.map((d) => `${placeOf(d.place)} ${d.message}`).join("\n")).toBe("");
	});
});
