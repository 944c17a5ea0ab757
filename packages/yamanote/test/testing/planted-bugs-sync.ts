// Mistakes in the use of locks and channels, each with its cure. An ordinary run of each goes well.
import { asyncFn, join, select, spawn, yieldNow } from "yamanote";
import { Barrier, broadcast, Mutex, mpsc, Notify, OnceCell, oneshot, RwLock, Semaphore, watch } from "yamanote/sync";
import type { Planted } from "./planted-bugs.ts";

function check(condition: boolean, message: string): void {
	if (!condition) throw new Error(message);
}

const turns = asyncFn(function* (n: number) {
	for (let i = 0; i < n; i++) yield* yieldNow();
});

/** A cache looks under a read lock and fills under a write lock: between them somebody else has filled it. */
const readThenWrite: Planted = (fixed) =>
	function* () {
		const cache = new RwLock<{ value: number | undefined }>({ value: undefined });
		let loads = 0;
		function* get(delay: number) {
			yield* turns(delay);
			{
				using seen = yield* cache.read();
				if (seen.value.value !== undefined) return seen.value.value;
			}
			using own = yield* cache.write();
			if (fixed && own.value.value !== undefined) return own.value.value;
			loads++;
			yield* turns(2);
			own.value = { value: 7 };
			return 7;
		}
		const tasks = [spawn(get(0)), spawn(get(6)), spawn(get(9))];
		for (const task of tasks) check((yield* task) === 7, "a value");
		check(loads === 1, `loaded ${loads} times`);
	};

/** One bell for "not full" and "not empty": it may wake one who waits for the other thing. */
const oneBellForTwo: Planted = (fixed) =>
	function* () {
		const buffer: number[] = [];
		const bell = new Notify();
		const notEmpty = fixed ? new Notify() : bell;
		const notFull = fixed ? new Notify() : bell;
		function* put(n: number) {
			while (buffer.length >= 1) yield* notFull.notified();
			buffer.push(n);
			notEmpty.notifyOne();
		}
		function* take() {
			while (buffer.length === 0) yield* notEmpty.notified();
			const n = buffer.shift();
			notFull.notifyOne();
			return n;
		}
		const tasks = [
			spawn(function* () {
				yield* put(1);
				yield* put(2);
			}),
			spawn(function* () {
				yield* turns(1);
				yield* put(3);
			}),
			spawn(function* () {
				yield* take();
			}),
			spawn(function* () {
				yield* turns(3);
				yield* take();
				yield* take();
			}),
		];
		for (const task of tasks) yield* task;
	};

/** One of the parties goes home when there is no work left, and the others wait for it at the barrier. */
const earlyLeaver: Planted = (fixed) =>
	function* () {
		const barrier = new Barrier(3);
		let work = 6;
		function* party() {
			for (let round = 0; round < 2; round++) {
				if (!fixed && work === 0) return;
				if (work > 0) work--;
				yield* turns(1);
				yield* barrier.wait();
			}
		}
		const tasks = [spawn(party()), spawn(party()), spawn(party())];
		const whistle = spawn(function* () {
			yield* turns(12);
			work = 0;
		});
		for (const task of [...tasks, whistle]) yield* task;
	};

/** The cell is asked whether it is empty, and then set. */
const setTwice: Planted = (fixed) =>
	function* () {
		const cell = new OnceCell<string>();
		function* configure(name: string, delay: number) {
			yield* turns(delay);
			if (fixed) {
				yield* cell.getOrInit(function* () {
					yield* turns(1);
					return name;
				});
				return;
			}
			if (cell.initialized) return;
			yield* turns(1);
			cell.set(name);
		}
		const tasks = [spawn(configure("a", 0)), spawn(configure("b", 5))];
		for (const task of tasks) yield* task;
	};

/** The value is read, and only then does one begin to listen for the next. */
const lateSubscriber: Planted = (fixed) =>
	function* () {
		const tx = new watch.Sender("starting");
		const keep = tx.subscribe();
		const server = spawn(function* () {
			yield* turns(6);
			tx.send("ready");
		});
		const client = spawn(function* () {
			if (fixed) {
				using rx = tx.subscribe();
				yield* rx.waitFor((state) => state === "ready");
				return;
			}
			if (tx.borrow() === "ready") return;
			yield* turns(1);
			using rx = tx.subscribe();
			yield* rx.changed();
		});
		yield* server;
		yield* client;
		keep.release();
	};

/** A message that does not fit is lost when the tick wins. */
const lostSend: Planted = (fixed) =>
	function* () {
		const [tx, rx] = mpsc.channel<number>(1);
		const got: number[] = [];
		const reader = spawn(function* () {
			for (let n = yield* rx.recv(); n !== undefined; n = yield* rx.recv()) {
				got.push(n);
				yield* turns(2);
			}
		});
		const tick = new Notify();
		const ticker = spawn(function* () {
			yield* turns(20);
			tick.notifyOne();
		});
		for (const n of [1, 2, 3]) {
			if (fixed) {
				let slot = yield* select({ slot: tx.reserve(), tick: tick.notified() });
				while (slot.key !== "slot") slot = yield* select({ slot: tx.reserve(), tick: tick.notified() });
				slot.value.send(n);
			} else yield* select({ sent: tx.send(n), tick: tick.notified() });
			yield* turns(2);
		}
		tx.close();
		yield* reader;
		yield* ticker;
		check(got.join() === "1,2,3", `got ${got.join()}`);
	};

