// Locks and channels of the bare tasks, as short as they can be. What may have to wait answers whether the caller is served; if not, he has joined
// the queue, and must suspend: `if (!semaphore.take()) yield;`.
//
// There: order of waiting, values that pass, a bound that holds, slots and permits handed on to the next in line. Not there: closing, ends that are
// released, guards and permits as objects, cancellation, refusing `undefined`, observers, freeing a broadcast message that all have received.
import { me, Ring, wake } from "./tasks.mjs";

export class Semaphore {
	waiting = new Ring();

	constructor(permits) {
		this.permits = permits;
	}

	take() {
		if (this.permits > 0) {
			this.permits--;
			return true;
		}
		this.waiting.push(me());
		return false;
	}

	give() {
		if (this.waiting.length > 0) wake(this.waiting.shift());
		else this.permits++;
	}
}

/** Of many senders and one receiver. A sender takes a slot, then puts; the receiver waits until there is a message, then takes it. */
export class Channel {
	queue = new Ring();
	receiver = null;

	constructor(capacity) {
		this.slots = capacity === undefined ? null : new Semaphore(capacity);
	}

	put(message) {
		this.queue.push(message);
		const { receiver } = this;
		if (receiver === null) return;
		this.receiver = null;
		wake(receiver);
	}

	look() {
		if (this.queue.length > 0) return true;
		this.receiver = me();
		return false;
	}

	take() {
		const message = this.queue.shift();
		if (this.slots !== null) this.slots.give();
		return message;
	}
}

/** A channel for one message: this is the receiving end. */
export class OnceReceiver {
	constructor() {
		this.sent = false;
		this.message = undefined;
		this.receiver = null;
	}

	look() {
		if (this.sent) return true;
		this.receiver = me();
		return false;
	}
}

export class OnceSender {
	constructor(rx) {
		this.rx = rx;
	}

	send(message) {
		const { rx } = this;
		rx.message = message;
		rx.sent = true;
		if (rx.receiver !== null) wake(rx.receiver);
	}
}

/** Those who wait for the same; all are woken at once. */
class Crowd {
	waiting = [];

	join() {
		this.waiting.push(me());
	}

	wakeAll() {
		const { waiting } = this;
		for (let i = 0; i < waiting.length; i++) wake(waiting[i]);
		waiting.length = 0;
	}
}

/** The latest messages in a ring; each receiver has a position of its own, and none may fall behind by more than the capacity. */
export class Broadcast {
	tail = 0;
	crowd = new Crowd();

	constructor(capacity) {
		this.messages = new Array(capacity).fill(undefined);
	}

	send(message) {
		this.messages[this.tail++ & (this.messages.length - 1)] = message;
		this.crowd.wakeAll();
	}
}

export class BroadcastReceiver {
	position = 0;

	constructor(channel) {
		this.channel = channel;
	}

	look() {
		const { channel } = this;
		if (this.position < channel.tail) return true;
		channel.crowd.join();
		return false;
	}

	take() {
		const { messages } = this.channel;
		return messages[this.position++ & (messages.length - 1)];
	}
}

/** The latest value. */
export class Watch {
	version = 0;
	crowd = new Crowd();

	constructor(value) {
		this.value = value;
	}

	send(value) {
		this.value = value;
		this.version++;
		this.crowd.wakeAll();
	}
}

export class WatchReceiver {
	seen = 0;

	constructor(channel) {
		this.channel = channel;
	}

	/** Whether there is a change that was not seen; it counts as seen after `see`. */
	look() {
		const { channel } = this;
		if (this.seen !== channel.version) return true;
		channel.crowd.join();
		return false;
	}

	see() {
		this.seen = this.channel.version;
	}
}
