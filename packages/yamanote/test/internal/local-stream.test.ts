// A stream of a worker that is called inside its own worker, where no thread is between: what its generator gives late.
import { expect, it } from "vitest";
import { Pending, run } from "yamanote";
import { Semaphore } from "yamanote/sync";
import { LocalStream } from "../../src/threads/local-stream.ts";
import { deferred } from "../support/gate.ts";

it("an item that comes when the stream is closed is released", async () => {
	const item = deferred<IteratorResult<unknown>>();
	const asked: string[] = [];
	const stream = new LocalStream<unknown>({
		next() {
			asked.push("next");
			return item.promise;
		},
		async return() {
			asked.push("return");
			return { done: true, value: undefined };
		},
	});
	const semaphore = new Semaphore(1);
	const wait = stream.recv();
	expect(wait.poll({ waker: { wake() {} } })).toBe(Pending);
	wait[Symbol.dispose]();
	await run(stream.close());
	expect(asked).toEqual(["next", "return"]);
	item.resolve({ done: false, value: semaphore.tryAcquire() });
	expect(semaphore.availablePermits).toBe(0);
	await item.promise;
	await null;
	expect(semaphore.availablePermits).toBe(1);
	expect(await run(stream.recv())).toBe(undefined);
});
