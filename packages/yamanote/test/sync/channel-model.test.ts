import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pending } from "yamanote";
import { mpmc, mpsc, SendError, type TryRecvError, TrySendError } from "yamanote/sync";
import { type Mock, mock, type Recv, type Send, same, seeds } from "./support.ts";

// A channel as one would write it without a thought for speed: lists of messages, of sends that wait, of receives that wait. mpmc has all
// that mpsc has; capacity 0 is another matter, and has its own test below.
class Model {
	readonly messages: number[] = [];
	sends: Send[] = [];
	recvs: Recv[] = [];
	closed = false;
	senders = 1;
	readonly capacity: number;
	/** Slots that are granted to sends and permits, and messages that are promised to receives. */
	granted = 0;
	promised = 0;

	constructor(capacity: number) {
		this.capacity = capacity;
	}
	get free(): number {
		return this.sends.length > 0 ? 0 : this.capacity - this.messages.length - this.granted;
	}
	get ended(): boolean {
		return (
			(this.closed || this.senders === 0) && this.messages.length === 0 && this.granted === 0 && this.sends.length === 0
		);
	}
	/** Slots to sends, messages to receives, as long as there are. */
	serve(): void {
		if (this.ended) this.closed = true;
		while (this.sends.length > 0 && !this.closed && this.capacity - this.messages.length - this.granted > 0) {
			(this.sends.shift() as Send).state = "granted";
			this.granted++;
		}
		while (this.recvs.length > 0 && this.messages.length > this.promised) {
			(this.recvs.shift() as Recv).state = "promised";
			this.promised++;
		}
	}
}

/** Both kinds; mpsc has nothing more than mpmc. */
const kinds = { mpmc, mpsc: mpsc as unknown as typeof mpmc };

