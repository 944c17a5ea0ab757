// The shapes of growth-core, growth-sync and growth-time in plain promises, where they can be had: how the engine's own cost grows is the
// measure for ours. The names are theirs. One unit of the size is one operation.
import { check, sumTo } from "../../lib/checks.mjs";
import { Channel, Semaphore, Watch, withTimeout } from "./by-hand.mjs";

const many = (n, f) => Array.from({ length: n }, (_, i) => f(i));
const all = (n, f) => Promise.all(many(n, f));

const yieldOnce = async (value) => {
	await null;
	return value;
};

async function deepYields(depth, times) {
	if (depth > 0) {
		await null;
		return 1 + (await deepYields(depth - 1, times));
	}
	for (let i = 0; i < times; i++) await null;
	return 0;
}

// A call runs on its caller's stack until it waits: n of them need a wait each, where a spawned task begins on an empty stack.
async function chain(depth) {
	await null;
	return depth === 0 ? 0 : 1 + (await chain(depth - 1));
}

/** n calls deep, each with cleanup; the innermost waits for what is rejected. */
async function deepPending(depth, count, stop) {
	try {
		await null;
		if (depth > 0) await deepPending(depth - 1, count, stop);
		count.reached = true;
		await stop;
	} finally {
		count.unwound++;
	}
}

function deferred() {
	const end = {};
	end.promise = new Promise((resolve, reject) => {
		end.resolve = resolve;
		end.reject = reject;
	});
	return end;
}

export const axes = {
	async tasks(n) {
		await all(n, async () => {
			for (let i = 0; i < 10; i++) await null;
		});
	},

	async join_branches(n) {
		check("values", (await all(n, yieldOnce)).length, n);
	},

	async select_branches(n) {
		check("winner", await Promise.race([...many(n - 1, () => new Promise(() => {})), yieldOnce(7)]), 7);
	},

	async deep_resume(n) {
		check("depth", await deepYields(n, n), n);
	},

	async chain_depth(n) {
		check("depth", await chain(n), n);
	},

	async handle_waiters(n) {
		const one = yieldOnce(1);
		const values = await all(n, async () => await one);
		check(
			"sum",
			values.reduce((a, b) => a + b, 0),
			n,
		);
	},

	async abort_tasks(n) {
		let ended = 0;
		const stops = [];
		const tasks = many(n, async () => {
			const stop = deferred();
			stops.push(stop);
			try {
				await stop.promise;
			} finally {
				ended++;
			}
		});
		await null;
		const aborted = new Error("aborted");
		for (const stop of stops) stop.reject(aborted);
		await Promise.allSettled(tasks);
		check("ended", ended, n);
	},

	async unwind_depth(n) {
		const count = { reached: false, unwound: 0 };
		const stop = deferred();
		const task = deepPending(n - 1, count, stop.promise);
		while (!count.reached) await null;
		stop.reject(new Error("aborted"));
		await task.catch(() => {});
		check("frames", count.unwound, n);
	},

	async lock_tasks(n) {
		const lock = new Semaphore(1);
		let count = 0;
		await all(n, async () => {
			for (let i = 0; i < 4; i++) {
				await lock.acquire();
				count++;
				lock.release();
			}
		});
		check("count", count, n * 4);
	},

	async notify_one(n) {
		const waiting = new Channel();
		const tasks = all(n, () => waiting.recv());
		await null;
		for (let i = 0; i < n; i++) waiting.send(i);
		check("woken", (await tasks).length, n);
	},

	async notify_all(n) {
		const cell = new Watch(0);
		const tasks = all(n, () => cell.changed(0));
		await null;
		cell.set(1);
		check("woken", (await tasks).length, n);
	},

	async branches_one_by_one(n) {
		const ends = many(n, deferred);
		const joined = Promise.all(ends.map((end) => end.promise));
		await null;
		for (const end of ends) {
			end.resolve(1);
			await null;
		}
		check("values", (await joined).length, n);
	},

	async broadcast_receivers(n) {
		const inboxes = [];
		const receivers = all(n, async () => {
			const inbox = new Channel();
			inboxes.push(inbox);
			for (let i = 0; i < 10; i++) check("message", await inbox.recv(), i);
		});
		for (let i = 0; i < 10; i++) for (const inbox of inboxes) inbox.send(i);
		await receivers;
	},

	async watch_receivers(n) {
		const cell = new Watch(0);
		const tasks = all(n, async () => {
			await cell.changed(0);
			return cell.value;
		});
		await null;
		cell.set(1);
		check("seen", (await tasks).length, n);
	},

	async producers(n) {
		const channel = new Channel(10);
		const producers = all(n, async () => {
			for (let i = 0; i < 4; i++) await channel.send(i);
		});
		let sum = 0;
		for (let i = 0; i < n * 4; i++) sum += await channel.recv();
		check("sum", sum, n * 6);
		await producers;
	},

	async queue_length(n) {
		const channel = new Channel();
		for (let i = 0; i < n; i++) channel.send(i);
		let sum = 0;
		for (let i = 0; i < n; i++) sum += await channel.recv();
		check("sum", sum, sumTo(n));
	},

	async timers_alive(n) {
		const asleep = many(n, (i) => {
			const end = deferred();
			end.timer = setTimeout(end.resolve, 60_000 + i);
			return end;
		});
		const tasks = all(n, (i) => asleep[i].promise);
		for (let i = 0; i < n; i++) await withTimeout(5_000 + i, () => yieldOnce(i));
		for (const { timer, resolve } of asleep) {
			clearTimeout(timer);
			resolve();
		}
		await tasks;
	},
};
