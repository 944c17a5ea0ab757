import { describe, expect, it } from "vitest";
import { attempt, Instant, SendTimeoutError, sendTimeout, sleep, spawn } from "yamanote";
import { mpsc } from "yamanote/sync";
import { assertElapsed, assertFails, mockTask, paused } from "yamanote/testing";

describe("sendTimeout", () => {
	it(
		"sends at once if there is room",
		paused(function* () {
			const start = Instant.now();
			const [tx, rx] = mpsc.channel<string>(1);
			yield* sendTimeout(tx, "value", 10);
			expect(yield* rx.recv()).toBe("value");
			assertElapsed(start, 0);
		}),
	);

	it(
		"sends as soon as there is room",
		paused(function* () {
			const start = Instant.now();
			const [tx, rx] = mpsc.channel<number>(1);
			yield* tx.send(1);
			const sending = spawn(sendTimeout(tx, 2, 10));
			yield* sleep(5);
			expect(yield* rx.recv()).toBe(1);
			yield* sending;
			expect(yield* rx.recv()).toBe(2);
			assertElapsed(start, 5);
		}),
	);

	it(
		"gives the message back when there is no room in time",
		paused(function* () {
			const start = Instant.now();
			const [tx, rx] = mpsc.channel<number>(1);
			yield* tx.send(1);
			const result = yield* attempt(sendTimeout(tx, 2, { milliseconds: 10 }), SendTimeoutError);
			expect(result).toMatchObject({ ok: false, error: { value: 2, kind: "timeout" } });
			assertElapsed(start, 10);
			expect(rx.tryRecv()).toBe(1);
			yield* tx.send(3);
			expect(yield* rx.recv()).toBe(3);
		}),
	);

	it(
		"gives the message back when nobody will receive it",
		paused(function* () {
			const [tx, rx] = mpsc.channel<number>(1);
			rx.close();
			const result = yield* attempt(sendTimeout(tx, 2, 10), SendTimeoutError);
			expect(result).toMatchObject({ ok: false, error: { value: 2, kind: "closed" } });
		}),
	);

	it(
		"frees its place in the queue when it is dropped",
		paused(function* () {
			const [tx, rx] = mpsc.channel<number>(1);
			yield* tx.send(1);
			const task = mockTask(sendTimeout(tx, 2, 10));
			task.poll();
			task.drop();
			expect(yield* rx.recv()).toBe(1);
			yield* tx.send(3);
			expect(rx.tryRecv()).toBe(3);
			assertFails(() => {
				rx.tryRecv();
				return undefined as never;
			});
		}),
	);

	it("refuses what is no message at the call, so that no slot is lost", async () => {
		const [tx, rx] = mpsc.channel<number>(1);
		await expect((async () => await sendTimeout(tx, undefined as never, 10))()).rejects.toThrow(TypeError);
		expect(tx.trySend(1)).toBe(undefined);
		expect(rx.tryRecv()).toBe(1);
		expect(() => sendTimeout(tx, undefined as never, 10)).toThrow(TypeError);
	});

	it("refuses what is no sender, and no duration", () => {
		const [tx] = mpsc.channel<number>(1);
		expect(() => sendTimeout({} as never, 1, 10)).toThrow(TypeError);
		expect(() => sendTimeout(tx, 1, Number.NaN)).toThrow(RangeError);
	});
});
