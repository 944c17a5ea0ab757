// Plain promises and async functions; a yield is `await null` (one microtask turn). The channel, mutex
// and semaphore are the short hand-written ones that JavaScript programs carry, since there is none built in.
import { EventEmitter, on, once } from "node:events";
import net from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { check, per, sleepMs, sumTo } from "../../lib/checks.mjs";
import { poolWorkloads } from "../../lib/pool.mjs";
import { Channel, Semaphore, Watch, withRetry, withTimeout } from "../lib/by-hand.mjs";
import { openPool } from "../lib/raw-pool.mjs";

const times = (k, f) => Promise.all(Array.from({ length: k }, (_, i) => f(i)));
const yieldOnce = async (v) => {
	await null;
	return v;
};

async function spawnAndJoin(n, task) {
	let sum = 0;
	for (let done = 0; done < n; ) {
		const batch = Math.min(10_000, n - done);
		const handles = [];
		for (let i = 0; i < batch; i++) handles.push(task(done + i));
		for (const v of await Promise.all(handles)) sum += v;
		done += batch;
	}
	check("sum", sum, sumTo(n));
	return n;
}

async function pingPong(rounds) {
	const ping = new Channel(1);
	const pong = new Channel(1);
	const echo = async () => {
		for (let i = 0; i < rounds; i++) await pong.send(await ping.recv());
	};
	const caller = async () => {
		for (let i = 0; i < rounds; i++) {
			await ping.send(i);
			check("pong", await pong.recv(), i);
		}
	};
	await Promise.all([echo(), caller()]);
}

async function mpsc(n, capacity) {
	const each = per(n, 5);
	const channel = new Channel(capacity);
	const producer = async () => {
		for (let i = 0; i < each; i++) {
			const full = channel.send(i);
			if (full) await full;
		}
	};
	const consumer = async () => {
		let sum = 0;
		for (let i = 0; i < each * 5; i++) sum += await channel.recv();
		return sum;
	};
	const [sum] = await Promise.all([consumer(), times(5, producer)]);
	check("sum", sum, sumTo(each) * 5);
	return each * 5;
}

async function chain(depth) {
	return depth === 0 ? 0 : 1 + (await chain(depth - 1));
}

async function deep(depth) {
	if (depth > 0) return 1 + (await deep(depth - 1));
	await null;
	return 0;
}

async function deepYields(depth, k) {
	if (depth > 0) return 1 + (await deepYields(depth - 1, k));
	for (let i = 0; i < k; i++) await null;
	return 0;
}

