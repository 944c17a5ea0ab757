/**
 * Channels that keep the latest value.
 *
 * @module
 */
export { RecvError } from "../error/recv-error.ts";
export { SendError } from "../error/send-error.ts";
export { channel } from "./channel.ts";
export { Receiver } from "./receiver.ts";
export { type Ref, Sender } from "./sender.ts";
