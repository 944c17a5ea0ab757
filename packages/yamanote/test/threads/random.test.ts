// @engines node20 node22 node24 node26 bun deno
// Calls, streams, channels and parallel operations at random, cut short at random, on pools of many kinds, some of whose threads end under them:
// each gives what it should or fails as it may, and nothing is left.
import { beforeAll, describe, it } from "vitest";
import {
	asyncFn,
	attempt,
	CancelledError,
	CleanupTimeout,
	Elapsed,
	type Future,
	Runtime,
	scope,
	select,
	sleep,
	spawn,
	timeout,
	tryJoin,
	yieldNow,
} from "yamanote";
import { mpsc } from "yamanote/sync";
import { PoolFullError, type PoolOptions, parallel, ThreadPool, transfer, WorkerLost } from "yamanote/threads";
import { eachSeed, LONG } from "../random/seeds.ts";
import { Random } from "../sync/support.ts";
import { loadWork, until, type Work } from "./support/work.ts";

let modules: Awaited<ReturnType<typeof loadWork>>;
beforeAll(async () => {
	modules = await loadWork();
}, 60_000);

/** Something to be done, and what is right of what it gives. */
interface Operation {
	readonly future: Future<unknown, unknown>;
	readonly isRight: (got: unknown) => boolean;
}

const gives = (future: Future<unknown, unknown>, value: unknown): Operation => ({
	future,
	isRight: (got) => JSON.stringify(got) === JSON.stringify(value),
});
const fails = (future: Future<unknown, unknown>): Operation => ({
	future: attempt(future),
	isRight: (got) => NOT_FOUND.test(String((got as { error?: unknown }).error)),
});
const NOT_FOUND = /nothing has the number/;
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** What a stream gives, up to so many items. */
const taken = asyncFn(function* (stream: ReturnType<Work["numbers"]>, most: number) {
	const all: number[] = [];
	try {
		while (all.length < most) {
			const item = yield* stream.recv();
			if (item === undefined) break;
			all.push(item);
		}
	} finally {
		yield* stream.close();
	}
	return all;
});

/** What may be done on a pool, each time with other numbers. */
function operations(pool: ThreadPool, random: Random, deadly: boolean): (() => Operation)[] {
	const [work, each, talk] = [pool.bind(modules.work), pool.bind(modules.each), pool.bind(modules.talk)];
	const below = (n: number): number => random.below(n);
	const over = (n: number) => parallel({ to: n }, { pool, ...(random.chance(0.7) && { inPlace: false }) });
	const produced = asyncFn(function* (n: number, most: number) {
		const [tx, rx] = mpsc.channel<number>(1 + below(8));
		const receive = asyncFn(function* () {
			const all: number[] = [];
			while (all.length < most) {
				const message = yield* rx.recv();
				if (message === undefined) break;
				all.push(message);
			}
			rx.release();
			return all;
		});
		return (yield* tryJoin([receive(), talk.produce(tx, 0, n)]))[0];
	});
	const consumed = asyncFn(function* (n: number) {
		const [tx, rx] = mpsc.channel<number>(1 + below(8));
		const send = asyncFn(function* () {
			try {
				for (let i = 0; i < n; i++) yield* tx.send(i);
			} finally {
				tx.close();
			}
		});
		return (yield* tryJoin([talk.consume(rx), send()]))[0];
	});
	const n = below(60);
	const most = random.chance(0.5) ? n : below(60);
	const size = 1 + below(20_000);
	const text = "ü".repeat(n * n);
	return [
		() => gives(work.add(n, 1), n + 1),
		() => gives(work.identity({ n, text }), { n, text }),
		() => gives(work.later(n), n),
		() => gives(work.task(below(4)), "task done"),
		() => gives(work.fib.with({ priority: below(3) })(20), 6_765),
		() => gives(work.fill(size), new Uint8Array(size).fill(7)),
		() => gives(work.invert(transfer(new Uint8Array(size))), new Uint8Array(size).fill(255)),
		() => fails(work.throwing("registered", n)),
		() => gives(taken(work.numbers(n), most), upTo(Math.min(n, most))),
		() => fails(taken(work.failing(n), n + 1)),
		() => gives(produced(n, most), upTo(Math.min(n, most))),
		() => gives(consumed(n), upTo(n)),
		() => gives(over(n * n).sum(each.double), n * n * (n * n - 1)),
		() => gives(over(n * n).map(each.quick), upTo(n * n)),
		() =>
			gives(
				over(n * n).filter(each.isEven),
				upTo(n * n).filter((i) => i % 2 === 0),
			),
		() =>
			gives(
				over(n).map(each.later),
				upTo(n).map((i) => i + 1),
			),
		() => fails(over(n * n + 1).map(each.failAt, below(n * n + 1))),
		...(deadly ? [() => ({ future: attempt(work.exit(1)), isRight: isLost })] : []),
	];
}

