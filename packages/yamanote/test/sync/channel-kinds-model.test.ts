// Channels without a bound, and without slots, against models written without a thought for speed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pending } from "yamanote";
import { mpsc, SendError, TrySendError } from "yamanote/sync";
import { mock, type Recv, type Send, same } from "./support.ts";

describe("an unbounded channel against a naive model", () => {
	it("does the same, whatever is asked of it", () => {
		const operation = fc.record({
			op: fc.constantFrom("send", "send", "recv", "got", "got", "tryRecv", "many", "drop", "clone", "gone", "close"),
			n: fc.nat(15),
		});
		fc.assert(
			fc.property(fc.array(operation, { maxLength: 80, size: "max" }), (operations) => {
				const [tx, rx] = mpsc.unboundedChannel<number>();
				const ends = [tx];
				const messages: number[] = [];
				let closed = false;
				let next = 0;
				let recvs: Recv[] = [];
				let promised = 0;
				const leave = (r: Recv): void => {
					if (r.state === "promised") promised--;
					recvs = recvs.filter((x) => x !== r);
				};
				for (const { op, n } of operations) {
					const r = recvs[n % Math.max(1, recvs.length)];
					const [end] = ends;
					const ended = (): boolean => (closed || ends.length === 0) && messages.length === 0;
					if (op === "send" && end !== undefined) {
						if (closed) expect(() => end.send(next)).toThrow(SendError);
						else {
							end.send(next);
							messages.push(next++);
						}
					} else if (op === "recv") recvs.push({ mock: mock(rx.recv()), state: "new" });
					else if (op === "got" && r !== undefined) {
						if (r.state === "promised" || messages.length > promised || ended()) {
							same(r.mock.ready(), messages.shift());
							leave(r);
						} else {
							same(r.mock.poll(), Pending);
							if (r.state === "new") {
								// Behind all who wait already.
								recvs = [...recvs.filter((x) => x !== r), r];
								r.state = "waiting";
							}
						}
					} else if (op === "tryRecv") {
						if (messages.length > promised) same(rx.tryRecv(), messages.shift());
						else expect(() => rx.tryRecv()).toThrow();
					} else if (op === "many" && messages.length > promised) {
						const buffer: number[] = [];
						const got = mock(rx.recvMany(buffer, n)).ready();
						same(got, Math.min(n, messages.length - promised));
						expect(buffer).toEqual(messages.splice(0, got));
					} else if (op === "drop" && r !== undefined) {
						r.mock.drop();
						leave(r);
					} else if (op === "clone" && end !== undefined) ends.push(end.clone());
					else if (op === "gone" && n < 5) ends.pop()?.[Symbol.dispose]();
					else if (op === "close" && n < 3) {
						rx.close();
						closed = true;
					}
					for (const x of recvs) {
						if (messages.length <= promised) break;
						if (x.state !== "waiting") continue;
						x.state = "promised";
						promised++;
					}
					same(rx.len, messages.length);
					same(rx.senderCount, ends.length);
					for (const x of recvs) {
						if (x.state === "promised" || (x.state === "waiting" && ended())) same(x.mock.isWoken, true);
						else if (x.state === "waiting") same(x.mock.isWoken, false);
					}
				}
			}),
			{ numRuns: 2_000, seed: 20 },
		);
	});
});

describe("a channel without slots against a naive model", () => {
	it("does the same, whatever is asked of it", () => {
		const operation = fc.record({
			op: fc.constantFrom("send", "send", "recv", "recv", "sent", "sent", "got", "got", "dropSend", "dropRecv", "try"),
			n: fc.nat(15),
		});
		fc.assert(
			fc.property(fc.array(operation, { maxLength: 90, size: "max" }), (operations) => {
				const [tx, rx] = mpsc.channel<number>(0);
				let sends: Send[] = [];
				let recvs: Recv[] = [];
				/** Sends and receives that wait, in their order. */
				let sendQueue: Send[] = [];
				let recvQueue: Recv[] = [];
				const messages: number[] = [];
				let promised = 0;
				/** A receive that waits makes a ticket, with which one send may go on. */
				let tickets = 0;
				/** Tickets that sends have, and whose receives are gone. */
				let orphans = 0;
				let next = 0;
				const give = (): void => {
					const first = sendQueue.shift();
					if (first === undefined) tickets++;
					else first.state = "granted";
				};
				const ticketBack = (): void => {
					if (orphans > 0) orphans--;
					else give();
				};
				const unneeded = (): void => {
					if (tickets > 0) tickets--;
					else orphans++;
				};
				const arrive = (message: number): void => {
					messages.push(message);
					const first = recvQueue.shift();
					if (first === undefined) orphans--;
					else {
						first.state = "promised";
						promised++;
					}
				};
				for (const { op, n } of operations) {
					const s = sends[n % Math.max(1, sends.length)];
					const r = recvs[n % Math.max(1, recvs.length)];
					if (op === "send") sends.push({ value: next, mock: mock(tx.send(next++)), state: "new" });
					else if (op === "recv") recvs.push({ mock: mock(rx.recv()), state: "new" });
					else if (op === "sent" && s !== undefined) {
						if (s.state === "new" && tickets > 0) {
							tickets--;
							s.state = "granted";
						}
						if (s.state === "granted") {
							s.mock.ready();
							sends = sends.filter((x) => x !== s);
							arrive(s.value);
						} else {
							s.mock.pending();
							if (s.state === "new") sendQueue.push(s);
							s.state = "waiting";
						}
					} else if (op === "got" && r !== undefined) {
						if (r.state === "promised" || (r.state === "new" && messages.length > promised)) {
							if (r.state === "promised") promised--;
							same(r.mock.ready(), messages.shift());
							recvs = recvs.filter((x) => x !== r);
						} else {
							r.mock.pending();
							if (r.state === "waiting") continue;
							r.state = "waiting";
							recvQueue.push(r);
							if (orphans > 0) orphans--;
							else give();
						}
					} else if (op === "dropSend" && s !== undefined) {
						s.mock.drop();
						sends = sends.filter((x) => x !== s);
						sendQueue = sendQueue.filter((x) => x !== s);
						if (s.state === "granted") ticketBack();
					} else if (op === "dropRecv" && r !== undefined) {
						r.mock.drop();
						recvs = recvs.filter((x) => x !== r);
						if (r.state === "waiting") {
							recvQueue = recvQueue.filter((x) => x !== r);
							unneeded();
						} else if (r.state === "promised") {
							// Its message answers the next one, whose ticket is not needed any more.
							promised--;
							const other = recvQueue.shift();
							if (other === undefined) continue;
							other.state = "promised";
							promised++;
							unneeded();
						}
					} else if (op === "try") {
						if (tickets > 0) {
							tx.trySend(next);
							tickets--;
							arrive(next++);
						} else expect(() => tx.trySend(next)).toThrow(TrySendError);
					}
					same(tx.capacity, tickets);
					same(rx.len, messages.length);
					for (const x of sends) if (x.state !== "new") same(x.mock.isWoken, x.state === "granted");
					for (const x of recvs) if (x.state !== "new") same(x.mock.isWoken, x.state === "promised");
				}
			}),
			{ numRuns: 2_000, seed: 20 },
		);
	});
});
