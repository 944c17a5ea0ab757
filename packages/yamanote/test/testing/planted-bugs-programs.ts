// Mistakes of whole programs, in all three ways to write a task, each with its cure. An ordinary run of each goes well.
import {
	asyncFn,
	attempt,
	Elapsed,
	join,
	run,
	scope,
	sleep,
	spawn,
	type TaskContext,
	timeout,
	yieldNow,
} from "yamanote";
import { broadcast, Mutex, Notify, oneshot } from "yamanote/sync";
import type { Planted } from "./planted-bugs.ts";

/** Makes the program, of any kind. */
type PlantedProgram = (fixed: boolean) => (task: TaskContext) => ReturnType<ReturnType<Planted>> | Promise<void>;

function check(condition: boolean, message: string): void {
	if (!condition) throw new Error(message);
}

const turns = asyncFn(function* (n: number) {
	for (let i = 0; i < n; i++) yield* yieldNow();
});

/** Five philosophers, none of whom ever waits between two forks: each must be interrupted just there. */
const interruptedPhilosophers: PlantedProgram = (fixed) =>
	function* () {
		const forks = [0, 1, 2, 3, 4].map((i) => new Mutex(i));
		const eat = asyncFn(function* (i: number) {
			const next = (i + 1) % 5;
			const [first, second] = fixed && next < i ? [next, i] : [i, next];
			for (let n = 0; n < 2; n++) {
				using _one = yield* (forks[first] as Mutex<number>).lock();
				using _two = yield* (forks[second] as Mutex<number>).lock();
			}
		});
		yield* join(forks.map((_, i) => spawn(eat(i))));
	};

/** A machine of states that is read three times, and each time another step must have been taken since. */
const threeInterruptions: PlantedProgram = (fixed) =>
	function* () {
		let state = 0;
		let seen = 0;
		const machine = spawn(function* () {
			for (state = 1; state < 4; state++) yield* yieldNow();
			state = 0;
		});
		const reader = spawn(function* () {
			yield* turns(6);
			for (const expected of [1, 2, 3]) {
				if (state !== expected) return;
				seen++;
				yield* yieldNow();
			}
		});
		yield* machine;
		yield* reader;
		check(fixed || seen < 3, "every state was seen");
	};

/** A lease ends by the clock, whoever still works under it. */
const endedLease: PlantedProgram = (fixed) =>
	function* () {
		let owner: string | null = null;
		let writers = 0;
		const work = asyncFn(function* (who: string) {
			while (owner !== null) yield* sleep(1);
			owner = who;
			const lease = spawn(function* () {
				yield* sleep(5);
				if (!fixed && owner === who) owner = null;
			});
			check(++writers === 1, "two writers");
			yield* sleep(4);
			writers--;
			if (owner === who) owner = null;
			lease.abort();
		});
		yield* join([work("a"), work("b")]);
	};

/** A reader that is three messages behind is told so, and has not thought of that. */
const laggingReader: PlantedProgram = (fixed) =>
	function* () {
		const [tx, rx] = broadcast.channel<number>(2);
		const reader = spawn(function* () {
			for (;;) {
				const got = yield* attempt(rx.recv());
				if (!got.ok && !fixed) throw got.error;
				if (got.ok && got.value === undefined) return;
			}
		});
		for (let i = 0; i < 4; i++) {
			tx.send(i);
			yield* sleep(1);
		}
		tx.close();
		yield* reader;
	};

/** Each steps aside for the other, for ever. */
const politeness: PlantedProgram = (fixed) =>
	function* () {
		const wants = [false, false];
		const pass = asyncFn(function* (i: number) {
			for (;;) {
				wants[i] = true;
				yield* yieldNow();
				const mine = fixed && i === 1;
				if (!wants[1 - i] || mine) break;
				wants[i] = false;
				yield* yieldNow();
			}
			wants[i] = false;
		});
		const first = spawn(pass(0));
		const second = spawn(function* () {
			yield* turns(3);
			yield* pass(1);
		});
		yield* first;
		yield* second;
	};

