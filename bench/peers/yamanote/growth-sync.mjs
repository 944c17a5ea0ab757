// Sizes that should cost in proportion: tasks at a lock, receivers, producers, messages waiting, branches woken.
import { asyncFn, join, run, spawn, yieldNow } from "yamanote";
import { broadcast, Mutex, mpsc, Notify, oneshot, watch } from "yamanote/sync";
import { check, sumTo } from "../lib/checks.mjs";

const many = (n, f) => Array.from({ length: n }, (_, i) => f(i));
const axis = (what, f) => ({ what, run: (n) => run(f(n)) });

const all = asyncFn(function* (handles) {
	for (const handle of handles) yield* handle;
});

const lockFourTimes = asyncFn(function* (mutex) {
	for (let i = 0; i < 4; i++) {
		const guard = yield* mutex.lock();
		guard.value++;
		guard.release();
	}
});

const sendFour = asyncFn(function* (tx) {
	for (let i = 0; i < 4; i++) yield* tx.send(i);
});

const receiveTen = asyncFn(function* (rx) {
	for (let i = 0; i < 10; i++) check("message", yield* rx.recv(), i);
});

export const axes = {
	lock_tasks: axis(
		"n tasks at one lock, 4 times each",
		asyncFn(function* (n) {
			const mutex = new Mutex(0);
			yield* all(many(n, () => spawn(lockFourTimes(mutex))));
		}),
	),

	lock_waiters_gone: axis(
		"n waiters of one lock aborted, last first",
		asyncFn(function* (n) {
			const mutex = new Mutex(0);
			const guard = yield* mutex.lock();
			const handles = many(n, () => spawn(mutex.lock()));
			yield* yieldNow();
			for (const handle of [...handles].reverse()) handle.abort();
			for (const handle of handles) {
				try {
					yield* handle;
				} catch {}
			}
			guard.release();
		}),
	),

	notify_one: axis(
		"n tasks at one Notify, woken one by one",
		asyncFn(function* (n) {
			const notify = new Notify();
			const handles = many(n, () => spawn(notify.notified()));
			yield* yieldNow();
			for (let i = 0; i < n; i++) notify.notifyOne();
			yield* all(handles);
		}),
	),

	notify_all: axis(
		"n tasks at one Notify, woken at once",
		asyncFn(function* (n) {
			const notify = new Notify();
			const handles = many(n, () => spawn(notify.notified()));
			yield* yieldNow();
			notify.notifyWaiters();
			yield* all(handles);
		}),
	),

	branches_one_by_one: axis(
		"join of n, woken one by one",
		asyncFn(function* (n) {
			const channels = many(n, () => oneshot.channel());
			const joined = spawn(join(channels.map(([, rx]) => rx)));
			yield* yieldNow();
			for (const [tx] of channels) {
				tx.send(1);
				yield* yieldNow();
			}
			check("values", (yield* joined).length, n);
		}),
	),

	broadcast_receivers: axis(
		"10 messages to each of n receivers",
		asyncFn(function* (n) {
			const [tx] = broadcast.channel(16);
			const handles = many(n, () => spawn(receiveTen(tx.subscribe())));
			for (let i = 0; i < 10; i++) tx.send(i);
			yield* all(handles);
		}),
	),

	watch_receivers: axis(
		"one change seen by n receivers",
		asyncFn(function* (n) {
			const [tx, first] = watch.channel(0);
			const handles = many(n, () => spawn(first.clone().changed()));
			yield* yieldNow();
			tx.send(1);
			yield* all(handles);
		}),
	),

	producers: axis(
		"4 messages of each of n producers, capacity 10",
		asyncFn(function* (n) {
			const [tx, rx] = mpsc.channel(10);
			const producers = many(n, () => spawn(sendFour(tx)));
			let sum = 0;
			for (let i = 0; i < n * 4; i++) sum += yield* rx.recv();
			check("sum", sum, n * 6);
			yield* all(producers);
		}),
	),

	queue_length: axis(
		"n messages sent, then received",
		asyncFn(function* (n) {
			const [tx, rx] = mpsc.unboundedChannel();
			for (let i = 0; i < n; i++) tx.send(i);
			let sum = 0;
			for (let i = 0; i < n; i++) sum += yield* rx.recv();
			check("sum", sum, sumTo(n));
		}),
	),
};