/** Two actors that speak before they listen: their mailboxes are just large enough, until somebody else writes to them. */
const fullMailboxes: Planted = (fixed) =>
	function* () {
		const [toA, inA] = mpsc.channel<string>(2);
		const [toB, inB] = mpsc.channel<string>(2);
		const actor = asyncFn(function* (inbox: mpsc.Receiver<string>, other: mpsc.Sender<string>) {
			const speak = asyncFn(function* () {
				for (const word of ["one", "two"]) yield* other.send(word);
			});
			const listen = asyncFn(function* () {
				for (let i = 0; i < 3; i++) yield* inbox.recv();
			});
			if (fixed) yield* join([speak(), listen()]);
			else {
				yield* speak();
				yield* listen();
			}
		});
		const tasks = [spawn(actor(inA, toB)), spawn(actor(inB, toA))];
		const third = spawn(function* () {
			yield* turns(6);
			yield* toA.send("news");
			yield* toB.send("news");
		});
		for (const task of [...tasks, third]) yield* task;
	};

/** The answer is given on the way that goes well; the client of a request that fails gets none. */
const droppedReply: Planted = (fixed) =>
	function* () {
		type Ask = { readonly reply: oneshot.Sender<string> };
		const [tx, rx] = mpsc.channel<Ask>(4);
		const server = spawn(function* () {
			let served = 0;
			for (let ask = yield* rx.recv(); ask !== undefined; ask = yield* rx.recv()) {
				yield* turns(1);
				served++;
				ask.reply.send("ok");
				if (!fixed && served === 1 && rx.len === 1) {
					const second = rx.tryRecv();
					second.reply.close();
				}
			}
		});
		const client = asyncFn(function* (delay: number) {
			yield* turns(delay);
			const [reply, answer] = oneshot.channel<string>();
			yield* tx.send({ reply });
			return yield* answer;
		});
		const tasks = [spawn(client(0)), spawn(client(8))];
		for (const task of tasks) check((yield* task) === "ok", "an answer");
		tx.close();
		yield* server;
	};

/** The news are sent before the reader has subscribed. */
const newsBeforeReader: Planted = (fixed) =>
	function* () {
		const tx = new broadcast.Sender<string>(4);
		const early = fixed ? tx.subscribe() : undefined;
		const reader = spawn(function* () {
			const rx = early ?? tx.subscribe();
			check((yield* rx.recv()) === "news", "the news");
		});
		const writer = spawn(function* () {
			yield* turns(1);
			try {
				tx.send("news");
			} catch {
				// Nobody listens.
			}
			yield* turns(20);
			tx.close();
		});
		yield* reader;
		yield* writer;
	};

/** Both take one permit of two and want the other. */
const halfAndHalf: Planted = (fixed) =>
	function* () {
		const gate = new Semaphore(2);
		function* both(delay: number) {
			yield* turns(delay);
			if (fixed) {
				using _two = yield* gate.acquireMany(2);
				yield* turns(1);
				return;
			}
			using _one = yield* gate.acquire();
			yield* turns(1);
			using _other = yield* gate.acquire();
		}
		const tasks = [spawn(both(0)), spawn(both(5))];
		for (const task of tasks) yield* task;
	};

/** Three philosophers, each with the left fork first. */
const philosophers: Planted = (fixed) =>
	function* () {
		const forks = [new Mutex(0), new Mutex(0), new Mutex(0)];
		function* eat(i: number) {
			yield* turns(3 * i);
			const [l, r] = fixed && i === 2 ? [0, 2] : [i, (i + 1) % 3];
			using _left = yield* (forks[l as number] as Mutex<number>).lock();
			yield* turns(1);
			using _right = yield* (forks[r as number] as Mutex<number>).lock();
			yield* turns(1);
		}
		const tasks = [0, 1, 2].map((i) => spawn(eat(i)));
		for (const task of tasks) yield* task;
	};

export const plantedSyncBugs: Readonly<Record<string, Planted>> = {
	"a cache filled twice behind a read lock": readThenWrite,
	"one bell for two conditions": oneBellForTwo,
	"a party that leaves before the barrier": earlyLeaver,
	"a cell set twice": setTwice,
	"a subscriber that comes after the change": lateSubscriber,
	"a message lost by a select that sends": lostSend,
	"two full mailboxes": fullMailboxes,
	"an answer that never comes": droppedReply,
	"news before the reader": newsBeforeReader,
	"permits taken one by one": halfAndHalf,
	"three philosophers": philosophers,
};