/** A gate made by hand gives its turn to one who no longer waits. */
const turnForNobody: PlantedProgram = (fixed) =>
	function* () {
		let free = true;
		const queue: oneshot.Sender<true>[] = [];
		const leave = (): void => {
			for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
				try {
					next.send(true);
					return;
				} catch {
					if (!fixed) return;
				}
			}
			free = true;
		};
		const enter = asyncFn(function* () {
			if (free) {
				free = false;
				return;
			}
			const [tx, rx] = oneshot.channel<true>();
			queue.push(tx);
			let entered = false;
			try {
				entered = yield* rx;
			} finally {
				if (fixed && !entered && !queue.includes(tx)) leave();
			}
		});
		const visit = asyncFn(function* (ms: number) {
			yield* enter();
			try {
				yield* sleep(ms);
			} finally {
				leave();
			}
		});
		const first = spawn(visit(2));
		const second = spawn(function* () {
			yield* sleep(1);
			yield* visit(1);
		});
		yield* sleep(3);
		second.abort();
		yield* first;
		yield* attempt(second);
		yield* timeout(50, enter());
	};

/** The deadline comes between the two halves of a transfer. */
const halfATransfer: PlantedProgram = (fixed) =>
	function* () {
		const balance = { a: 100, b: 0 };
		const transfer = asyncFn(function* () {
			if (!fixed) balance.a -= 10;
			yield* sleep(9);
			if (fixed) balance.a -= 10;
			balance.b += 10;
		});
		yield* attempt(timeout(10, transfer()), Elapsed);
		check(balance.a + balance.b === 100, `${balance.a + balance.b} of 100`);
	};

/** It is closed when nobody is inside: one has been let in, and is not yet counted. */
const notYetInside: PlantedProgram = (fixed) =>
	function* () {
		const inside = new Set<string>();
		let closed = false;
		yield* scope(function* (s) {
			s.spawn(function* () {
				yield* sleep(1);
				if (closed) return;
				if (fixed) inside.add("guest");
				yield* yieldNow();
				inside.add("guest");
				yield* yieldNow();
				inside.delete("guest");
			});
			yield* sleep(3);
			closed = true;
			while (inside.size > 0) yield* sleep(1);
			yield* turns(2);
			check(inside.size === 0, "somebody came in after the close");
		});
	};

/** Async functions with `run`: what was read before the wait is written after it. */
const asyncTransfer: PlantedProgram =
	(fixed) =>
	async ({ run }) => {
		let balance = 100;
		const lock = new Mutex(undefined);
		const pay =
			(amount: number, delay: number) =>
			async ({ run }: TaskContext): Promise<void> => {
				await run(sleep(delay));
				const guard = fixed ? await run(lock.lock()) : undefined;
				const before = balance;
				await run(sleep(1));
				balance = before - amount;
				guard?.release();
			};
		const tasks = [spawn(pay(10, 0)), spawn(pay(20, 2))];
		for (const task of tasks) await run(task);
		check(balance === 70, `balance is ${balance}`);
	};

/** Plain async functions: `Promise.all` takes two locks in any order. */
const locksAtOnce: PlantedProgram = (fixed) => async () => {
	const a = new Mutex(0);
	const b = new Mutex(0);
	const both = async (one: Mutex<number>, two: Mutex<number>): Promise<void> => {
		if (fixed) {
			const first = await a.lock();
			const second = await b.lock();
			second.release();
			first.release();
			return;
		}
		const guards = await Promise.all([one.lock(), two.lock()]);
		await yieldNow();
		for (const guard of guards) guard.release();
	};
	const tasks = [
		spawn(async () => both(a, b)),
		spawn(async () => {
			await sleep(1);
			await both(b, a);
		}),
	];
	for (const task of tasks) await task;
};

/** Plain async functions: the bell rings between the look and the wait. */
const bellBeforeWait: PlantedProgram = (fixed) => async () => {
	let open = false;
	const bell = new Notify();
	const guest = spawn(async () => {
		while (!open) {
			const heard = fixed ? bell.notified() : undefined;
			if (open) break;
			await yieldNow();
			await (heard ?? bell.notified());
		}
	});
	const host = spawn(async () => {
		await run(sleep(1));
		open = true;
		bell.notifyWaiters();
	});
	await host;
	await guest;
};

