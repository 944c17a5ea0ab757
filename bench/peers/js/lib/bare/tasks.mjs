// The least that tasks of generators can be: a ring of those that are ready, resumed in turn to the end.
//
// There: tasks that truly suspend, first in, first out; a value at their end; one who waits for it. Not there, and so not paid for: cancellation,
// errors, a budget, wakes that come twice, turns for timers and sockets, names, metrics, contexts, more than one runtime.

/** The engine's own `next` of generators: `task.it.next()` is slower once there are several generator functions. */
const resume = Object.getPrototypeOf(function* () {}).prototype.next;

/** First in, first out; grows. */
export class Ring {
	slots = new Array(64).fill(undefined);
	first = 0;
	length = 0;

	push(value) {
		if (this.length === this.slots.length) this.grow();
		this.slots[(this.first + this.length++) & (this.slots.length - 1)] = value;
	}

	/** There must be one. */
	shift() {
		const { slots, first } = this;
		const value = slots[first];
		slots[first] = undefined;
		this.first = (first + 1) & (slots.length - 1);
		this.length--;
		return value;
	}

	grow() {
		const { slots, first } = this;
		this.slots = slots.slice(first).concat(slots.slice(0, first));
		this.slots.length *= 2;
		this.first = 0;
	}
}

/** A task is its handle as well, and waits for itself as an iterator that is its own result: `yield* task`. */
export class Task {
	// Assigned, and not declared as fields: see waits.mjs.
	constructor(it) {
		this.done = false;
		this.value = undefined;
		this.waiter = null;
		this.it = it;
	}

	next() {
		if (!this.done) this.waiter = current;
		return this;
	}

	[Symbol.iterator]() {
		return this;
	}
}

const ready = new Ring();
let current = null;

/** The task that runs. */
export const me = () => current;

/** The task runs again, after those that are ready now. It must be waiting, and nobody else may wake it. */
export const wake = (task) => ready.push(task);

export function spawn(it) {
	const task = new Task(it);
	ready.push(task);
	return task;
}

/** Runs until nobody is ready; gives the value of this one. */
export function run(it) {
	const root = spawn(it);
	while (ready.length > 0) {
		const task = ready.shift();
		current = task;
		const r = resume.call(task.it);
		if (r.done) {
			task.done = true;
			task.value = r.value;
			if (task.waiter !== null) wake(task.waiter);
		}
	}
	return root.value;
}
