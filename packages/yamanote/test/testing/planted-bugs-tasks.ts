// Mistakes with tasks, deadlines and conditions, each with its cure. An ordinary run of each goes well.
import {
	asyncFn,
	attempt,
	type Context,
	Elapsed,
	Future,
	JoinSet,
	Pending,
	type Poll,
	scope,
	sleep,
	spawn,
	timeout,
	type Waker,
	yieldNow,
} from "yamanote";
import { CancellationToken, Mutex, mpsc, Notify } from "yamanote/sync";
import type { Planted } from "./planted-bugs.ts";

function check(condition: boolean, message: string): void {
	if (!condition) throw new Error(message);
}

const turns = asyncFn(function* (n: number) {
	for (let i = 0; i < n; i++) yield* yieldNow();
});

/** The token is asked before the wait, and nobody hears it during the wait. */
const deafWait: Planted = (fixed) =>
	function* () {
		const token = new CancellationToken();
		const [tx, rx] = mpsc.channel<number>(1);
		const worker = spawn(function* () {
			while (!token.isCancelled) {
				yield* turns(1);
				if (fixed) {
					if ((yield* token.runUntilCancelled(rx.recv())) === undefined) return;
				} else if (!token.isCancelled) yield* rx.recv();
			}
		});
		const boss = spawn(function* () {
			yield* tx.send(1);
			yield* turns(1);
			token.cancel();
		});
		yield* boss;
		yield* worker;
		tx.close();
	};

/** A deadline ends the charge halfway, and the second attempt charges again. */
const chargedTwice: Planted = (fixed) =>
	function* () {
		const charges = new Map<string, number>();
		const charge = asyncFn(function* (key: string) {
			if (fixed && charges.has(key)) return;
			charges.set(key, (charges.get(key) ?? 0) + 1);
			yield* sleep(9);
		});
		for (let tries = 0; tries < 2; tries++) {
			const done = yield* attempt(timeout(10, charge("order 1")), Elapsed);
			if (done.ok) break;
		}
		check(charges.get("order 1") === 1, `charged ${charges.get("order 1")} times`);
	};

/** A child counts itself in when it runs, not when it is made: whoever waits for zero goes too early. */
const countedTooLate: Planted = (fixed) =>
	function* () {
		let open = 0;
		let done = 0;
		const idle = new Notify();
		yield* scope(function* (s) {
			for (let i = 0; i < 3; i++) {
				if (fixed) open++;
				s.spawn(function* () {
					if (!fixed) open++;
					yield* turns(2);
					done++;
					if (--open === 0) idle.notifyOne();
				});
			}
			yield* yieldNow();
			while (open > 0) yield* idle.notified();
			check(done === 3, `${done} of 3 are done`);
		});
	};

/** A job is taken off the count before the jobs that it makes are put on it. */
const finishedTooEarly: Planted = (fixed) =>
	function* () {
		const jobs: number[] = [3];
		let open = 1;
		let done = 0;
		let ended = false;
		function* worker() {
			while (!ended) {
				const job = jobs.pop();
				if (job === undefined) {
					yield* yieldNow();
					continue;
				}
				done++;
				if (!fixed) open--;
				yield* turns(1);
				if (job > 0) {
					jobs.push(job - 1);
					open++;
				}
				if (fixed) open--;
			}
		}
		const workers = [spawn(worker()), spawn(worker())];
		const watcher = spawn(function* () {
			yield* turns(14);
			for (;;) {
				if (open === 0) {
					ended = true;
					return;
				}
				yield* yieldNow();
			}
		});
		yield* watcher;
		for (const w of workers) yield* w;
		check(done === 4 && jobs.length === 0, `${done} of 4 jobs are done`);
	};

/** Everybody is woken for one item, and looks only once. */
const ifInsteadOfWhile: Planted = (fixed) =>
	function* () {
		const items: number[] = [];
		const bell = new Notify();
		function* take() {
			const heard = bell.notified();
			heard.enable();
			if (items.length === 0) yield* heard;
			while (fixed && items.length === 0) yield* bell.notified();
			const item = items.shift();
			check(item !== undefined, "an item");
		}
		const first = spawn(take());
		const second = spawn(function* () {
			yield* turns(8);
			yield* take();
		});
		const producer = spawn(function* () {
			for (const n of [1, 2]) {
				yield* turns(3);
				items.push(n);
				bell.notifyWaiters();
				yield* turns(3);
			}
		});
		yield* first;
		yield* second;
		yield* producer;
	};