describe.each(Object.entries(kinds))("channels against a naive model: %s", (_kind, make) => {
	it("do the same, whatever is asked of them", () => {
		const words =
			"send send trySend recv recv tryRecv sent sent sent got got got dropSend dropRecv clone gone close".split(" ");
		const operation = fc.record({ op: fc.constantFrom(...words), n: fc.nat(15) });
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 4 }),
				fc.array(operation, { maxLength: 90, size: "max" }),
				(capacity, operations) => {
					const [tx, rx] = make.channel<number>(capacity);
					const ends = [tx];
					const model = new Model(capacity);
					let sends: Send[] = [];
					let recvs: Recv[] = [];
					let next = 0;
					for (const { op, n } of operations) {
						const s = sends[n % Math.max(1, sends.length)];
						const r = recvs[n % Math.max(1, recvs.length)];
						if (op === "send" && ends[0] !== undefined) {
							sends.push({ value: next, mock: mock(ends[0].send(next)), state: "new" });
							next++;
						} else if (op === "recv") recvs.push({ mock: mock(rx.recv()), state: "new" });
						else if (op === "trySend" && ends[0] !== undefined) {
							const end = ends[0];
							if (model.closed || model.free === 0) expect(() => end.trySend(0)).toThrow(TrySendError);
							else {
								end.trySend(next);
								model.messages.push(next++);
							}
						} else if (op === "tryRecv") {
							if (model.messages.length > model.promised) same(rx.tryRecv(), model.messages.shift());
							else {
								let kind = "";
								try {
									rx.tryRecv();
								} catch (error) {
									kind = (error as TryRecvError).kind;
								}
								same(kind, model.ended ? "closed" : "empty");
							}
						} else if (op === "sent" && s !== undefined) {
							if (s.state === "new" && !model.closed && model.free > 0) {
								s.state = "granted";
								model.granted++;
							}
							if (model.closed) {
								same(s.mock.fails(SendError).value, s.value);
								if (s.state === "granted") model.granted--;
								model.sends = model.sends.filter((x) => x !== s);
								sends = sends.filter((x) => x !== s);
							} else if (s.state === "granted") {
								s.mock.ready();
								model.granted--;
								model.messages.push(s.value);
								sends = sends.filter((x) => x !== s);
							} else {
								same(s.mock.poll(), Pending);
								if (s.state === "new") model.sends.push(s);
								s.state = "waiting";
							}
						} else if (op === "got" && r !== undefined) {
							if (r.state === "promised") model.promised--;
							if (r.state === "promised" || model.messages.length > model.promised || model.ended) {
								same(r.mock.ready(), model.messages.shift());
								model.recvs = model.recvs.filter((x) => x !== r);
								recvs = recvs.filter((x) => x !== r);
							} else {
								same(r.mock.poll(), Pending);
								if (r.state === "new") model.recvs.push(r);
								r.state = "waiting";
							}
						} else if (op === "dropSend" && s !== undefined) {
							s.mock.drop();
							if (s.state === "granted") model.granted--;
							model.sends = model.sends.filter((x) => x !== s);
							sends = sends.filter((x) => x !== s);
						} else if (op === "dropRecv" && r !== undefined) {
							r.mock.drop();
							if (r.state === "promised") model.promised--;
							model.recvs = model.recvs.filter((x) => x !== r);
							recvs = recvs.filter((x) => x !== r);
						} else if (op === "clone" && ends[0] !== undefined) {
							ends.push(ends[0].clone());
							model.senders++;
						} else if (op === "gone" && n < 5 && ends.length > 0) {
							ends.pop()?.[Symbol.dispose]();
							model.senders--;
						} else if (op === "close" && n < 3) {
							rx.close();
							model.closed = true;
							model.sends = [];
						}
						model.serve();
						same(rx.len, model.messages.length);
						if (ends[0] !== undefined && !model.closed) same(ends[0].capacity, model.free);
						for (const x of sends) if (x.state === "granted") same(x.mock.isWoken, true);
						for (const x of recvs)
							if (x.state === "promised" || (x.state === "waiting" && model.ended)) same(x.mock.isWoken, true);
					}
				},
			),
			{ numRuns: 2_000, seed: 20 },
		);
	});

	for (const capacity of [0, 1, 3, Infinity]) {
		it(`deliver each message once, in order, whoever is cancelled when: 1,000 schedules, capacity ${capacity}`, () => {
			seeds(1_000, (random) => {
				const [tx, rx] = capacity === Infinity ? make.unboundedChannel<number>() : make.channel<number>(capacity);
				const total = 12;
				let next = 0;
				let send: Mock<void> | null = null;
				let got: number[] = [];
				// One receive more than one may wait; with one at a time the order is that of the sends.
				const alone = random.chance(0.5);
				let recvs: Mock<number | undefined>[] = [];
				const receive = (m: Mock<number | undefined>): void => {
					const value = m.poll();
					if (value === Pending) return;
					recvs = recvs.filter((x) => x !== m);
					if (value !== undefined) got.push(value);
				};
				let closed = false;
				for (let step = 0; step < 3_000 && !(closed && got.length === total); step++) {
					if (next === total && send === null && !closed) {
						closed = true;
						tx[Symbol.dispose]();
					}
					if (random.chance(0.5) && next < total) {
						if (!(tx instanceof make.Sender)) {
							tx.send(next++);
							continue;
						}
						if (send === null) send = mock(tx.send(next));
						else if (!send.isWoken && random.chance(0.8)) continue;
						if (random.chance(0.2)) {
							// Nothing was sent: it is sent again.
							send.drop();
							send = null;
						} else if (send.poll() !== Pending) {
							send = null;
							next++;
						}
						continue;
					}
					if (recvs.length < (alone ? 1 : 3) && random.chance(0.5)) {
						const m = mock(rx.recv());
						recvs.push(m);
						receive(m);
						continue;
					}
					const m = recvs[random.below(Math.max(1, recvs.length))];
					if (m === undefined || (!m.isWoken && random.chance(0.8))) continue;
					if (random.chance(0.2)) {
						recvs = recvs.filter((x) => x !== m);
						m.drop();
					} else receive(m);
				}
				if (!alone) got = got.sort((a, b) => a - b);
				expect(got).toEqual(Array.from({ length: total }, (_, i) => i));
				for (const m of recvs) expect(m.ready()).toBeUndefined();
			});
		});
	}
});
