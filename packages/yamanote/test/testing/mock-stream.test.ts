import { describe, expect, it } from "vitest";
import { each, Instant, run, select, sleep } from "yamanote";
import {
	AssertionError,
	assertElapsed,
	assertPending,
	assertReady,
	mockStream,
	mockTask,
	paused,
} from "yamanote/testing";

describe("mockStream", () => {
	it("is at its end at once without a script, and stays there", () => {
		using stream = mockStream<number>().build();
		expect(assertReady(mockTask(stream.recv()).poll())).toBe(undefined);
		expect(assertReady(mockTask(stream.recv()).poll())).toBe(undefined);
	});

	it("gives its items in order, each once", async () => {
		using stream = mockStream<string>().next("a").next("b").next("c").build();
		expect(await stream.recv()).toBe("a");
		const rest: string[] = [];
		for await (const item of stream) rest.push(item);
		expect(rest).toEqual(["b", "c"]);
	});

	it(
		"pauses from when somebody waits",
		paused(function* () {
			using stream = mockStream<number>().wait(300).next(1).wait(200).wait(100).next(2).build();
			yield* sleep(1_000);
			const start = Instant.now();
			const at: [number, number][] = [];
			yield* each(stream, function* (item) {
				at.push([item, start.elapsed()]);
			});
			expect(at).toEqual([
				[1, 300],
				[2, 600],
			]);
			assertElapsed(start, 600);
		}),
	);

	it(
		"loses nothing to those who do not wait any more, and its pause goes on",
		paused(function* () {
			using stream = mockStream<string>().wait(100).next("late").build();
			const start = Instant.now();
			for (let i = 0; i < 3; i++) expect((yield* select({ item: stream.recv(), time: sleep(30) })).key).toBe("time");
			expect(yield* stream.recv()).toBe("late");
			assertElapsed(start, 100);
		}),
	);

	it(
		"gives several who wait at once an item each",
		paused(function* () {
			using stream = mockStream<number>().wait(10).next(1).next(2).build();
			const [a, b, c] = [mockTask(stream.recv()), mockTask(stream.recv()), mockTask(stream.recv())];
			for (const task of [a, b, c]) assertPending(task.poll());
			yield* sleep(10);
			expect([a, b, c].map((task) => assertReady(task.poll()))).toEqual([1, 2, undefined]);
		}),
	);

	it("fails when it is disposed before its end, and says how much is left", () => {
		const stream = mockStream<number>().next(1).next(2).wait(5).next(3).build();
		assertReady(mockTask(stream.recv()).poll());
		expect(() => stream[Symbol.dispose]()).toThrow("the stream was not read to its end: items left: 2");
		// A pause is nothing to be read.
		mockStream<number>().wait(5).build()[Symbol.dispose]();
	});

	it("does not hide the error of a body that did not come to the end", async () => {
		const failure = new RangeError("the body's own");
		const both = await run(function* () {
			using _stream = mockStream<number>().next(1).build();
			yield* sleep(0);
			throw failure;
		}).catch((error) => error);
		expect(both.suppressed).toBe(failure);
		expect(both.error).toBeInstanceOf(AssertionError);
		const stream = mockStream<number>().next(1).next(2).build();
		await expect(
			(async () => {
				for await (const _ of stream) throw failure;
			})(),
		).rejects.toBe(failure);
	});

	it("is built anew each time, from the start", async () => {
		const script = mockStream<number>().next(1);
		const first = script.build();
		const second = script.next(2).build();
		expect(await Promise.all([first.recv(), first.recv()])).toEqual([1, undefined]);
		expect(await Promise.all([second.recv(), second.recv(), second.recv()])).toEqual([1, 2, undefined]);
	});

	it("refuses `undefined`, and what is no duration", () => {
		expect(() => mockStream<undefined>().next(undefined)).toThrow(TypeError);
		expect(() => mockStream().wait(Number.NaN)).toThrow(RangeError);
		expect(() => mockStream().wait("5" as never)).toThrow(TypeError);
	});
});