/** A door that remembers one waker, and has two visitors. */
class Door extends Future<void> {
	readonly #shared: { open: boolean; wakers: Waker[] };
	readonly #fixed: boolean;
	constructor(shared: { open: boolean; wakers: Waker[] }, fixed: boolean) {
		super();
		this.#shared = shared;
		this.#fixed = fixed;
	}
	poll(cx: Context): Poll<void> {
		if (this.#shared.open) return undefined;
		if (!this.#fixed) this.#shared.wakers.length = 0;
		this.#shared.wakers.push(cx.waker);
		return Pending;
	}
}
const oneWakerForTwo: Planted = (fixed) =>
	function* () {
		const shared = { open: false, wakers: [] as Waker[] };
		const a = spawn(function* () {
			yield* new Door(shared, fixed);
		});
		const b = spawn(function* () {
			yield* turns(7);
			yield* new Door(shared, fixed);
		});
		const opener = spawn(function* () {
			yield* turns(3);
			shared.open = true;
			for (const w of shared.wakers) w.wake();
		});
		for (const task of [a, b, opener]) yield* task;
	};

/** One flight for one key; the entry is taken off the board before the value is in the cache. */
const secondFlight: Planted = (fixed) =>
	function* () {
		const cache = new Map<string, number>();
		const flying = new Map<string, Notify>();
		let loads = 0;
		function* get(key: string, delay: number) {
			yield* turns(delay);
			for (;;) {
				const known = cache.get(key);
				if (known !== undefined) return known;
				const flight = flying.get(key);
				if (flight !== undefined) {
					yield* flight.notified();
					continue;
				}
				const landed = new Notify();
				flying.set(key, landed);
				loads++;
				yield* turns(2);
				if (fixed) cache.set(key, 1);
				flying.delete(key);
				landed.notifyWaiters();
				yield* turns(1);
				cache.set(key, 1);
			}
		}
		const tasks = [spawn(get("k", 0)), spawn(get("k", 8))];
		for (const task of tasks) yield* task;
		check(loads === 1, `loaded ${loads} times`);
	};

/** The pool gets a connection back that its user has already been robbed of. */
const lateReturn: Planted = (fixed) =>
	function* () {
		const free = ["c1"];
		const users = new Map<string, string>();
		const back = new Notify();
		const work = asyncFn(function* (ms: number) {
			yield* sleep(ms - 1);
			yield* turns(1);
			yield* sleep(1);
		});
		const use = asyncFn(function* (who: string, ms: number) {
			while (free.length === 0) yield* back.notified();
			const c = free.pop() as string;
			check(!users.has(c), `${c} has two users`);
			users.set(c, who);
			try {
				yield* timeout(5, work(ms));
			} catch (error) {
				if (!fixed) {
					// Given back here, and once more below.
					users.delete(c);
					free.push(c);
					back.notifyOne();
				}
				if (!(error instanceof Elapsed)) throw error;
			} finally {
				users.delete(c);
				if (!free.includes(c) || !fixed) free.push(c);
				back.notifyOne();
			}
		});
		const tasks = [spawn(use("a", 4)), spawn(use("b", 3)), spawn(use("c", 2))];
		for (const task of tasks) yield* task;
		check(free.length === 1, `${free.length} connections in a pool of one`);
	};

/** Results are added up while some workers still work. */
const readTooEarly: Planted = (fixed) =>
	function* () {
		const set = new JoinSet<number>();
		let sum = 0;
		for (let i = 1; i <= 3; i++)
			set.spawn(function* () {
				yield* turns(i);
				sum += i;
				return i;
			});
		yield* turns(8);
		if (fixed) yield* set.joinAll();
		const seen = sum;
		if (!fixed) yield* set.joinAll();
		check(seen === 6, `the sum is ${seen}`);
	};

/** A torn pair: two fields are written with a wait between, and read under no lock. Three things have to come together. */
const tornPair: Planted = (fixed) =>
	function* () {
		let version = 0;
		let x = 0;
		let y = 0;
		const writer = spawn(function* () {
			for (let i = 1; i <= 2; i++) {
				yield* turns(3);
				if (fixed) version++;
				x = i;
				yield* turns(1);
				y = i;
				version++;
			}
		});
		const reader = spawn(function* () {
			yield* turns(14);
			for (;;) {
				const before = version;
				const seenX = x;
				yield* turns(1);
				const seenY = y;
				if (before !== version || (fixed && before % 2 === 1)) continue;
				check(seenX === seenY, `torn: ${seenX} and ${seenY}`);
				return;
			}
		});
		yield* writer;
		yield* reader;
	};

/** Native async functions: the second look-up begins before the first has stored what it found. */
const nativeLostUpdate: Planted = (fixed) =>
	function* () {
		let counter = 0;
		const lock = new Mutex(undefined);
		const add = async (delay: number): Promise<void> => {
			for (let i = 0; i < delay; i++) await yieldNow();
			const guard = fixed ? await lock.lock() : undefined;
			const before = counter;
			await yieldNow();
			counter = before + 1;
			guard?.release();
		};
		const tasks = [spawn(async () => add(0)), spawn(async () => add(5))];
		for (const task of tasks) yield* task;
		check(counter === 2, `counter is ${counter}`);
	};

export const plantedTaskBugs: Readonly<Record<string, Planted>> = {
	"a wait that does not hear the token": deafWait,
	"a charge repeated after its deadline": chargedTwice,
	"children counted in too late": countedTooLate,
	"an end that is seen too early": finishedTooEarly,
	"a condition looked at once": ifInsteadOfWhile,
	"one waker for two waiters": oneWakerForTwo,
	"a second flight": secondFlight,
	"a connection given back twice": lateReturn,
	"a sum read too early": readTooEarly,
	"a torn pair": tornPair,
	"a lost update in native async functions": nativeLostUpdate,
};
