// Rule 14: streams of Node, in and out.
// @engines node20 node22 node24 node26 bun deno
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { each, mapConcurrent, run, spawn } from "yamanote";
import { mpsc } from "yamanote/sync";
import { hostTurns } from "../support/host.ts";

describe("each over a stream of Node", () => {
	it("gives its chunks, and leaves it closed", async () => {
		const stream = Readable.from([1, 2, 3]);
		const seen: number[] = [];
		await run(each(stream as AsyncIterable<number>, async (n) => void seen.push(n)));
		expect(seen).toEqual([1, 2, 3]);
		expect(stream.destroyed).toBe(true);
	});

	it("fails as it does", async () => {
		const stream = new PassThrough();
		stream.write("a");
		const task = spawn(each(stream as AsyncIterable<unknown>, async () => {}));
		await hostTurns(2);
		stream.destroy(new Error("broken"));
		await expect(task).rejects.toThrow("broken");
	});

	it("destroys it when the body ends the loop", async () => {
		const stream = Readable.from([1, 2, 3]);
		await run(each(stream as AsyncIterable<number>, async () => false));
		expect(stream.destroyed).toBe(true);
	});

	it("destroys it at once when it is cancelled while it waits for a chunk", async () => {
		const stream = new PassThrough();
		const task = spawn(each(stream as AsyncIterable<unknown>, async () => {}));
		await hostTurns(2);
		task.abort();
		await expect(task).rejects.toThrow();
		expect(stream.destroyed).toBe(true);
	});
});

describe("mapConcurrent over a stream of Node", () => {
	it("destroys it at once when it is cancelled while it waits for a chunk", async () => {
		const stream = new PassThrough();
		const task = spawn(mapConcurrent(stream as AsyncIterable<unknown>, 2, async () => {}));
		await hostTurns(2);
		task.abort();
		await expect(task).rejects.toThrow();
		expect(stream.destroyed).toBe(true);
	});

	it("destroys it when a chunk cannot be served while it waits for the next", async () => {
		const stream = new PassThrough();
		stream.write("a");
		const failing = mapConcurrent(stream as AsyncIterable<unknown>, 2, async () => Promise.reject(new Error("no")));
		await expect(run(failing)).rejects.toThrow("no");
		expect(stream.destroyed).toBe(true);
	});
});

describe("a receiver as a stream of Node", () => {
	it("gives its messages, with backpressure, and ends when its senders have gone", async () => {
		const [tx, rx] = mpsc.channel<string>(1);
		const seen: string[] = [];
		const piped = pipeline(Readable.from(rx), async (source: AsyncIterable<string>) => {
			for await (const text of source) seen.push(text);
		});
		for (const text of ["a", "b", "c"]) await tx.send(text);
		tx.close();
		await piped;
		expect(seen).toEqual(["a", "b", "c"]);
	});

	it("takes no message any more when it is destroyed while it waits for one", async () => {
		const [tx, rx] = mpsc.channel<string>(1);
		const stream = Readable.from(rx);
		stream.read();
		await hostTurns(2);
		stream.destroy();
		await hostTurns(2);
		await tx.send("a");
		await hostTurns(2);
		expect(rx.tryRecv()).toBe("a");
	});
});
