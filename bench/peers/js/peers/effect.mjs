// Effect 4: Effect.gen programs on fibers. A yield is Effect.yieldNow, which goes through Effect's own scheduler
// (a setImmediate turn for each batch of ready fibers).
import { Deferred, Effect, Fiber, Latch, PubSub, Queue, Semaphore, Stream, SubscriptionRef } from "effect";
import { check, per, sleepMs, sumTo } from "../../lib/checks.mjs";
import { hostWorkloads, times } from "../lib/effect-host.mjs";

const yieldOnce = (v) => Effect.as(Effect.yieldNow, v);
const spawnAndJoin = Effect.fnUntraced(function* (n, task) {
	let sum = 0;
	for (let done = 0; done < n; ) {
		const batch = Math.min(10_000, n - done);
		const fibers = [];
		for (let i = 0; i < batch; i++) fibers.push(yield* Effect.forkChild(task(done + i)));
		for (const v of yield* Fiber.joinAll(fibers)) sum += v;
		done += batch;
	}
	check("sum", sum, sumTo(n));
	return n;
});

const pingPong = Effect.fnUntraced(function* (rounds) {
	const ping = yield* Queue.bounded(1);
	const pong = yield* Queue.bounded(1);
	const echo = Effect.gen(function* () {
		for (let i = 0; i < rounds; i++) yield* Queue.offer(pong, yield* Queue.take(ping));
	});
	const caller = Effect.gen(function* () {
		for (let i = 0; i < rounds; i++) {
			yield* Queue.offer(ping, i);
			check("pong", yield* Queue.take(pong), i);
		}
	});
	yield* Effect.all([echo, caller], { concurrency: "unbounded", discard: true });
});

const mpsc = Effect.fnUntraced(function* (n, queue) {
	const each = per(n, 5);
	const producer = Effect.gen(function* () {
		for (let i = 0; i < each; i++) yield* Queue.offer(queue, i);
	});
	const consumer = Effect.gen(function* () {
		let sum = 0;
		for (let i = 0; i < each * 5; i++) sum += yield* Queue.take(queue);
		return sum;
	});
	const [sum] = yield* Effect.all([consumer, times(5, () => producer)], { concurrency: "unbounded" });
	check("sum", sum, sumTo(each) * 5);
	return each * 5;
});

const chain = Effect.fnUntraced(function* (depth) {
	if (depth === 0) return 0;
	const child = yield* Effect.forkChild(chain(depth - 1));
	return 1 + (yield* Fiber.join(child));
});

const deep = Effect.fnUntraced(function* (depth) {
	if (depth > 0) return 1 + (yield* deep(depth - 1));
	yield* Effect.yieldNow;
	return 0;
});

const deepYields = Effect.fnUntraced(function* (depth, k) {
	if (depth > 0) return 1 + (yield* deepYields(depth - 1, k));
	for (let i = 0; i < k; i++) yield* Effect.yieldNow;
	return 0;
});

const nap = Effect.fnUntraced(function* (ms, count) {
	yield* Effect.sleep(ms);
	count.woken++;
});

const park = Effect.fnUntraced(function* (latch, count) {
	count.parked++;
	yield* latch.await;
});