const isLost = (got: unknown): boolean => (got as { error?: unknown }).error instanceof WorkerLost;

/** One operation after the other, some cut short. What is wrong with them. */
const lane = asyncFn(function* (
	random: Random,
	next: () => Operation,
	mayFail: (error: unknown, cut: boolean) => boolean,
) {
	const wrong: string[] = [];
	for (let left = 3 + random.below(10); left > 0; left--) {
		const { future, isRight } = next();
		const cut = random.pick(["", "", "", "timeout", "abort", "select"]);
		const ms = random.pick([0, 0, 1, 2, 5]);
		try {
			let got: unknown;
			if (cut === "") got = random.chance(0.5) ? yield* future : yield* spawn(future);
			else if (cut === "timeout") got = yield* timeout(ms, future);
			else if (cut === "select") {
				const first = yield* select({ future, late: sleep(ms) });
				if (first.key === "late") continue;
				got = first.value;
			} else {
				const handle = spawn(future);
				for (let turns = random.below(6); turns > 0; turns--) yield* yieldNow();
				handle.abort();
				got = yield* handle;
			}
			if (!isRight(got) && !mayFail((got as { error?: unknown } | undefined)?.error, cut !== ""))
				wrong.push(`it gave ${JSON.stringify(got)?.slice(0, 200)}`);
		} catch (error) {
			if (!mayFail(error, cut !== "")) wrong.push(`${cut}: ${(error as Error).stack}`);
		}
	}
	return wrong;
});

async function tryOne(seed: number): Promise<string> {
	const random = new Random(seed);
	const deadly = random.chance(0.25);
	const refuses = random.chance(0.2);
	const options: PoolOptions = {
		maxBlockingThreads: 1 + random.below(3),
		callsPerThread: random.pick([1, 1, 3]),
		threadKeepAlive: random.pick([1, 10_000]),
		minThreads: random.below(2),
		...(refuses && { maxQueue: random.below(4), whenFull: "fail" }),
		...(random.chance(0.3) && { recycle: { afterCalls: 3 + random.below(20) } }),
	};
	const mayFail = (error: unknown, cut: boolean): boolean =>
		(error instanceof WorkerLost && deadly) ||
		(error instanceof PoolFullError && refuses) ||
		((error instanceof Elapsed || error instanceof CancelledError) && cut);
	const wrong: string[] = [];
	const runtime = new Runtime({
		onUnhandled: ({ error }) => {
			// What is dropped may fail, or go on.
			if (!(mayFail(error, true) || error instanceof CleanupTimeout || NOT_FOUND.test(String(error))))
				wrong.push(`reported: ${(error as Error).stack}`);
		},
	});
	const pool = new ThreadPool(options);
	await runtime.blockOn(
		scope(function* ({ spawn }) {
			const lanes = Array.from({ length: 1 + random.below(8) }, () =>
				spawn(lane(random, () => random.pick(operations(pool, random, deadly))(), mayFail)),
			);
			for (const one of lanes) wrong.push(...(yield* one));
		}),
	);
	const rest = (): string => {
		const { queued, running, abandoned } = pool.metrics();
		return JSON.stringify({ queued, running, abandoned });
	};
	await until(() => rest() === '{"queued":0,"running":0,"abandoned":0}');
	await pool.shutdown();
	await runtime.shutdown();
	if (pool.metrics().threads > 0) wrong.push(`${pool.metrics().threads} threads are left`);
	return wrong.length === 0 ? "" : [...wrong, `on ${JSON.stringify(options)}`].join("\n");
}

describe("calls of all kinds at random", () => {
	it("give what they should, or fail as they may, and leave nothing", () => eachSeed(8, tryOne), LONG);
});
