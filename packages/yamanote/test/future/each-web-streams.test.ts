// Rule 14: streams of the web, in and out.
import { describe, expect, it } from "vitest";
import { each, run, spawn } from "yamanote";
import { mpsc } from "yamanote/sync";
import { hostTurn, microtasks } from "../support/host.ts";

/** A stream that tells whether it was cancelled. */
function numbers(n: number, more: "ends" | "waits" | "fails" = "ends") {
	const told = { cancelled: 0 };
	let at = 0;
	const stream = new ReadableStream<number>({
		pull(controller) {
			if (at < n) controller.enqueue(at++);
			else if (more === "ends") controller.close();
			else if (more === "fails") controller.error(new Error("broken"));
			else return new Promise(() => {});
			return undefined;
		},
		cancel() {
			told.cancelled++;
		},
	});
	return { stream, told };
}

describe("each over a stream of the web", () => {
	it("gives its items, and lets it go at its end", async () => {
		const { stream, told } = numbers(3);
		const seen: number[] = [];
		await run(each(stream, async (n: number) => void seen.push(n)));
		expect(seen).toEqual([0, 1, 2]);
		expect([stream.locked, told.cancelled]).toEqual([false, 0]);
	});

	it("fails as it does, after what came before", async () => {
		const { stream } = numbers(2, "fails");
		const seen: number[] = [];
		await expect(run(each(stream, async (n: number) => void seen.push(n)))).rejects.toThrow("broken");
		expect(seen).toEqual([0, 1]);
	});

	it("cancels it when the body ends the loop, and when the body fails", async () => {
		const [left, failed] = [numbers(5), numbers(5)];
		await run(each(left.stream, async (n: number) => n < 1));
		expect([left.told.cancelled, left.stream.locked]).toEqual([1, false]);
		const failing = each(failed.stream, async () => Promise.reject(new Error("mine")));
		await expect(run(failing)).rejects.toThrow("mine");
		expect([failed.told.cancelled, failed.stream.locked]).toEqual([1, false]);
	});

	it("cancels it at once when it is cancelled while it waits for an item", async () => {
		const { stream, told } = numbers(1, "waits");
		const task = spawn(each(stream, async () => {}));
		await hostTurn();
		expect(task.isFinished).toBe(false);
		task.abort();
		await expect(task).rejects.toThrow();
		expect([told.cancelled, stream.locked]).toEqual([1, false]);
	});

	it("waits until it is closed", async () => {
		let release = (): void => {};
		let ended = false;
		const stream = new ReadableStream<number>({
			cancel: () =>
				new Promise<void>((resolve) => {
					release = resolve;
				}),
		});
		const task = spawn(each(stream, async () => {}));
		await microtasks();
		task.abort();
		void task.catch(() => {}).then(() => (ended = true));
		await microtasks();
		expect(ended).toBe(false);
		release();
		await expect(task).rejects.toThrow();
	});

	it("refuses one that somebody else reads", async () => {
		const { stream } = numbers(3);
		const reader = stream.getReader();
		await expect(run(each(stream, async () => {}))).rejects.toThrow(TypeError);
		reader.releaseLock();
	});
});

/** `ReadableStream.from`, where the engine has it. */
const from = (ReadableStream as { from?<T>(items: AsyncIterable<T>): ReadableStream<T> }).from;

describe.skipIf(from === undefined)("a receiver as a stream of the web", () => {
	it("gives its messages, and ends when its senders have gone", async () => {
		const [tx, rx] = mpsc.channel<number>(1);
		const seen: number[] = [];
		const piped = (from as NonNullable<typeof from>)
			.call(ReadableStream, rx)
			.pipeThrough(new TransformStream({ transform: (n, controller) => controller.enqueue(10 * (n as number)) }))
			.pipeTo(new WritableStream({ write: (n) => void seen.push(n as number) }));
		await run(function* () {
			for (const n of [1, 2, 3]) yield* tx.send(n);
			tx.close();
		});
		await piped;
		expect(seen).toEqual([10, 20, 30]);
	});

	it("goes on when the stream is cancelled: it belongs to whoever made it", async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		const stream = (from as NonNullable<typeof from>).call(ReadableStream, rx);
		const reader = stream.getReader();
		tx.trySend(1);
		expect(await reader.read()).toEqual({ done: false, value: 1 });
		await reader.cancel();
		expect(tx.isClosed).toBe(false);
		tx.trySend(2);
		expect(await rx.recv()).toBe(2);
		tx.close();
		rx.release();
	});
});