const programs = {
	spawn_join: (n) => spawnAndJoin(n, Effect.succeed),
	spawn_yield_join: (n) => spawnAndJoin(n, yieldOnce),

	*yield_many(n) {
		const each = per(n, 200);
		let yields = 0;
		yield* times(200, () =>
			Effect.gen(function* () {
				for (let i = 0; i < each; i++) {
					yield* Effect.yieldNow;
					yields++;
				}
			}),
		);
		check("yields", yields, each * 200);
		return yields;
	},

	ping_pong: pingPong,
	*ping_pong_1k(n) {
		const each = per(n, 1000);
		yield* times(1000, () => pingPong(each));
		return each * 1000;
	},

	*chained_spawn(n) {
		const chains = per(n, 1000);
		for (let c = 0; c < chains; c++) check("depth", yield* chain(1000), 1000);
		return chains * 1000;
	},

	*mpsc_bounded(n) {
		return yield* mpsc(n, yield* Queue.bounded(100));
	},
	*mpsc_unbounded(n) {
		return yield* mpsc(n, yield* Queue.unbounded());
	},

	*oneshot(n) {
		let sum = 0;
		for (let i = 0; i < n; i++) {
			const deferred = yield* Deferred.make();
			yield* Deferred.succeed(deferred, i);
			sum += yield* Deferred.await(deferred);
		}
		check("sum", sum, sumTo(n));
	},

	*mutex_uncontended(n) {
		const mutex = yield* Semaphore.make(1);
		let count = 0;
		const increment = Effect.sync(() => {
			count++;
		});
		for (let i = 0; i < n; i++) yield* mutex.withPermit(increment);
		check("count", count, n);
	},

	*mutex_contended(n) {
		const each = per(n, 10);
		const mutex = yield* Semaphore.make(1);
		let count = 0;
		const critical = Effect.gen(function* () {
			const before = count;
			yield* Effect.yieldNow;
			count = before + 1;
		});
		yield* times(10, () =>
			Effect.gen(function* () {
				for (let i = 0; i < each; i++) yield* mutex.withPermit(critical);
			}),
		);
		check("count", count, each * 10);
		return count;
	},

	*semaphore_contended(n) {
		const each = per(n, 20);
		const semaphore = yield* Semaphore.make(4);
		let inside = 0;
		let most = 0;
		let count = 0;
		const critical = Effect.gen(function* () {
			most = Math.max(most, ++inside);
			yield* Effect.yieldNow;
			inside--;
			count++;
		});
		yield* times(20, () =>
			Effect.gen(function* () {
				for (let i = 0; i < each; i++) yield* semaphore.withPermit(critical);
			}),
		);
		check("inside at once", most, 4);
		check("count", count, each * 20);
		return count;
	},

	*broadcast(n) {
		const messages = per(n, 10);
		const bus = yield* PubSub.bounded(1024);
		const subscribed = yield* Latch.make();
		let subscribers = 0;
		const receiver = Effect.gen(function* () {
			const subscription = yield* PubSub.subscribe(bus);
			if (++subscribers === 10) yield* subscribed.open;
			let sum = 0;
			for (let i = 0; i < messages; i++) sum += yield* PubSub.take(subscription);
			return sum;
		});
		const sender = Effect.gen(function* () {
			yield* subscribed.await;
			for (let i = 0; i < messages; i++) yield* PubSub.publish(bus, i);
		});
		const [sums] = yield* Effect.all([times(10, () => Effect.scoped(receiver)), sender], { concurrency: "unbounded" });
		for (const sum of sums) check("sum", sum, sumTo(messages));
		return messages * 10;
	},

	// SubscriptionRef hands every change to every subscriber (it does not keep only the latest).
	*watch(n) {
		const changes = per(n, 10);
		const ref = yield* SubscriptionRef.make(0);
		const subscribed = yield* Latch.make();
		let subscribers = 0;
		const receiver = Effect.gen(function* () {
			let sum = 0;
			yield* SubscriptionRef.changes(ref).pipe(
				Stream.onFirst(() => (++subscribers === 10 ? subscribed.open : Effect.void)),
				Stream.take(changes + 1), // the first is the value at the start
				Stream.runForEach((v) => Effect.sync(() => (sum += v))),
			);
			return sum;
		});
		const sender = Effect.gen(function* () {
			yield* subscribed.await;
			for (let i = 1; i <= changes; i++) {
				yield* SubscriptionRef.set(ref, i);
				yield* Effect.yieldNow;
			}
		});
		const [sums] = yield* Effect.all([times(10, () => receiver), sender], { concurrency: "unbounded" });
		for (const sum of sums) check("sum", sum, sumTo(changes + 1));
		return changes * 10;
	},

	*join3(n) {
		for (let i = 0; i < n; i++) {
			const [a, b, c] = yield* Effect.all([yieldOnce(1), yieldOnce(2), yieldOnce(3)], { concurrency: "unbounded" });
			check("join", a + b + c, 6);
		}
	},

	*select2(n) {
		for (let i = 0; i < n; i++) check("winner", yield* Effect.raceFirst(yieldOnce(i), Effect.never), i);
	},

	*timeout_ready(n) {
		for (let i = 0; i < n; i++) check("value", yield* yieldOnce(i).pipe(Effect.timeout("5 seconds")), i);
	},

	*sleep_many(n) {
		const count = { woken: 0 };
		const fibers = [];
		for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(nap(sleepMs(i), count)));
		yield* Fiber.joinAll(fibers);
		check("woken", count.woken, n);
	},

	*deep_await(n) {
		for (let i = 0; i < n; i++) check("depth", yield* deep(100), 100);
	},

	*deep_resume(n) {
		check("depth", yield* deepYields(100, n), 100);
	},

	*service_stack(n) {
		const limit = yield* Semaphore.make(64);
		const call = (i) => yieldOnce(i).pipe(Effect.retry({ times: 2 }), limit.withPermit, Effect.timeout("1 second"));
		for (let i = 0; i < n; i++) check("value", yield* call(i), i);
	},

	stream_map: (n) =>
		Stream.range(0, n - 1).pipe(
			Stream.map((x) => x * 2),
			Stream.filter((x) => x % 4 === 0),
			Stream.take(Math.ceil(n / 2)),
			Stream.runSum,
			Effect.map((sum) => check("sum", sum, sumTo(Math.ceil(n / 2)) * 4)),
		),
};

/** The workloads, run by `runPromise`; a generator function becomes an Effect.gen program. */
export const make = (runPromise) => ({
	...Object.fromEntries(
		Object.entries(programs).map(([name, program]) => [
			name,
			(n) => {
				const p = program(n);
				return runPromise(Effect.isEffect(p) ? p : Effect.gen(() => p));
			},
		]),
	),

	async idle_tasks(n) {
		const latch = Latch.makeUnsafe(false);
		const count = { parked: 0 };
		const main = Effect.runFork(
			Effect.gen(function* () {
				for (let i = 0; i < n; i++) yield* Effect.forkChild(park(latch, count));
				return yield* Effect.never; // a parent that ends takes its children along
			}),
		);
		while (count.parked < n) await new Promise((r) => setTimeout(r, 10));
		return { main, latch };
	},
});

export const workloads = { ...make(Effect.runPromise), ...hostWorkloads };
