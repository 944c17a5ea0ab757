/**
 * Channels of many senders and one receiver.
 *
 * @module
 */
export { SendError } from "../error/send-error.ts";
export { TryRecvError } from "../error/try-recv-error.ts";
export { TrySendError } from "../error/try-send-error.ts";
export { channel } from "./channel.ts";
export { Permit, Permits } from "./permit.ts";
export { Receiver } from "./receiver.ts";
export { Sender } from "./sender.ts";
export { UnboundedReceiver, UnboundedSender, unboundedChannel } from "./unbounded.ts";
