/** A watch channel. */
import type { Carried } from "../message.ts";
import { Cell } from "./cell.ts";
import { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";

/**
 * A channel that keeps the latest value only: a setting, a state, the progress of something. Receivers see the latest value at any time, and
 * can wait for the next.
 *
 * @typeParam T - the value: anything but `undefined`
 * @param value - the first value, which counts as seen
 * @throws {@link TypeError} for `undefined`
 * @source `tokio::sync::watch::channel`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, spawn } from "yamanote";
 * import { watch } from "yamanote/sync";
 *
 * await run(function* () {
 *   const [tx, rx] = watch.channel("starting");
 *   const ready = spawn(rx.waitFor((state) => state === "ready"));
 *   tx.send("loading");
 *   tx.send("ready");
 *   assert.equal(yield* ready, "ready");
 *   assert.equal(rx.borrow(), "ready");
 * });
 * ```
 */
export function channel<T>(value: Carried<T>): [tx: Sender<T>, rx: Receiver<T>] {
	const cell = new Cell(value as T, 1, 1);
	return [new Sender(value as T, cell), new Receiver(cell, 0)];
}
