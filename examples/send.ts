/**
 * `Send`: what may go to another thread, before and after.
 *
 * In Rust a whole future must be `Send`, since its task may resume on another thread. Here tasks stay on their thread, and may hold whatever
 * they like across a wait; what must be `Send` is what crosses: the arguments and the result of a worker's function.
 *
 * Run me: node examples/run.mjs send
 */
import { asyncFn, main, sleep, tryJoin } from "yamanote";
import { checkSend, NotSendError } from "yamanote/threads";
import { Money, worker } from "./send.worker.ts";

/** Rust's `Rc`: shared by reference within one thread, so that a copy would be another one. */
class Rc {
	readonly value: { n: number };
	constructor(n: number) {
		this.value = { n };
	}
	get(): number {
		return this.value.n;
	}
}

// ❌ Before: structured clone would make a bare object of it, without its methods. The types refuse it, and so does the call.
const notSend = asyncFn(function* () {
	const rc = new Rc(42);
	yield* sleep(10); // may be held across a wait: the task stays on this thread
	try {
		// @ts-expect-error "args[0].get is a function: send data, and call a function of defineWorker there"
		return yield* worker.print(rc); // eslint-disable-line yamanote/no-not-send -- the mistake that this example shows
	} catch (error) {
		if (error instanceof NotSendError) return error.message;
		throw error;
	}
});

// ✅ Fix 1: copy the value out, and send that.
const fixedDrop = asyncFn(function* () {
	const data = new Rc(42).get();
	return yield* worker.print(data);
});

// ✅ Fix 2: Rust's `Arc`: memory that both threads share.
const fixedArc = asyncFn(function* () {
	const arc = new Int32Array(new SharedArrayBuffer(4));
	yield* tryJoin([worker.count(arc, 1_000), worker.count(arc, 1_000)]);
	return `two threads have counted to ${Atomics.load(arc, 0)} together`;
});

// ✅ Fix 3: the class says how it crosses, and arrives as what it is.
const fixedClass = asyncFn(function* () {
	const price = yield* worker.twice(new Money(4_200));
	return `${price.cents} cents, by a method of the class, and here a Money again: ${price instanceof Money}`;
});

main(function* () {
	console.log(`before: ${yield* notSend()}`);
	console.log(`fix 1: ${yield* fixedDrop()}`);
	console.log(`fix 2: ${yield* fixedArc()}`);
	console.log(`fix 3: ${yield* fixedClass()}`);
	try {
		checkSend({ user: { name: "Ada", onClick() {} } }, "config");
	} catch (error) {
		console.log(`check: ${(error as Error).message}`);
	}
});
