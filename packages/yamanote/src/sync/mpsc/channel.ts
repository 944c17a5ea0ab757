/** A bounded channel. */
import { Chan } from "../chan.ts";
import { checkCount, type Message, type Some } from "../message.ts";
import { Rendezvous } from "../rendezvous.ts";
import { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";

/**
 * A channel of many senders and one receiver, in which messages wait in slots. A sender waits while there is no free slot; messages are
 * received in the order in which they were sent.
 *
 * @typeParam T - the messages: anything but `undefined`
 * @param capacity - how many slots; a whole number of at least 0. With 0 a send waits until a receiver waits for its message
 * @throws {@link RangeError} if it is no such number
 * @source `tokio::sync::mpsc::channel`; capacity 0 as in Go
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, spawn } from "yamanote";
 * import { mpsc } from "yamanote/sync";
 *
 * const seen: number[] = [];
 * await run(function* () {
 *   const [tx, rx] = mpsc.channel<number>(2);
 *   spawn(function* () {
 *     using sender = tx;
 *     for (let i = 0; i < 5; i++) yield* sender.send(i);
 *   });
 *   for (let n = yield* rx.recv(); n !== undefined; n = yield* rx.recv()) seen.push(n);
 * });
 * assert.deepEqual(seen, [0, 1, 2, 3, 4]);
 * ```
 */
export function channel<T extends Message<Some>>(capacity: number): [tx: Sender<T>, rx: Receiver<T>] {
	checkCount("a channel's capacity", capacity);
	const chan = capacity === 0 ? new Rendezvous<T>() : new Chan<T>(capacity);
	return [new Sender(chan), new Receiver(chan)];
}
