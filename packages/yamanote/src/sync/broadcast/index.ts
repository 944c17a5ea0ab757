/**
 * Channels in which every receiver gets every message.
 *
 * @module
 */
export { LaggedError } from "../error/lagged-error.ts";
export { SendError } from "../error/send-error.ts";
export { TryRecvError } from "../error/try-recv-error.ts";
export { Receiver } from "./receiver.ts";
export { channel, Sender } from "./sender.ts";
