/** Channels of many senders and many receivers. */
import { Chan } from "../chan.ts";
import { checkCount, type Message, type Some } from "../message.ts";
import { Rendezvous } from "../rendezvous.ts";
import { Receiver } from "./receiver.ts";
import { Sender, UnboundedSender } from "./sender.ts";

/**
 * A channel of many senders and many receivers, in which messages wait in slots: each message goes to one receiver. A queue of work for
 * several workers.
 *
 * @typeParam T - the messages: anything but `undefined`
 * @param capacity - how many slots; a whole number of at least 0. With 0 a send waits until a receiver waits for its message
 * @throws {@link RangeError} if it is no such number
 * @source `async_channel::bounded`; capacity 0 as in Go
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { each, join, run, yieldNow } from "yamanote";
 * import { mpmc } from "yamanote/sync";
 *
 * const [jobs, first] = mpmc.channel<number>(4);
 * const done: number[] = [];
 * const worker = (rx: mpmc.Receiver<number>) => each(rx, function* (job) {
 *   yield* yieldNow();
 *   done.push(job);
 * });
 * await run(join([
 *   worker(first),
 *   worker(first.clone()),
 *   function* () {
 *     for (let job = 0; job < 6; job++) yield* jobs.send(job);
 *     jobs.close();
 *   },
 * ]));
 * assert.deepEqual(done.sort(), [0, 1, 2, 3, 4, 5]);
 * ```
 */
export function channel<T extends Message<Some>>(capacity: number): [tx: Sender<T>, rx: Receiver<T>] {
	checkCount("a channel's capacity", capacity);
	const chan = capacity === 0 ? new Rendezvous<T>() : new Chan<T>(capacity);
	return [new Sender(chan), new Receiver(chan)];
}

/**
 * A channel without a bound, of many senders and many receivers. Receivers that are slower than the senders fill the memory: prefer
 * {@link channel}, which makes senders wait.
 *
 * @typeParam T - the messages: anything but `undefined`
 * @source `async_channel::unbounded`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mpmc } from "yamanote/sync";
 *
 * const [tx, rx] = mpmc.unboundedChannel<number>();
 * tx.send(1);
 * tx.send(2);
 * const other = rx.clone();
 * assert.deepEqual([rx.tryRecv(), other.tryRecv()], [1, 2]);
 * ```
 */
export function unboundedChannel<T extends Message<Some>>(): [tx: UnboundedSender<T>, rx: Receiver<T>] {
	const chan = new Chan<T>(Infinity);
	return [new UnboundedSender(chan), new Receiver(chan)];
}
