// Ten classic mistakes of concurrent code, each with its cure. An ordinary run of each goes well.
import { asyncFn, type Context, Future, Pending, type Poll, select, spawn, type Waker, yieldNow } from "yamanote";
import { Mutex, mpsc, Notify, Semaphore } from "yamanote/sync";

/** Makes the program: with the mistake, or without. */
export type Planted = (fixed: boolean) => () => Generator<unknown, void, never>;

function check(condition: boolean, message: string): void {
	if (!condition) throw new Error(message);
}

/** Talks to somebody: how many turns that takes, nobody knows. */
const ask = asyncFn(function* <T>(answer: T, turns = 1) {
	for (let i = 0; i < turns; i++) yield* yieldNow();
	return answer;
});

/** A balance is read before a wait, and written after it. */
const lostUpdate: Planted = (fixed) =>
	function* () {
		let balance = 100;
		const lock = new Mutex(undefined);
		function* pay(amount: number, delay: number) {
			yield* ask("basket", delay);
			using _guard = fixed ? yield* lock.lock() : undefined;
			const before = balance;
			yield* ask("approved");
			balance = before - amount;
		}
		const first = spawn(pay(10, 0));
		const second = spawn(pay(20, 4));
		yield* first;
		yield* second;
		check(balance === 70, `balance is ${balance}`);
	};

/** A seat is free when it is looked at, and taken by somebody else when it is booked. */
const checkThenAct: Planted = (fixed) =>
	function* () {
		const seats = new Set(["1A"]);
		const sold: string[] = [];
		function* book(who: string, delay: number) {
			yield* ask("search", delay);
			if (!seats.has("1A")) return;
			yield* ask("card accepted");
			if (fixed && !seats.has("1A")) return;
			seats.delete("1A");
			sold.push(who);
		}
		const tasks = [spawn(book("Ada", 0)), spawn(book("Bob", 5))];
		for (const task of tasks) yield* task;
		check(sold.length === 1, `sold to ${sold.join(" and ")}`);
	};

/** The lock is taken for the second look, but the connection is published before it is ready. */
const doubleCheckedInit: Planted = (fixed) =>
	function* () {
		let connection: { ready: boolean } | undefined;
		const lock = new Mutex(undefined);
		function* connect() {
			if (connection === undefined) {
				using _guard = yield* lock.lock();
				if (connection === undefined) {
					const made = { ready: false };
					if (!fixed) connection = made;
					yield* ask("handshake");
					made.ready = true;
					connection = made;
				}
			}
			return connection;
		}
		function* query(delay: number) {
			yield* ask("arrives", delay);
			const c = yield* connect();
			check(c.ready, "a query on a connection that is not ready");
		}
		const tasks = [spawn(query(0)), spawn(query(4)), spawn(query(8))];
		for (const task of tasks) yield* task;
	};

/** A free list whose head is compared after a wait: it is the same node again, but what lies behind it is not. */
const abaInPool: Planted = (fixed) =>
	function* () {
		interface Node {
			readonly name: string;
			next: Node | null;
		}
		const c: Node = { name: "c", next: null };
		const b: Node = { name: "b", next: c };
		const a: Node = { name: "a", next: b };
		const pool = { head: a as Node | null, version: 0 };
		const inUse = new Set<Node>();
		function* take() {
			for (;;) {
				const { head, version } = pool;
				if (head === null) return null;
				const { next } = head;
				yield* ask("reserved");
				if (pool.head !== head || (fixed && pool.version !== version)) continue;
				pool.head = next;
				pool.version++;
				check(!inUse.has(head), `${head.name} was given out twice`);
				inUse.add(head);
				return head;
			}
		}
		function give(node: Node): void {
			inUse.delete(node);
			node.next = pool.head;
			pool.head = node;
			pool.version++;
		}
		const slow = spawn(function* () {
			const mine = yield* take();
			yield* ask("used", 3);
			if (mine !== null) give(mine);
			yield* take();
			yield* take();
		});
		const quick = spawn(function* () {
			yield* ask("later", 9);
			const one = yield* take();
			const two = yield* take();
			if (one !== null) give(one);
			yield* take();
			check(two === null || inUse.has(two), "a node in use came back by itself");
		});
		yield* slow;
		yield* quick;
	};

/** Two accounts are locked in the order in which the money goes. */
const lockOrder: Planted = (fixed) =>
	function* () {
		const accounts = [new Mutex(100), new Mutex(100)] as const;
		function* transfer(from: 0 | 1, to: 0 | 1, delay: number) {
			yield* ask("order", delay);
			const [first, second] = fixed && from > to ? [to, from] : [from, to];
			using one = yield* accounts[first].lock();
			yield* ask("checked");
			using two = yield* accounts[second].lock();
			one.value -= 1;
			two.value += 1;
		}
		const tasks = [spawn(transfer(0, 1, 0), { name: "there" }), spawn(transfer(1, 0, 5), { name: "back" })];
		for (const task of tasks) yield* task;
	};

