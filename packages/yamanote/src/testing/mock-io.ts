/** A stream of bytes in both directions that follows a script: `mockIo`. */

import type { Duration } from "../core/duration.ts";
import { describe } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import { currentRuntime, type RuntimeCore } from "../core/runtime-core.ts";
import { Task } from "../core/task.ts";
import { cancelBy } from "../future/run.ts";
import { checkCount } from "../sync/message.ts";
import { AssertionError } from "./assertions.ts";
import { Pause, Script } from "./script.ts";

type Step = { readonly to: "read" | "write" } & ({ bytes: Uint8Array } | { readonly error: unknown });

/** Bytes, or text, which stands for its bytes in UTF-8. */
export type Bytes = Uint8Array | string;

/** Adds steps to the script of a {@link MockIo}. */
abstract class Steps {
	/** @internal */
	protected abstract add(step: Step | Pause): void;

	/** No bytes are no step: nobody could do it. */
	#transfer(to: Step["to"], given: Bytes): this {
		const bytes = bytesOf(given, to).slice();
		if (bytes.length > 0) this.add({ to, bytes });
		return this;
	}

	/** Then a reader is given these bytes: by one read, if it takes so many. */
	read(bytes: Bytes): this {
		return this.#transfer("read", bytes);
	}

	/** Then a read fails. */
	readError(error: unknown): this {
		this.add({ to: "read", error });
		return this;
	}

	/** Then exactly these bytes are to be written, by as many writes as it takes. */
	write(bytes: Bytes): this {
		return this.#transfer("write", bytes);
	}

	/** Then a write fails. */
	writeError(error: unknown): this {
		this.add({ to: "write", error });
		return this;
	}

	/**
	 * Then a pause, which begins when somebody waits for what comes after it.
	 *
	 * @param duration - milliseconds, or an object such as `{ seconds: 5 }`
	 * @throws {@link RangeError} for NaN; {@link TypeError} for what is no duration
	 */
	wait(duration: Duration): this {
		this.add(new Pause(duration));
		return this;
	}
}

/**
 * The script of a stream of bytes: see {@link mockIo}.
 *
 * @source `tokio_test::io::Builder`
 */
export class MockIoBuilder extends Steps {
	readonly #steps: (Step | Pause)[] = [];
	#name = "mockIo";

	/** @internal */
	protected add(step: Step | Pause): void {
		this.#steps.push(step);
	}

	/**
	 * What messages call it.
	 *
	 * @throws {@link TypeError} for what is no string
	 */
	name(name: string): this {
		if (typeof name !== "string") throw new TypeError(`name: give a string, not ${describe(name)}`);
		this.#name = name;
		return this;
	}