export const workloads = {
	spawn_join: (n) => spawnAndJoin(n, async (i) => i),
	spawn_yield_join: (n) => spawnAndJoin(n, yieldOnce),

	async yield_many(n) {
		const each = per(n, 200);
		let yields = 0;
		await times(200, async () => {
			for (let i = 0; i < each; i++) {
				await null;
				yields++;
			}
		});
		check("yields", yields, each * 200);
		return yields;
	},

	async ping_pong(n) {
		await pingPong(n);
	},
	async ping_pong_1k(n) {
		const each = per(n, 1000);
		await times(1000, () => pingPong(each));
		return each * 1000;
	},

	async chained_spawn(n) {
		const chains = per(n, 1000);
		for (let c = 0; c < chains; c++) check("depth", await chain(1000), 1000);
		return chains * 1000;
	},

	mpsc_bounded: (n) => mpsc(n, 100),
	mpsc_unbounded: (n) => mpsc(n, Infinity),

	async oneshot(n) {
		let sum = 0;
		for (let i = 0; i < n; i++) {
			let send;
			const receiver = new Promise((resolve) => (send = resolve));
			send(i);
			sum += await receiver;
		}
		check("sum", sum, sumTo(n));
	},

	async mutex_uncontended(n) {
		const mutex = new Semaphore(1);
		let count = 0;
		for (let i = 0; i < n; i++) {
			await mutex.acquire();
			count++;
			mutex.release();
		}
		check("count", count, n);
	},

	async mutex_contended(n) {
		const each = per(n, 10);
		const mutex = new Semaphore(1);
		let count = 0;
		await times(10, async () => {
			for (let i = 0; i < each; i++) {
				await mutex.acquire();
				try {
					const before = count;
					await null;
					count = before + 1;
				} finally {
					mutex.release();
				}
			}
		});
		check("count", count, each * 10);
		return count;
	},

	async semaphore_contended(n) {
		const each = per(n, 20);
		const semaphore = new Semaphore(4);
		let inside = 0;
		let most = 0;
		let count = 0;
		await times(20, async () => {
			for (let i = 0; i < each; i++) {
				await semaphore.acquire();
				try {
					most = Math.max(most, ++inside);
					await null;
					inside--;
					count++;
				} finally {
					semaphore.release();
				}
			}
		});
		check("inside at once", most, 4);
		check("count", count, each * 20);
		return count;
	},

	// An EventEmitter and ten `events.on` iterators. It has no capacity: the sender keeps to 1,024 by waiting a turn.
	async broadcast(n) {
		const messages = per(n, 10);
		const bus = new EventEmitter();
		const receivers = times(10, async () => {
			let sum = 0;
			let left = messages;
			for await (const [v] of on(bus, "message")) {
				sum += v;
				if (--left === 0) break;
			}
			return sum;
		});
		for (let i = 0; i < messages; i++) {
			bus.emit("message", i);
			if (i % 1024 === 1023) await nextTurn();
		}
		for (const sum of await receivers) check("sum", sum, sumTo(messages));
		return messages * 10;
	},

	async watch(n) {
		const changes = per(n, 10);
		const cell = new Watch(0);
		const receivers = times(10, async () => {
			let sum = 0;
			for (let seen = 0; seen < changes; ) {
				await cell.changed(seen);
				seen = cell.version;
				sum += cell.value;
			}
			return sum;
		});
		for (let i = 1; i <= changes; i++) {
			cell.set(i);
			await null; // every receiver is resumed before the sender is
		}
		for (const sum of await receivers) check("sum", sum, sumTo(changes + 1));
		return changes * 10;
	},

	async join3(n) {
		for (let i = 0; i < n; i++) {
			const [a, b, c] = await Promise.all([yieldOnce(1), yieldOnce(2), yieldOnce(3)]);
			check("join", a + b + c, 6);
		}
	},

	async select2(n) {
		for (let i = 0; i < n; i++) check("winner", await Promise.race([yieldOnce(i), new Promise(() => {})]), i);
	},

	async timeout_ready(n) {
		for (let i = 0; i < n; i++) check("value", await withTimeout(5000, () => yieldOnce(i)), i);
	},

	async sleep_many(n) {
		let woken = 0;
		await times(n, async (i) => {
			await sleep(sleepMs(i));
			woken++;
		});
		check("woken", woken, n);
	},

	async deep_await(n) {
		for (let i = 0; i < n; i++) check("depth", await deep(100), 100);
	},

	async deep_resume(n) {
		check("depth", await deepYields(100, n), 100);
	},

	async idle_tasks(n) {
		const never = new Promise(() => {});
		let parked = 0;
		const tasks = Array.from({ length: n }, async () => {
			parked++;
			await never;
			parked--;
		});
		check("parked", parked, n);
		return { tasks, never };
	},

	...poolWorkloads(openPool),

	tcp_echo: {
		async setup() {
			const server = net.createServer({ noDelay: true }, (socket) => socket.pipe(socket));
			await once(server.listen(0, "127.0.0.1"), "listening");
			const clients = await times(64, async () => {
				const socket = net.connect({ port: server.address().port, host: "127.0.0.1", noDelay: true });
				await once(socket, "connect");
				let got = 0;
				let wake;
				socket.on("data", (chunk) => {
					got += chunk.length;
					if (got >= 64) {
						got -= 64;
						wake(chunk);
					}
				});
				return {
					socket,
					roundTrip: (message) =>
						new Promise((resolve) => {
							wake = resolve;
							socket.write(message);
						}),
				};
			});
			return { server, clients };
		},
		async run(n, { clients }) {
			const each = per(n, clients.length);
			const message = Buffer.alloc(64, "x");
			await Promise.all(
				clients.map(async (client) => {
					for (let i = 0; i < each; i++) await client.roundTrip(message);
				}),
			);
			return each * clients.length;
		},
		teardown({ server, clients }) {
			for (const c of clients) c.socket.destroy();
			server.close();
		},
	},

	async service_stack(n) {
		const limit = new Semaphore(64);
		const call = (i) => withTimeout(1000, () => limit.run(() => withRetry(2, () => yieldOnce(i))));
		for (let i = 0; i < n; i++) check("value", await call(i), i);
	},

	async stream_map(n) {
		async function* source() {
			for (let i = 0; i < n; i++) yield i;
		}
		async function* map(xs, f) {
			for await (const x of xs) yield f(x);
		}
		async function* filter(xs, f) {
			for await (const x of xs) if (f(x)) yield x;
		}
		async function* take(xs, k) {
			if (k > 0)
				for await (const x of xs) {
					yield x;
					if (--k === 0) return;
				}
		}
		let sum = 0;
		for await (const x of take(
			filter(
				map(source(), (x) => x * 2),
				(x) => x % 4 === 0,
			),
			Math.ceil(n / 2),
		))
			sum += x;
		check("sum", sum, sumTo(Math.ceil(n / 2)) * 4);
	},
};
