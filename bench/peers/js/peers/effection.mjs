// Effection 4: generator operations, run by its reducer. It has no yield, bounded channel, mutex, semaphore, watch or
// stream combinators, so those workloads are left out; a yield is a wait for an already resolved promise.
import { all, createChannel, createQueue, race, run, sleep, spawn, suspend, until, withResolvers } from "effection";
import { check, per, sleepMs, sumTo } from "../../lib/checks.mjs";

const yieldNow = () => until(Promise.resolve());
function* yieldOnce(v) {
	yield* yieldNow();
	return v;
}

/** k copies of an operation at once. */
const times = (k, f) => all(Array.from({ length: k }, (_, i) => f(i)));

function* spawnAndJoin(n, task) {
	let sum = 0;
	for (let done = 0; done < n; ) {
		const batch = Math.min(10_000, n - done);
		const tasks = [];
		for (let i = 0; i < batch; i++) tasks.push(yield* spawn(() => task(done + i)));
		for (const t of tasks) sum += yield* t;
		done += batch;
	}
	check("sum", sum, sumTo(n));
	return n;
}

function* next(queue) {
	return (yield* queue.next()).value;
}

// Two queues; they are unbounded, of which at most one slot is used here.
function* pingPong(rounds) {
	const ping = createQueue();
	const pong = createQueue();
	const echo = function* () {
		for (let i = 0; i < rounds; i++) pong.add(yield* next(ping));
	};
	const caller = function* () {
		for (let i = 0; i < rounds; i++) {
			ping.add(i);
			check("pong", yield* next(pong), i);
		}
	};
	yield* all([echo(), caller()]);
}

function* chain(depth) {
	if (depth === 0) return 0;
	const child = yield* spawn(() => chain(depth - 1));
	return 1 + (yield* child);
}

function* deep(depth) {
	if (depth > 0) return 1 + (yield* deep(depth - 1));
	yield* yieldNow();
	return 0;
}

function* deepYields(depth, k) {
	if (depth > 0) return 1 + (yield* deepYields(depth - 1, k));
	for (let i = 0; i < k; i++) yield* yieldNow();
	return 0;
}

function* timedOut(ms) {
	yield* sleep(ms);
	throw new Error(`timed out after ${ms} ms`);
}

function* nap(ms, count) {
	yield* sleep(ms);
	count.woken++;
}

function* park(never, count) {
	count.parked++;
	yield* never;
}

const operations = {
	spawn_join: (n) =>
		spawnAndJoin(n, function* (i) {
			return i;
		}),
	spawn_yield_join: (n) => spawnAndJoin(n, yieldOnce),

	*yield_many(n) {
		const each = per(n, 200);
		let yields = 0;
		yield* times(200, function* () {
			for (let i = 0; i < each; i++) {
				yield* yieldNow();
				yields++;
			}
		});
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

	*mpsc_unbounded(n) {
		const each = per(n, 5);
		const queue = createQueue();
		const consumer = function* () {
			let sum = 0;
			for (let i = 0; i < each * 5; i++) sum += yield* next(queue);
			return sum;
		};
		const producer = function* () {
			for (let i = 0; i < each; i++) queue.add(i);
		};
		const [sum] = yield* all([consumer(), times(5, producer)]);
		check("sum", sum, sumTo(each) * 5);
		return each * 5;
	},

	*oneshot(n) {
		let sum = 0;
		for (let i = 0; i < n; i++) {
			const { operation, resolve } = withResolvers();
			resolve(i);
			sum += yield* operation;
		}
		check("sum", sum, sumTo(n));
	},

	// A channel has no capacity: the sender keeps to 1,024 by yielding.
	*broadcast(n) {
		const messages = per(n, 10);
		const channel = createChannel();
		const ready = withResolvers();
		let subscribers = 0;
		const receiver = function* () {
			const subscription = yield* channel;
			if (++subscribers === 10) ready.resolve();
			let sum = 0;
			for (let i = 0; i < messages; i++) sum += yield* next(subscription);
			return sum;
		};
		const sender = function* () {
			yield* ready.operation;
			for (let i = 0; i < messages; i++) {
				yield* channel.send(i);
				if (i % 1024 === 1023) yield* yieldNow();
			}
		};
		const [sums] = yield* all([times(10, receiver), sender()]);
		for (const sum of sums) check("sum", sum, sumTo(messages));
		return messages * 10;
	},

	*join3(n) {
		for (let i = 0; i < n; i++) {
			const [a, b, c] = yield* all([yieldOnce(1), yieldOnce(2), yieldOnce(3)]);
			check("join", a + b + c, 6);
		}
	},

	*select2(n) {
		for (let i = 0; i < n; i++) check("winner", yield* race([yieldOnce(i), suspend()]), i);
	},

	*timeout_ready(n) {
		for (let i = 0; i < n; i++) check("value", yield* race([yieldOnce(i), timedOut(5000)]), i);
	},

	*sleep_many(n) {
		const count = { woken: 0 };
		const tasks = [];
		for (let i = 0; i < n; i++) tasks.push(yield* spawn(() => nap(sleepMs(i), count)));
		for (const t of tasks) yield* t;
		check("woken", count.woken, n);
	},

	*deep_await(n) {
		for (let i = 0; i < n; i++) check("depth", yield* deep(100), 100);
	},

	*deep_resume(n) {
		check("depth", yield* deepYields(100, n), 100);
	},
};

export const workloads = {
	...Object.fromEntries(Object.entries(operations).map(([name, op]) => [name, (n) => run(() => op(n))])),

	async idle_tasks(n) {
		const never = withResolvers();
		const count = { parked: 0 };
		const main = run(function* () {
			for (let i = 0; i < n; i++) yield* spawn(() => park(never.operation, count));
			yield* suspend();
		});
		while (count.parked < n) await new Promise((r) => setTimeout(r, 10));
		return { main, never };
	},
};