	/** The stream. Building again gives another one, from the start. */
	build(): MockIo {
		return new MockIo(new Script(this.#steps), this.#name);
	}

	/** The stream, and a handle by which steps are added later; without more steps it waits for some, until the handle is closed. */
	buildWithHandle(): { readonly io: MockIo; readonly handle: MockIoHandle } {
		const script = new Script<Step>(this.#steps, true);
		return { io: new MockIo(script, this.#name), handle: new MockIoHandle(script) };
	}
}

/**
 * Adds steps to a {@link MockIo} that is in use.
 *
 * @source `tokio_test::io::Handle`
 */
export class MockIoHandle extends Steps implements Disposable {
	readonly #script: Script<Step>;

	/** @internal */
	constructor(script: Script<Step>) {
		super();
		this.#script = script;
	}

	/** @internal */
	protected add(step: Step | Pause): void {
		if (!this.#script.open) throw new TypeError("mockIo: its handle is closed");
		this.#script.add(step);
	}

	/** No more steps will come: what is read after the last one is the end. */
	close(): void {
		this.#script.close();
	}

	[Symbol.dispose](): void {
		this.close();
	}
}

/**
 * A stream of bytes in both directions that follows a script, and fails where it is used in another way: by the futures `read` and `write`, or by
 * the streams of the web `readable` and `writable` (`Duplex.fromWeb` of Node takes both).
 *
 * The steps are done in their order: a read waits for the writes before it; a write before its turn fails. The script is to be played to its end:
 * `using`, or disposing it by hand, fails while steps are left.
 *
 * @source `tokio_test::io::Mock`
 */
export class MockIo implements Disposable {
	readonly #script: Script<Step>;
	readonly #name: string;
	readonly #runtime: RuntimeCore = currentRuntime();
	#readable: ReadableStream<Uint8Array> | undefined;
	#writable: WritableStream<Bytes> | undefined;

	/** @internal */
	constructor(script: Script<Step>, name: string) {
		this.#script = script;
		this.#name = name;
	}

	/**
	 * Reads what there is; `undefined` at the end.
	 *
	 * @param max - the most bytes: what is over is left for the next read
	 * @throws {@link RangeError}, {@link TypeError} at the call, for what is no count
	 * @errors what the script says
	 * @cancelSafety cancel safe: no bytes are lost, and a pause that has begun goes on
	 */
	read(max: number = Infinity): Future<Uint8Array | undefined> {
		if (max !== Infinity) checkCount("mockIo: the most bytes to read", max, 1);
		return new FnFuture(this.#read(max));
	}

	*#read(max: number): Generator<unknown, Uint8Array | undefined> {
		const script = this.#script;
		for (;;) {
			const step = yield* script.turn();
			if (step === undefined) return undefined;
			if (step.to === "write") {
				yield* script.changed();
				continue;
			}
			if (!("bytes" in step)) {
				script.done();
				throw step.error;
			}
			const { bytes } = step;
			step.bytes = bytes.subarray(max);
			if (step.bytes.length === 0) script.done();
			return bytes.slice(0, max);
		}
	}

	/**
	 * Writes all of the bytes.
	 *
	 * @throws {@link TypeError} at the call, for what are no bytes
	 * @errors what the script says; {@link AssertionError} for other bytes than the script has, or for a write that it has not
	 * @cancelSafety not cancel safe: a part may have been written
	 */
	write(bytes: Bytes): Future<void> {
		return new FnFuture(this.#write(bytesOf(bytes, "write")));
	}

	*#write(bytes: Uint8Array): Generator<unknown, void> {
		const script = this.#script;
		let rest = bytes;
		while (rest.length > 0) {
			const step = yield* script.turn();
			if (step?.to !== "write")
				throw this.#error(`nothing is to be written now, but ${shown(rest)} is. Next: ${told(step)}`);
			if (!("bytes" in step)) {
				script.done();
				throw step.error;
			}
			const expected = step.bytes;
			const written = rest.slice(0, expected.length);
			if (written.some((byte, i) => byte !== expected[i]))
				throw this.#error(`${shown(expected)} is to be written, not ${shown(rest)}`, rest, expected);
			step.bytes = expected.subarray(written.length);
			if (step.bytes.length === 0) script.done();
			rest = rest.subarray(written.length);
		}
	}

	/**
	 * What is read, as a stream of the web. It asks for bytes only when somebody reads.
	 *
	 * Where the clock is paused, read by the futures: a promise of the host holds that clock, and a pause of the script would never end.
	 */
	get readable(): ReadableStream<Uint8Array> {
		let reading: Task<Uint8Array | undefined> | undefined;
		this.#readable ??= new ReadableStream(
			{
				pull: async (controller) => {
					reading = this.#start(this.read());
					const bytes = await reading.promise();
					if (bytes === undefined) controller.close();
					else controller.enqueue(bytes);
				},
				cancel: () => reading?.abort(),
			},
			{ highWaterMark: 0 },
		);
		return this.#readable;
	}

	/** What is written, as a stream of the web. Aborting it cancels a write that waits. */
	get writable(): WritableStream<Bytes> {
		this.#writable ??= new WritableStream({
			write: (bytes, { signal }) => {
				const writing = this.#start(this.write(bytes));
				cancelBy(writing, signal);
				return writing.promise();
			},
		});
		return this.#writable;
	}

	#start<T>(future: Future<T>): Task<T> {
		return new Task<T>(future as never, this.#runtime);
	}

	#error(message: string, actual?: unknown, expected?: unknown): AssertionError {
		return new AssertionError(`${this.#name}: ${message}`, actual, expected);
	}

	/** @throws {@link AssertionError} while steps are left */
	[Symbol.dispose](): void {
		const { left } = this.#script;
		if (left.length > 0) throw this.#error(`the script was not played to its end. Left: ${left.map(told).join(", ")}`);
	}
}

/**
 * Begins the script of a stream of bytes, for tests of what reads and writes: who speaks a protocol is given one side of a conversation.
 *
 * @source `tokio_test::io::Builder::new`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run } from "yamanote";
 * import { mockIo } from "yamanote/testing";
 *
 * using io = mockIo().write("PING\r\n").wait(5).read("PONG\r\n").build();
 * await run(function* () {
 *   yield* io.write("PING\r\n");
 *   assert.equal(new TextDecoder().decode(yield* io.read()), "PONG\r\n");
 *   assert.equal(yield* io.read(), undefined);
 * });
 * ```
 */
export function mockIo(): MockIoBuilder {
	return new MockIoBuilder();
}

function bytesOf(bytes: Bytes, what: string): Uint8Array {
	if (typeof bytes === "string") return new TextEncoder().encode(bytes);
	// Of any realm; and `slice` of a Buffer would not copy.
	if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	throw new TypeError(`mockIo: ${what}: give a Uint8Array or a string, not ${describe(bytes)}`);
}

const SHOWN = 40;

function shown(bytes: Uint8Array): string {
	const text = JSON.stringify(new TextDecoder().decode(bytes.subarray(0, SHOWN)));
	return bytes.length > SHOWN ? `${text}… (${bytes.length} bytes)` : text;
}

function told(step: Step | undefined): string {
	if (step === undefined) return "the end";
	return "bytes" in step ? `${step.to} ${shown(step.bytes)}` : `${step.to} fails with ${describe(step.error)}`;
}
