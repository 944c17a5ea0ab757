// The channel, semaphore, watch, timeout and retry that JavaScript programs carry, since the language has none: the
// shortest that are right for the workloads.

/** FIFO with a head index: Array#shift moves the whole array once it is long. */
class Fifo {
	#items = [];
	#head = 0;
	get length() {
		return this.#items.length - this.#head;
	}
	push(x) {
		this.#items.push(x);
	}
	shift() {
		if (this.#head === this.#items.length) return undefined;
		const x = this.#items[this.#head];
		this.#items[this.#head++] = undefined;
		if (this.#head > 1000 && this.#head * 2 > this.#items.length) {
			this.#items = this.#items.slice(this.#head);
			this.#head = 0;
		}
		return x;
	}
}

export class Channel {
	#buffer = new Fifo();
	#receivers = new Fifo();
	#senders = new Fifo();
	constructor(capacity = Infinity) {
		this.capacity = capacity;
	}
	/** Nothing to await unless the channel is full. */
	send(value) {
		const receive = this.#receivers.shift();
		if (receive) receive(value);
		else if (this.#buffer.length < this.capacity) this.#buffer.push(value);
		else return new Promise((resolve) => this.#senders.push({ value, resolve }));
	}
	recv() {
		if (this.#buffer.length === 0) return new Promise((resolve) => this.#receivers.push(resolve));
		const value = this.#buffer.shift();
		const sender = this.#senders.shift();
		if (sender) {
			this.#buffer.push(sender.value);
			sender.resolve();
		}
		return value;
	}
}

export class Semaphore {
	#waiting = new Fifo();
	constructor(permits) {
		this.permits = permits;
	}
	acquire() {
		if (this.permits > 0) {
			this.permits--;
			return;
		}
		return new Promise((resolve) => this.#waiting.push(resolve));
	}
	release() {
		const next = this.#waiting.shift();
		if (next) next();
		else this.permits++;
	}
	async run(f) {
		await this.acquire();
		try {
			return await f();
		} finally {
			this.release();
		}
	}
}

/** A value and a promise of its next change. */
export class Watch {
	version = 0;
	#arm() {
		this.#changed = new Promise((resolve) => (this.#fire = resolve));
	}
	#changed;
	#fire;
	constructor(value) {
		this.value = value;
		this.#arm();
	}
	set(value) {
		this.value = value;
		this.version++;
		const fire = this.#fire;
		this.#arm();
		fire();
	}
	changed(seen) {
		return this.version > seen ? undefined : this.#changed;
	}
}

/** Race against a timer; the signal tells the loser to stop, the timer is cleared. */
export async function withTimeout(ms, f) {
	const controller = new AbortController();
	let timer;
	const expired = new Promise((_, reject) => {
		timer = setTimeout(() => {
			const error = new Error(`timed out after ${ms} ms`);
			controller.abort(error);
			reject(error);
		}, ms);
	});
	try {
		return await Promise.race([f(controller.signal), expired]);
	} finally {
		clearTimeout(timer);
	}
}

export async function withRetry(retries, f) {
	for (let attempt = 0; ; attempt++) {
		try {
			return await f();
		} catch (error) {
			if (attempt === retries) throw error;
		}
	}
}
