/** A send that waits for a free slot for so long at most: `sendTimeout`. */
import { type Duration, type Say, toMs } from "../core/duration.ts";
import { YamanoteError } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import { checkMessage } from "../sync/message.ts";
import { Elapsed } from "./error.ts";
import { timeout } from "./timeout.ts";

/** What {@link sendTimeout} needs of a channel: the sending end of an `mpsc` or `mpmc` channel has it. */
export interface Reserves<T> {
	/** @cancelSafety cancel safe, as the `reserve` of a channel is: no place is lost */
	reserve(): Future<{ send(value: T): void }, unknown>;
}

/**
 * A message was not sent within its time, or nobody will receive it. It gives the message back.
 *
 * @source `tokio::sync::mpsc::error::SendTimeoutError`
 */
export class SendTimeoutError<out T> extends YamanoteError {
	declare readonly name: "SendTimeoutError";
	declare readonly code: "YAMANOTE_SEND_TIMEOUT";
	/** The message that was not sent. */
	readonly value: T;
	/** Whether the channel stayed full for too long, or is closed. */
	readonly kind: "timeout" | "closed";

	/** @internal */
	static override get called(): string {
		return "SendTimeoutError";
	}

	constructor(value: T, kind: "timeout" | "closed", cause: unknown) {
		super(kind === "timeout" ? "the channel stayed full" : "the channel is closed: nobody receives from it", { cause });
		this.value = value;
		this.kind = kind;
	}
}

function* sending<T>(sender: Reserves<T>, value: T, ms: number): Generator<unknown, void> {
	let permit: { send(value: T): void };
	try {
		permit = (yield* timeout(ms, sender.reserve())) as { send(value: T): void };
	} catch (error) {
		throw new SendTimeoutError(value, error instanceof Elapsed ? "timeout" : "closed", error);
	}
	permit.send(value);
}

/**
 * Sends a message, and waits for a free slot for so long at most.
 *
 * @param sender - the sending end of a bounded channel
 * @param duration - milliseconds, or an object such as `{ seconds: 5 }`, from the first poll on
 * @throws {@link RangeError} at the call for NaN; {@link TypeError} for what is no duration, no sender, or no message
 * @errors {@link SendTimeoutError} (`YAMANOTE_SEND_TIMEOUT`) with the message, when the channel stays full or is closed
 * @cancelSafety not cancel safe: the message is dropped
 * @source `tokio::sync::mpsc::Sender::send_timeout`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, sendTimeout, SendTimeoutError } from "yamanote";
 * import { mpsc } from "yamanote/sync";
 *
 * const [tx, rx] = mpsc.channel<string>(1);
 * await run(sendTimeout(tx, "first", 5));
 * await assert.rejects(run(sendTimeout(tx, "second", 5)), (error) => error instanceof SendTimeoutError && error.value === "second");
 * assert.equal(await run(rx.recv()), "first");
 * ```
 */
export function sendTimeout<T>(
	sender: Reserves<T>,
	value: T,
	duration: Duration<Say>,
): Future<void, SendTimeoutError<T>> {
	if (typeof sender?.reserve !== "function")
		throw new TypeError("sendTimeout: give the sending end of a channel first");
	// Here, and not when there is a slot: the slot would be lost.
	checkMessage(value, "sendTimeout");
	return new FnFuture(sending(sender, value, toMs(duration)));
}
