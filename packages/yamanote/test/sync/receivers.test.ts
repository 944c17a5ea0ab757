// Every receiver is an AsyncIterable: for `for await`, for `each`, and message by message from plain async code.
import { describe, expect, it } from "vitest";
import { CancelledError, each, run, sleep, spawn, tryJoin, yieldNow } from "yamanote";
import { broadcast, mpmc, mpsc, oneshot, watch } from "yamanote/sync";
import { paused } from "yamanote/testing";
import { catching, thrown } from "./support.ts";

interface Kind {
	/** What is received of what is sent. */
	readonly seen: readonly number[];
	/** A receiver whose sender sends 1, 2, 3 (a oneshot: 1), giving way before each, and goes. */
	make(): {
		rx: AsyncIterable<number>;
		one: () => PromiseLike<number | undefined>;
	};
}

type Sends = { send(n: number): unknown; close(): void };

function sending(tx: Sends, values = [1, 2, 3]): void {
	spawn(function* () {
		for (const n of values) {
			yield* yieldNow();
			const sent = tx.send(n);
			if (typeof sent === "object") yield* sent as ReturnType<mpsc.Sender<number>["send"]>;
		}
		yield* yieldNow();
		tx.close();
	});
}

const queue = (
	channel: () => [Sends & { readonly isClosed: boolean }, AsyncIterable<number> & mpsc.Receiver<number>],
): Kind => ({
	seen: [1, 2, 3],
	make() {
		const [tx, rx] = channel();
		sending(tx);
		return { rx, one: () => rx.recv() };
	},
});

const kinds: Record<string, Kind> = {
	"mpsc, bounded": queue(() => mpsc.channel<number>(1)),
	"mpsc, without slots": queue(() => mpsc.channel<number>(0)),
	"mpsc, unbounded": queue(() => mpsc.unboundedChannel<number>() as never),
	"mpmc, bounded": queue(() => mpmc.channel<number>(1)),
	"mpmc, unbounded": queue(() => mpmc.unboundedChannel<number>()),
	oneshot: {
		seen: [1],
		make() {
			const [tx, rx] = oneshot.channel<number>();
			sending(tx, [1]);
			return { rx, one: () => rx };
		},
	},
	broadcast: {
		seen: [1, 2, 3],
		make() {
			const [tx, rx] = broadcast.channel<number>(4);
			sending(tx);
			return { rx, one: () => rx.recv() };
		},
	},
	watch: {
		// The value that it has at first counts; what is replaced before it is looked at is not seen.
		seen: [0, 3],
		make() {
			const [tx, rx] = watch.channel<number>(0);
			sending(tx);
			let first = true;
			const one = async () => {
				if (first) first = false;
				else await rx.waitFor((n) => n === 3);
				return rx.borrowAndUpdate();
			};
			return { rx, one };
		},
	},
};

const ends = (values: readonly number[]) => [values[0], values.at(-1)];

describe.each(Object.entries(kinds))("the receiver of %s", (kind, { seen, make }) => {
	it("is iterated by `for await`, to the end", async () => {
		const { rx } = make();
		const got: number[] = [];
		for await (const n of rx) got.push(n);
		if (kind === "watch") expect(ends(got)).toEqual(seen);
		else expect(got).toEqual(seen);
	});

	it("is iterated by `each`, to the end", async () => {
		const got: number[] = [];
		await run(function* () {
			const { rx } = make();
			yield* each(rx, function* (n) {
				yield* yieldNow();
				got.push(n);
			});
		});
		if (kind === "watch") expect(ends(got)).toEqual(seen);
		else expect(got).toEqual(seen);
	});

	it("gives one after the other to plain async code", async () => {
		const { one } = make();
		const got: unknown[] = [];
		for (let i = 0; i < seen.length; i++) got.push(await one());
		expect(got).toEqual(seen);
	});

	it("stays as it is when a loop is left", async () => {
		const { rx, one } = make();
		for await (const n of rx) {
			expect(n).toBe(seen[0]);
			break;
		}
		for (const n of seen.slice(1)) expect(await one()).toBe(n);
	});
});

it("the message of a oneshot is taken by a loop as by a wait", async () => {
	const [tx, rx] = oneshot.channel<number>();
	tx.send(1);
	for await (const n of rx) expect(n).toBe(1);
	thrown(oneshot.TryRecvError, () => rx.tryRecv());
});

describe("a receiver that is iterated by each", () => {
	const kinds: Record<string, () => [tx: { close(): void }, rx: AsyncIterable<unknown>]> = {
		oneshot: () => oneshot.channel<number>(),
		watch: () => watch.channel(0),
		broadcast: () => broadcast.channel<number>(1),
		mpsc: () => mpsc.channel<number>(1),
	};
	it.each(Object.entries(kinds))(
		"is left at once when that is cancelled while it waits: %s",
		async (_kind, make) => {
			await run(function* () {
				const [tx, rx] = make();
				const task = spawn(each(rx, function* () {}));
				for (let i = 0; i < 10; i++) yield* yieldNow();
				task.abort();
				expect(yield* catching(task)).toMatchObject({ name: "AbortError" });
				// What the iterator has asked for waits on.
				tx.close();
				for (let i = 0; i < 10; i++) yield* yieldNow();
			});
		},
		4_000,
	);
});

describe("an iterator that is left while it waits", () => {
	/** Asks for a message, and leaves. */
	async function leave<T>(it: AsyncIterator<T>): Promise<void> {
		const asked = it.next().then(); // as a stream does: begun
		await run(yieldNow());
		await it.return?.();
		await expect(asked).rejects.toThrow(CancelledError);
	}
	const iterate = <T>(source: AsyncIterable<T>): AsyncIterator<T> => source[Symbol.asyncIterator]();

	it("takes no message of a channel", async () => {
		for (const channel of [mpsc.channel, mpmc.channel]) {
			const [tx, rx] = channel<number>(2);
			await leave(iterate(rx));
			tx.trySend(1);
			await run(yieldNow());
			expect(rx.tryRecv()).toBe(1);
		}
	});

	it("takes no message of a broadcast channel, and no change of a watch channel", async () => {
		const [news, heard] = broadcast.channel<number>(2);
		await leave(iterate(heard));
		news.send(1);
		await run(yieldNow());
		expect(heard.tryRecv()).toBe(1);

		const [set, value] = watch.channel(0);
		const values = iterate(value);
		expect(await values.next()).toEqual({ done: false, value: 0 });
		await leave(values);
		set.send(1);
		await run(yieldNow());
		expect(value.hasChanged()).toBe(true);
	});

	it("gives what has come before it is left", async () => {
		const [tx, rx] = mpsc.channel<number>(2);
		const it = iterate(rx);
		tx.trySend(1);
		const asked = it.next().then();
		await run(yieldNow());
		await it.return?.();
		expect(await asked).toEqual({ done: false, value: 1 });
	});
});

it(
	"`each` over a watch channel waits as a task does: a paused clock goes on",
	paused(function* () {
		const [set, value] = watch.channel(0);
		const seen: number[] = [];
		yield* tryJoin([
			each(value, async (n) => void seen.push(n)),
			function* () {
				for (const n of [1, 2]) {
					yield* sleep(1_000);
					set.send(n);
				}
				yield* sleep(1_000);
				set.close();
			},
		]);
		expect(seen).toEqual([0, 1, 2]);
	}),
);
