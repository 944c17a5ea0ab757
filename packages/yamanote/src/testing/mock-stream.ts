/** A stream that follows a script: `mockStream`. */

import type { Duration } from "../core/duration.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import { MessageIterator } from "../core/message-iterator.ts";
import { checkMessage } from "../sync/message.ts";
import { AssertionError } from "./assertions.ts";
import { Pause, Script } from "./script.ts";

interface Item<T> {
	readonly item: T;
}

/**
 * The script of a stream: see {@link mockStream}.
 *
 * @source `tokio_test::stream_mock::StreamMockBuilder`
 */
export class MockStreamBuilder<T> {
	readonly #steps: (Item<T> | Pause)[] = [];

	/**
	 * Then an item.
	 *
	 * @throws {@link TypeError} for `undefined`, which stands for the end
	 */
	next(item: T): this {
		checkMessage(item, "mockStream");
		this.#steps.push({ item });
		return this;
	}

	/**
	 * Then a pause, which begins when somebody waits for what comes after it.
	 *
	 * @param duration - milliseconds, or an object such as `{ seconds: 5 }`
	 * @throws {@link RangeError} for NaN; {@link TypeError} for what is no duration
	 */
	wait(duration: Duration): this {
		this.#steps.push(new Pause(duration));
		return this;
	}

	/** The stream. Building again gives another one, from the start. */
	build(): MockStream<T> {
		return new MockStream(new Script(this.#steps));
	}
}

/**
 * A stream that follows a script. Its items are there for `recv`, `each` and `for await`; each is given once.
 *
 * It is to be read to its end: `using`, or disposing it by hand, fails while items are left.
 *
 * @source `tokio_test::stream_mock::StreamMock`
 */
export class MockStream<T> implements AsyncIterable<T>, Disposable {
	readonly #script: Script<Item<T>>;

	/** @internal */
	constructor(script: Script<Item<T>>) {
		this.#script = script;
	}

	/**
	 * The next item; `undefined` at the end, and ever after.
	 *
	 * @cancelSafety cancel safe: no item is lost, and a pause that has begun goes on
	 */
	recv(): Future<T | undefined> {
		return new FnFuture(this.#recv());
	}

	*#recv(): Generator<unknown, T | undefined> {
		const step = yield* this.#script.turn();
		if (step !== undefined) this.#script.done();
		return step?.item;
	}

	/** The items for `for await`. Leaving the loop leaves the rest where it is. */
	[Symbol.asyncIterator](): AsyncIterator<T> {
		return new MessageIterator(() => this.recv());
	}

	/** @throws {@link AssertionError} while items are left */
	[Symbol.dispose](): void {
		const { length } = this.#script.left;
		if (length > 0) throw new AssertionError(`the stream was not read to its end: items left: ${length}`, length, 0);
	}
}

/**
 * Begins the script of a stream, for tests of what reads streams: items, with pauses in between, which take no time on a paused clock.
 *
 * @source `tokio_test::stream_mock::StreamMockBuilder::new`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { each, Instant } from "yamanote";
 * import { assertElapsed, mockStream, paused } from "yamanote/testing";
 *
 * const test = paused(function* () {
 *   using stream = mockStream<string>().next("a").wait({ minutes: 5 }).next("b").build();
 *   const start = Instant.now();
 *   const seen: string[] = [];
 *   yield* each(stream, function* (item) {
 *     seen.push(item);
 *   });
 *   assert.deepEqual(seen, ["a", "b"]);
 *   assertElapsed(start, { minutes: 5 });
 * });
 * await test();
 * ```
 */
export function mockStream<T>(): MockStreamBuilder<T> {
	return new MockStreamBuilder();
}
