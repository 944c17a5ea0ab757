/**
 * Channels of many senders and many receivers.
 *
 * @module
 */
export { SendError } from "../error/send-error.ts";
export { TryRecvError } from "../error/try-recv-error.ts";
export { TrySendError } from "../error/try-send-error.ts";
export { Permit, Permits } from "../mpsc/permit.ts";
export { channel, unboundedChannel } from "./channel.ts";
export { Receiver } from "./receiver.ts";
export { Sender, UnboundedSender } from "./sender.ts";