/** The flag is looked at, and the bell rings before one listens for it. */
const missedNotify: Planted = (fixed) =>
	function* () {
		let open = false;
		const bell = new Notify();
		const guest = spawn(
			function* () {
				while (!open) {
					const listens = fixed ? bell.notified() : undefined;
					if (open) return;
					yield* ask("takes off the hat");
					yield* listens ?? bell.notified();
				}
			},
			{ name: "guest" },
		);
		const host = spawn(function* () {
			yield* ask("cooks", 4);
			open = true;
			bell.notifyWaiters();
		});
		yield* host;
		yield* guest;
	};

/** A queue of one's own: closing it forgets one who waits. */
class Box extends Future<string | undefined> {
	items: string[] = [];
	closed = false;
	waker: Waker | null = null;
	poll(cx: Context): Poll<string | undefined> {
		const item = this.items.shift();
		if (item !== undefined) return item;
		if (this.closed) return undefined;
		this.waker = cx.waker;
		return Pending;
	}
}
const waitAfterClose: Planted = (fixed) =>
	function* () {
		const box = new Box();
		const reader = spawn(
			function* () {
				yield* ask("starts", 6);
				yield* box;
			},
			{ name: "reader" },
		);
		const closer = spawn(function* () {
			yield* ask("works", 3);
			box.closed = true;
			if (fixed) box.waker?.wake();
		});
		yield* closer;
		yield* reader;
	};

/** A permit is taken, and given back only on the way that the author thought of. */
const leakedPermit: Planted = (fixed) =>
	function* () {
		const gate = new Semaphore(1);
		const worker = spawn(
			function* () {
				const permit = yield* gate.acquire();
				try {
					yield* ask("work", 2);
				} catch {
					permit.release();
				} finally {
					if (fixed) permit.release();
				}
				permit.release();
			},
			{ name: "worker" },
		);
		yield* ask("patience", 8);
		worker.abort();
		using _mine = yield* gate.acquire();
	};

/** The answer that comes last is shown, be it for the first question. */
const outOfOrder: Planted = (fixed) =>
	function* () {
		let shown = "";
		let latest = 0;
		function* search(text: string, number: number) {
			const found = yield* ask(`results for ${text}`, 3);
			if (fixed && number < latest) return;
			latest = number;
			shown = found;
		}
		const first = spawn(search("to", 1));
		yield* ask("types on", 1);
		const second = spawn(search("tokyo", 2));
		yield* first;
		yield* second;
		check(shown === "results for tokyo", `shows ${shown}`);
	};

/** An arm of a select takes a message and then waits: when another arm wins, the message is gone. */
const lostMessage: Planted = (fixed) =>
	function* () {
		const [tx, rx] = mpsc.channel<number>(4);
		const stored: number[] = [];
		const takeAndStore = asyncFn(function* () {
			const n = yield* rx.recv();
			if (n === undefined) return false;
			yield* ask("stored");
			stored.push(n);
			return true;
		});
		const ticks = new Notify();
		const producer = spawn(function* () {
			for (const n of [1, 2, 3]) {
				yield* tx.send(n);
				yield* ask("next", 3);
			}
			tx.close();
		});
		const clock = spawn(function* () {
			yield* ask("a while", 14);
			ticks.notifyOne();
		});
		for (let open = true; open; ) {
			if (fixed) {
				const won = yield* select({ n: rx.recv(), tick: ticks.notified() });
				if (won.key === "n" && won.value === undefined) open = false;
				else if (won.key === "n") {
					yield* ask("stored");
					stored.push(won.value as number);
				}
			} else {
				const won = yield* select({ more: takeAndStore(), tick: ticks.notified() });
				if (won.key === "more") open = won.value;
			}
		}
		yield* producer;
		yield* clock;
		check(stored.join() === "1,2,3", `stored ${stored.join()}`);
	};

export const plantedBugs: Readonly<Record<string, Planted>> = {
	"a lost update across a wait": lostUpdate,
	"a check that is stale when it is acted on": checkThenAct,
	"a double-checked initialisation": doubleCheckedInit,
	"ABA in a pool": abaInPool,
	"locks taken in two orders": lockOrder,
	"a missed notification": missedNotify,
	"a wait after the close": waitAfterClose,
	"a permit that a cancelled task took with it": leakedPermit,
	"answers out of order": outOfOrder,
	"a message lost by a select": lostMessage,
};
