// Threads load a worker's module as Node does: Jest transforms only what tests import themselves.
import { ThreadPool } from "yamanote/threads";
import { sums } from "./sums.worker.mjs";

let pool;
let h;
beforeAll(() => {
	pool = new ThreadPool({ maxBlockingThreads: 1 });
	h = pool.bind(sums);
});
afterAll(() => pool[Symbol.asyncDispose]());

test("a function of a worker runs on a thread", async () => {
	await expect(h.below(1_000).then()).resolves.toBe(499_500);
	const seen = [];
	for await (const n of h.upTo(3)) seen.push(n);
	expect(seen).toEqual([1, 2, 3]);
});

test("values of Jest's own realm cross as what they are", async () => {
	const value = { map: new Map([["a", new Date(0)]]), bytes: new Uint8Array([1, 2]), list: [1, { two: 2n }] };
	const echo = await h.echo(value);
	expect(echo).toEqual(value);
	expect(echo.map).toBeInstanceOf(Map);
	const failure = await h.echo(new RangeError("too much"));
	expect(failure.message).toBe("too much");
});
