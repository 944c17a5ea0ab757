/** What may cross, and what becomes of it, without sending it: `checkSend`, `sendClone`. */
import { packValue, unpackValue } from "./codec/pack.ts";
import { NotSendError } from "./error.ts";

/**
 * Checks that a value may cross to another thread, as a call would. Buffers that are marked with `transfer` do move.
 *
 * @param name - what the value is called in the message
 * @throws {@link NotSendError} that names the place: `value.user.onClick is a function: send data, and call a function of defineWorker there`
 * @source `fn assert_send<T: Send>()`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkSend, NotSendError } from "yamanote/threads";
 *
 * checkSend({ name: "Ada", tags: new Set(["first"]) });
 * assert.throws(() => checkSend({ user: { onClick() {} } }, "config"), {
 *   name: "NotSendError",
 *   path: "config.user.onClick",
 * });
 * ```
 */
export function checkSend(value: unknown, name = "value"): void {
	packValue(value, name, true);
}

/**
 * What another thread would get: the value packed and unpacked again. To test that one's classes cross as they should, and in place of
 * `structuredClone`, which damages class instances, errors, and `Buffer` in silence.
 *
 * @throws {@link NotSendError} that names the place of what cannot cross
 * @source none
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sendClone } from "yamanote/threads";
 *
 * const copy = sendClone({ failure: new RangeError("too much", { cause: "greed" }), settings: Object.freeze({ depth: 3 }) });
 * assert.ok(copy.failure instanceof RangeError);
 * assert.ok(Object.isFrozen(copy.settings));
 * ```
 */
export function sendClone<T>(value: T): T {
	const { bytes, extras, transfers, ends } = packValue(value, "value", true);
	if (ends !== null)
		throw new NotSendError("value", "holds the end of a channel, or a token: what becomes of it shows in a call alone");
	const beside = extras === null ? null : structuredClone(extras, { transfer: (transfers ?? []) as Transferable[] });
	return unpackValue({ bytes, extras: beside }) as T;
}
