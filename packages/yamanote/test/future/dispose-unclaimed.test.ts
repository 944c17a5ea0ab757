import { describe, expect, it } from "vitest";
import {
	asyncFn,
	CancelledError,
	disposeUnclaimed,
	Elapsed,
	FuturesUnordered,
	fromPromise,
	type IntoFuture,
	join,
	mapConcurrent,
	pending,
	ready,
	run,
	select,
	shared,
	sleep,
	spawn,
	timeout,
	tryJoin,
} from "yamanote";
import { mpsc } from "yamanote/sync";
import { cancelThere } from "../support/cancel-there.ts";
import { paused } from "../support/clock.ts";
import { reporting } from "../support/failures.ts";
import { deferred } from "../support/gate.ts";
import { microtasks } from "../support/host.ts";

class Connection {
	closed = 0;
	[Symbol.dispose](): void {
		this.closed++;
	}
}

describe("rule 4: disposeUnclaimed", () => {
	const made = (connection: Connection) => disposeUnclaimed(ready(connection));
	const combinators: Record<string, (c: Connection) => IntoFuture> = {
		"a join": (c) => join([made(c), pending()]),
		"a tryJoin of a record": (c) => tryJoin({ c: made(c), p: pending() }),
		"a join within a timeout": (c) => timeout(Infinity, join([join({ c: made(c) }), pending()])),
		"a mapConcurrent": (c) => mapConcurrent([c, null], 2, (item) => (item === null ? pending() : made(item))),
		"a tryJoin of an async function": (c) => tryJoin([disposeUnclaimed(async () => c), pending()]),
		"a tryJoin of a generator function": (c) =>
			tryJoin([
				disposeUnclaimed(function* () {
					yield* ready(1);
					return c;
				}),
				pending(),
			]),
		"a tryJoin of a promise": (c) => tryJoin([disposeUnclaimed(Promise.resolve(c)), pending()]),
		"a tryJoin of a task": (c) => tryJoin([spawn(disposeUnclaimed(async () => c)), pending()]),
	};
	for (const [what, make] of Object.entries(combinators)) {
		it(`disposes once of what ${what} had received when it is cancelled`, async () => {
			const connection = new Connection();
			await cancelThere(make(connection));
			expect(connection.closed).toBe(1);
		});
	}

	it("leaves alone what is received, and what was not given to it", async () => {
		const received = new Connection();
		expect(await run(tryJoin([made(received)]))).toEqual([received]);
		const other = new Connection();
		await cancelThere(join([ready(other), pending()]));
		expect([received.closed, other.closed]).toEqual([0, 0]);
	});

	it("disposes of what the others had when one fails", async () => {
		const connection = new Connection();
		const fails = async () => {
			throw new RangeError("no");
		};
		await expect(run(join([made(connection), fails]))).rejects.toThrow(RangeError);
		expect(connection.closed).toBe(1);
	});

	it("disposes of what a promise gives after its future was cancelled", async () => {
		for (const make of [
			(promise: Promise<Connection>) => disposeUnclaimed(promise),
			(promise: Promise<Connection>) => disposeUnclaimed(() => promise),
			(promise: Promise<Connection>) => disposeUnclaimed(async () => await promise),
			(promise: Promise<Connection>) => disposeUnclaimed(fromPromise(promise)),
			(promise: Promise<Connection>) => disposeUnclaimed(fromPromise(() => promise)),
		]) {
			await paused(async () => {
				const connection = new Connection();
				const door = deferred<Connection>();
				const task = spawn(timeout(5, make(door.promise) as IntoFuture));
				door.promise.then(() => {});
				await microtasks();
				task.abort();
				await microtasks();
				expect(connection.closed).toBe(0);
				door.resolve(connection);
				await expect(task).rejects.toBeInstanceOf(CancelledError);
				await microtasks();
				expect(connection.closed).toBe(1);
			});
		}
	});

	it("disposes of the result of a task whose handle is dropped, and of messages that nobody will receive", async () => {
		const [inTask, inChannel] = [new Connection(), new Connection()];
		await run(function* () {
			const handle = spawn(made(inTask));
			yield* sleep(0);
			handle[Symbol.dispose]();
			const [tx, rx] = mpsc.channel<Connection>(1);
			yield* tx.send(yield* made(inChannel));
			rx[Symbol.dispose]();
			tx[Symbol.dispose]();
		});
		expect([inTask.closed, inChannel.closed]).toEqual([1, 1]);
	});

	it("disposes of what a loser of a select had, and of what is left in a set", async () => {
		const [lost, left] = [new Connection(), new Connection()];
		await run(function* () {
			yield* select({ a: join([made(lost), pending()]), b: ready(1) }, { biased: true });
			yield* asyncFn(function* () {
				const set = new FuturesUnordered<IntoFuture>([ready(1), made(left)]);
				yield* set.next();
			})();
		});
		expect([lost.closed, left.closed]).toEqual([1, 1]);
	});

	it("takes what only looks like a promise, whose `then` gives nothing", async () => {
		const like = (c: Connection) =>
			({ then: (ok: (c: Connection) => void) => ok(c) }) as unknown as PromiseLike<Connection>;
		const makes: ((c: Connection) => IntoFuture)[] = [
			(c) => disposeUnclaimed(like(c)),
			(c) => disposeUnclaimed(() => like(c)),
			(c) => disposeUnclaimed(fromPromise(like(c))),
			(c) => disposeUnclaimed(fromPromise(() => like(c))),
		];
		for (const make of makes) {
			const c = new Connection();
			expect(await run(join([make(c)]))).toEqual([c]);
			expect(c.closed).toBe(0);
			const other = new Connection();
			const task = spawn(join([make(other), pending()]));
			await microtasks();
			task.abort();
			await expect(task).rejects.toThrow();
			expect(other.closed).toBe(1);
		}
	});

	it("disposes as it is told, and waits for nobody", async () => {
		const steps: string[] = [];
		const resource = { name: "r" };
		await cancelThere(
			join([
				disposeUnclaimed(ready(resource), function* ({ name }) {
					yield* ready(1);
					steps.push(`closed ${name}`);
				}),
				disposeUnclaimed(
					ready({
						async [Symbol.asyncDispose]() {
							steps.push("async");
						},
					}),
				),
				pending(),
			]),
		);
		await microtasks();
		expect(steps.sort()).toEqual(["async", "closed r"]);
	});

	it("reports an error of disposing, and goes on", async () => {
		await reporting(async (reported) => {
			const connection = new Connection();
			await cancelThere(
				join([
					disposeUnclaimed(ready({}), () => {
						throw new RangeError("sync");
					}),
					disposeUnclaimed(ready({}), async () => {
						throw new RangeError("async");
					}),
					disposeUnclaimed(ready({}), function* () {
						throw new RangeError("generator");
					}),
					made(connection),
					pending(),
				]),
			);
			await microtasks();
			expect(reported.map(({ error }) => (error as Error).message).sort()).toEqual(["async", "generator", "sync"]);
			expect(connection.closed).toBe(1);
		});
	});

	it("keeps failures and cancellation as they are", async () => {
		await expect(run(disposeUnclaimed(async () => Promise.reject(new RangeError("down"))))).rejects.toThrow("down");
		await paused(async () => {
			await expect(run(timeout(5, disposeUnclaimed(pending())))).rejects.toBeInstanceOf(Elapsed);
		});
		expect(await run(disposeUnclaimed(async () => undefined))).toBe(undefined);
		expect(await run(shared(disposeUnclaimed(async () => null)))).toBe(null);
	});

	it("hears a promise that is rejected when its future was dropped before anybody polled it", async () => {
		const door = deferred<Connection>();
		const won = await run(select({ a: ready(1), b: disposeUnclaimed(door.promise) }, { biased: true }));
		expect(won.key).toBe("a");
		door.reject(new RangeError("late"));
		await microtasks();
	});

	it("refuses what is no future, no function, and a value that it cannot keep track of", async () => {
		expect(() => disposeUnclaimed(42 as never)).toThrow(TypeError);
		expect(() => disposeUnclaimed(ready(1), "close" as never)).toThrow("give a function that disposes of the value");
		await expect(run(disposeUnclaimed(ready({})))).rejects.toThrow("say how it is disposed of");
		await expect(run(disposeUnclaimed(ready(Object.freeze({})), () => {}))).rejects.toThrow("frozen");
		// A file's number, which only looks as if somebody saw to it.
		const closed: number[] = [];
		const fd = disposeUnclaimed(ready(7), (n) => closed.push(n));
		await expect(run(fd)).rejects.toThrow(
			"disposeUnclaimed: 7 is no object, and cannot be marked: give an object around it",
		);
		await expect(run(disposeUnclaimed(async () => 7))).rejects.toThrow(TypeError);
		expect(closed).toEqual([]);
	});

	it("lets a value that is none pass", async () => {
		expect(await run(disposeUnclaimed(ready(undefined), () => {}))).toBe(undefined);
		expect(await run(disposeUnclaimed(ready(null), () => {}))).toBe(null);
	});
});