/** Six philosophers who come one after the other: each must be late just when it has its first fork. */
const latePhilosophers: PlantedProgram = (fixed) =>
	function* () {
		const forks = [0, 1, 2, 3, 4, 5].map((i) => new Mutex(i));
		const eat = asyncFn(function* (i: number) {
			yield* turns(2 * i);
			const next = (i + 1) % 6;
			const [first, second] = fixed && next < i ? [next, i] : [i, next];
			using _one = yield* (forks[first] as Mutex<number>).lock();
			yield* yieldNow();
			using _two = yield* (forks[second] as Mutex<number>).lock();
			yield* yieldNow();
		});
		yield* join(forks.map((_, i) => spawn(eat(i))));
	};

/** Native async functions: nothing but promises of their own lies between what is read and what is written. */
const updateAcrossPromises: PlantedProgram = (fixed) => async () => {
	let total = 0;
	let last: Promise<void> = Promise.resolve();
	const store = {
		get: async (): Promise<number> => {
			await null;
			await null;
			return total;
		},
		set: async (n: number): Promise<void> => {
			await null;
			total = n;
		},
	};
	const add = async (): Promise<void> => store.set((await store.get()) + 1);
	const addAlone = (): Promise<void> => {
		last = last.then(add);
		return last;
	};
	const tasks = [
		spawn(async () => (fixed ? addAlone() : add())),
		spawn(async () => {
			await yieldNow();
			await yieldNow();
			await (fixed ? addAlone() : add());
		}),
	];
	for (const task of tasks) await task;
	check(total === 2, `total is ${total}`);
};

/** Native async functions: what is loaded is remembered when it has come, not when it is asked for; so the cure is to wait for another's promise. */
const loadedTwice: PlantedProgram = (fixed) => async () => {
	const cache = new Map<string, Promise<number>>();
	let loads = 0;
	const load = async (): Promise<number> => {
		loads++;
		await sleep(1);
		return 7;
	};
	const get = async (key: string): Promise<number> => {
		const known = cache.get(key);
		if (known !== undefined) return known;
		const loading = load();
		if (!fixed) await loading;
		cache.set(key, loading);
		return loading;
	};
	const tasks = [
		spawn(async () => get("k")),
		spawn(async () => {
			await sleep(2);
			return get("k");
		}),
	];
	for (const task of tasks) check((await task) === 7, "a value");
	check(loads === 1, `loaded ${loads} times`);
};

/** Native async functions: the flag is looked at, and lowered some promises later. */
const flagAcrossPromises: PlantedProgram = (fixed) => async () => {
	let stopped = false;
	let late = false;
	const worker = spawn(async () => {
		if (stopped) return;
		for (let i = 0; i < 2; i++) await null;
		if (fixed && stopped) return;
		late = stopped;
	});
	const boss = spawn(async () => {
		for (let i = 0; i < 3; i++) await yieldNow();
		stopped = true;
	});
	await boss;
	await worker;
	check(!late, "it worked after the stop");
};

export const plantedPrograms: Readonly<Record<string, PlantedProgram>> = {
	"five philosophers who never wait": interruptedPhilosophers,
	"six philosophers who are late": latePhilosophers,
	"three interruptions in a row": threeInterruptions,
	"a lease that ends under its owner": endedLease,
	"a reader that lags behind": laggingReader,
	"two who step aside for each other": politeness,
	"a turn given to nobody": turnForNobody,
	"half a transfer at the deadline": halfATransfer,
	"a guest who is let in and not counted": notYetInside,
	"a lost update in async functions with run": asyncTransfer,
	"two locks by Promise.all": locksAtOnce,
	"a lost update across promises, in async functions": updateAcrossPromises,
	"what is loaded twice, in async functions": loadedTwice,
	"a stop between promises, in async functions": flagAcrossPromises,
	"a bell before the wait, in plain async functions": bellBeforeWait,
};
