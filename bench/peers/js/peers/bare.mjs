// The least of programs: generators that suspend by a plain `yield`, and only where they have to wait. What is ready is taken by a plain call, so there
// is nothing that could be passed on, raced or timed out: no runtime could have this interface. It bounds from below what tasks of generators take.
import { check, per, sumTo } from "../../lib/checks.mjs";
import {
	Broadcast,
	BroadcastReceiver,
	Channel,
	OnceReceiver,
	OnceSender,
	Semaphore,
	Watch,
	WatchReceiver,
} from "../lib/bare/sync.mjs";
import { me, run, spawn, wake } from "../lib/bare/tasks.mjs";

const BATCH = 1000;
const RECEIVERS = 10;

function* join(tasks) {
	for (const task of tasks) {
		if (!task.done) {
			task.waiter = me();
			yield;
		}
	}
}

const times = (n, body) => Array.from({ length: n }, () => spawn(body()));

function pingPong(rounds) {
	const ping = new Channel(1);
	const pong = new Channel(1);
	function* caller() {
		for (let i = 0; i < rounds; i++) {
			if (!ping.slots.take()) yield;
			ping.put(i);
			if (!pong.look()) yield;
			check("pong", pong.take(), i);
		}
	}
	function* echo() {
		for (let i = 0; i < rounds; i++) {
			if (!ping.look()) yield;
			const message = ping.take();
			if (!pong.slots.take()) yield;
			pong.put(message);
		}
	}
	return [spawn(caller()), spawn(echo())];
}

function* consume(channel, count) {
	let sum = 0;
	for (let i = 0; i < count; i++) {
		if (!channel.look()) yield;
		sum += channel.take();
	}
	return sum;
}

function* chain(depth) {
	if (depth === 0) return 0;
	const next = spawn(chain(depth - 1));
	if (!next.done) {
		next.waiter = me();
		yield;
	}
	return 1 + next.value;
}

/** Keeps the optimiser from doing without an object that nobody else sees. */
const shown = { last: undefined };

const bodies = {
	*ping_pong(n) {
		yield* join(pingPong(n));
	},

	*ping_pong_1k(n) {
		const each = per(n, 1000);
		yield* join(Array.from({ length: 1000 }, () => pingPong(each)).flat());
		return each * 1000;
	},

	*mpsc_bounded(n) {
		const each = per(n, 5);
		const channel = new Channel(100);
		const sum = spawn(consume(channel, each * 5));
		times(5, function* () {
			for (let i = 0; i < each; i++) {
				if (!channel.slots.take()) yield;
				channel.put(i);
			}
		});
		yield* join([sum]);
		check("sum", sum.value, sumTo(each) * 5);
		return each * 5;
	},

	*mpsc_unbounded(n) {
		const each = per(n, 5);
		const channel = new Channel();
		const sum = spawn(consume(channel, each * 5));
		times(5, function* () {
			for (let i = 0; i < each; i++) channel.put(i);
		});
		yield* join([sum]);
		check("sum", sum.value, sumTo(each) * 5);
		return each * 5;
	},

	*oneshot(n) {
		let sum = 0;
		for (let i = 0; i < n; i++) {
			const rx = new OnceReceiver();
			const tx = new OnceSender(rx);
			shown.last = tx;
			tx.send(i);
			if (!rx.look()) yield;
			sum += rx.message;
		}
		check("sum", sum, sumTo(n));
	},

	*mutex_contended(n) {
		const each = per(n, 10);
		const lock = new Semaphore(1);
		let count = 0;
		yield* join(
			times(10, function* () {
				for (let i = 0; i < each; i++) {
					if (!lock.take()) yield;
					const before = count;
					wake(me());
					yield;
					count = before + 1;
					lock.give();
				}
			}),
		);
		check("count", count, each * 10);
		return each * 10;
	},

	*semaphore_contended(n) {
		const each = per(n, 20);
		const semaphore = new Semaphore(4);
		let inside = 0;
		let most = 0;
		let count = 0;
		yield* join(
			times(20, function* () {
				for (let i = 0; i < each; i++) {
					if (!semaphore.take()) yield;
					most = Math.max(most, ++inside);
					wake(me());
					yield;
					inside--;
					count++;
					semaphore.give();
				}
			}),
		);
		check("inside at once", most, 4);
		check("count", count, each * 20);
		return count;
	},

	*broadcast(n) {
		const messages = per(n, RECEIVERS);
		const channel = new Broadcast(1024);
		const acks = new Channel(RECEIVERS);
		const receivers = times(RECEIVERS, function* () {
			const rx = new BroadcastReceiver(channel);
			for (let i = 0; i < messages; i++) {
				if (!rx.look()) yield;
				check("message", rx.take(), i);
				if ((i + 1) % BATCH === 0) {
					if (!acks.slots.take()) yield;
					acks.put(true);
				}
			}
		});
		for (let i = 0; i < messages; i++) {
			channel.send(i);
			if ((i + 1) % BATCH > 0) continue;
			for (let k = 0; k < RECEIVERS; k++) {
				if (!acks.look()) yield;
				acks.take();
			}
		}
		yield* join(receivers);
		return messages * RECEIVERS;
	},

	*watch(n) {
		const changes = per(n, RECEIVERS);
		const channel = new Watch(0);
		let live = RECEIVERS;
		const receivers = times(RECEIVERS, function* () {
			const rx = new WatchReceiver(channel);
			for (let seen = 0; seen < changes; seen++) {
				if (!rx.look()) yield;
				rx.see();
				if (channel.value <= seen) throw new Error("a change was seen twice");
			}
			live--;
		});
		for (let value = 1; live > 0; value++) {
			channel.send(value);
			wake(me());
			yield;
		}
		yield* join(receivers);
		return changes * RECEIVERS;
	},

	*chained_spawn(n) {
		const chains = per(n, 1000);
		for (let c = 0; c < chains; c++) {
			const first = spawn(chain(999));
			yield* join([first]);
			check("depth", first.value, 999);
		}
		return chains * 1000;
	},
};

export const workloads = Object.fromEntries(
	Object.entries(bodies).map(([name, body]) => [name, async (n) => run(body(n))]),
);
