// Waits of the bare tasks as values: each is an object that is its own iterator and its own iterator result, asked again when its task was woken.
// Written with assignments in constructors, and not with declared fields: Node 20 makes an object of these three times as slowly.
import { OnceReceiver, OnceSender } from "./sync.mjs";
import { me, wake } from "./tasks.mjs";

/** Its own iterator and its own iterator result. */
class Wait {
	constructor() {
		this.done = false;
		this.value = undefined;
	}

	[Symbol.iterator]() {
		return this;
	}
}

class YieldNow extends Wait {
	constructor() {
		super();
		this.waits = false;
	}

	next() {
		if (this.waits) this.done = true;
		else {
			this.waits = true;
			wake(me());
		}
		return this;
	}
}

class Guard {
	constructor(semaphore) {
		this.held = true;
		this.semaphore = semaphore;
	}

	release() {
		if (!this.held) return;
		this.held = false;
		this.semaphore.give();
	}
}

export class Acquire extends Wait {
	constructor(semaphore) {
		super();
		this.waits = false;
		this.semaphore = semaphore;
	}

	next() {
		if (this.waits || this.semaphore.take()) {
			this.done = true;
			this.value = new Guard(this.semaphore);
		} else this.waits = true;
		return this;
	}
}

export class Send extends Wait {
	constructor(channel, message) {
		super();
		this.waits = false;
		this.channel = channel;
		this.message = message;
	}

	next() {
		const { channel } = this;
		if (this.waits || channel.slots.take()) {
			this.done = true;
			channel.put(this.message);
		} else this.waits = true;
		return this;
	}
}

/** Waits until there is something to take at an end of a channel. */
export class Recv extends Wait {
	constructor(rx) {
		super();
		this.rx = rx;
	}

	next() {
		const { rx } = this;
		if (rx.look()) {
			this.done = true;
			this.value = rx.take();
		}
		return this;
	}
}

export class Changed extends Wait {
	constructor(rx) {
		super();
		this.rx = rx;
	}

	next() {
		const { rx } = this;
		if (rx.look()) {
			this.done = true;
			rx.see();
		}
		return this;
	}
}

class OnceFuture extends OnceReceiver {
	constructor() {
		super();
		this.done = false;
		this.value = undefined;
	}

	next() {
		if (this.look()) {
			this.done = true;
			this.value = this.message;
		}
		return this;
	}

	[Symbol.iterator]() {
		return this;
	}
}

export function oneshot() {
	const rx = new OnceFuture();
	return [new OnceSender(rx), rx];
}

export const yieldNow = () => new YieldNow();
