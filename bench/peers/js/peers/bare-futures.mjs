// The least of programs whose waits are values: `yield*` of an object for each, that is asked again when its task was woken, as a future of Yamanote is.
// Such a wait can be passed on; a guard and a permit are objects that are released. Else as `bare`: nothing can be cancelled, closed or fail.
import { check, per, sumTo } from "../../lib/checks.mjs";
import { Broadcast, BroadcastReceiver, Channel, Semaphore, Watch, WatchReceiver } from "../lib/bare/sync.mjs";
import { run, spawn } from "../lib/bare/tasks.mjs";
import { Acquire, Changed, oneshot, Recv, Send, yieldNow } from "../lib/bare/waits.mjs";

const BATCH = 1000;
const RECEIVERS = 10;

function* join(tasks) {
	for (const task of tasks) yield* task;
}

const times = (n, body) => Array.from({ length: n }, () => spawn(body()));

function pingPong(rounds) {
	const ping = new Channel(1);
	const pong = new Channel(1);
	function* caller() {
		for (let i = 0; i < rounds; i++) {
			yield* new Send(ping, i);
			check("pong", yield* new Recv(pong), i);
		}
	}
	function* echo() {
		for (let i = 0; i < rounds; i++) yield* new Send(pong, yield* new Recv(ping));
	}
	return [spawn(caller()), spawn(echo())];
}

function* consume(channel, count) {
	let sum = 0;
	for (let i = 0; i < count; i++) sum += yield* new Recv(channel);
	return sum;
}

function* chain(depth) {
	return depth === 0 ? 0 : 1 + (yield* spawn(chain(depth - 1)));
}

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
			for (let i = 0; i < each; i++) yield* new Send(channel, i);
		});
		check("sum", yield* sum, sumTo(each) * 5);
		return each * 5;
	},

	*mpsc_unbounded(n) {
		const each = per(n, 5);
		const channel = new Channel();
		const sum = spawn(consume(channel, each * 5));
		times(5, function* () {
			for (let i = 0; i < each; i++) channel.put(i);
		});
		check("sum", yield* sum, sumTo(each) * 5);
		return each * 5;
	},

	*oneshot(n) {
		let sum = 0;
		for (let i = 0; i < n; i++) {
			const [tx, rx] = oneshot();
			tx.send(i);
			sum += yield* rx;
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
					const guard = yield* new Acquire(lock);
					const before = count;
					yield* yieldNow();
					count = before + 1;
					guard.release();
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
					const permit = yield* new Acquire(semaphore);
					most = Math.max(most, ++inside);
					yield* yieldNow();
					inside--;
					count++;
					permit.release();
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
				check("message", yield* new Recv(rx), i);
				if ((i + 1) % BATCH === 0) yield* new Send(acks, true);
			}
		});
		for (let i = 0; i < messages; i++) {
			channel.send(i);
			if ((i + 1) % BATCH === 0) for (let k = 0; k < RECEIVERS; k++) yield* new Recv(acks);
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
				yield* new Changed(rx);
				if (channel.value <= seen) throw new Error("a change was seen twice");
			}
			live--;
		});
		for (let value = 1; live > 0; value++) {
			channel.send(value);
			yield* yieldNow();
		}
		yield* join(receivers);
		return changes * RECEIVERS;
	},

	*chained_spawn(n) {
		const chains = per(n, 1000);
		for (let c = 0; c < chains; c++) check("depth", yield* spawn(chain(999)), 999);
		return chains * 1000;
	},
};

export const workloads = Object.fromEntries(
	Object.entries(bodies).map(([name, body]) => [name, async (n) => run(body(n))]),
);
