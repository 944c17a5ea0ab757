/** A channel without a bound. */
import { Chan } from "../chan.ts";
import { SendError } from "../error/send-error.ts";
import { checkMessage, type Message, type Some } from "../message.ts";
import { ReceivingEnd } from "../receiving-end.ts";
import { SendingEnd } from "../sending-end.ts";

/**
 * The sending end of an {@link unboundedChannel}: a send never waits.
 *
 * @source `tokio::sync::mpsc::UnboundedSender`
 */
export class UnboundedSender<T> extends SendingEnd<T> {
	/**
	 * Sends the message, at once. It can be called from any code.
	 *
	 * @throws {@link SendError} (`YAMANOTE_SEND`) with the message, if the receiver is gone or has closed the channel
	 * @throws {@link TypeError} for `undefined`
	 * @source `tokio::sync::mpsc::UnboundedSender::send`
	 */
	send(value: T): void {
		checkMessage(value, "send");
		const { chan } = this;
		if (chan.closed) throw new SendError(value);
		chan.push(value);
	}

	/** Another end of the same channel, to be released on its own. */
	clone(): UnboundedSender<T> {
		return new UnboundedSender(this.another());
	}
}

/**
 * The receiving end of an {@link unboundedChannel}. Disposing it (`using`) closes the channel and drops what is in it.
 *
 * @source `tokio::sync::mpsc::UnboundedReceiver`
 */
export class UnboundedReceiver<T> extends ReceivingEnd<T> {}

/**
 * A channel without a bound, from many senders to one receiver. A receiver that is slower than the senders fills the memory: prefer
 * `channel`, which makes senders wait.
 *
 * @typeParam T - the messages: anything but `undefined`
 * @source `tokio::sync::mpsc::unbounded_channel`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run } from "yamanote";
 * import { mpsc } from "yamanote/sync";
 *
 * const [tx, rx] = mpsc.unboundedChannel<string>();
 * tx.send("from anywhere");
 * tx.close();
 * assert.equal(await run(rx.recv()), "from anywhere");
 * assert.equal(await run(rx.recv()), undefined);
 * ```
 */
export function unboundedChannel<T extends Message<Some>>(): [tx: UnboundedSender<T>, rx: UnboundedReceiver<T>] {
	const chan = new Chan<T>(Infinity);
	return [new UnboundedSender(chan), new UnboundedReceiver(chan)];
}
