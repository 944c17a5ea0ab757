// Tasks that use everything at once, and are aborted, lose selects and drop futures at random: afterwards all permits are back, no message is
// lost or doubled, and nobody waits who need not. The models of the primitives are polled by hand; this goes the way of tasks.
import { describe, expect, it } from "vitest";
import { type Async, attempt, Runtime, select, sleep, spawn, timeout, yieldNow } from "yamanote";
import { broadcast, LaggedError, Mutex, mpmc, mpsc, RwLock, Semaphore, watch } from "yamanote/sync";
import { Random } from "./support.ts";

const TASKS = 12;
const STEPS = 8;

/** One schedule, from its seed. */
function* schedule(random: Random): Async<void, unknown> {
	const mutex = new Mutex(0);
	const lock = new RwLock(0);
	const semaphore = new Semaphore(3);
	const capacity = random.pick([0, 1, 3]);
	const [jobs, worker] = mpmc.channel<number>(capacity);
	const [log, lines] = mpsc.channel<number>(2);
	const [news, reader] = broadcast.channel<number>(8);
	const [state, seenBy] = watch.channel(0);
	const sent: number[] = [];
	const got: number[] = [];
	let next = 0;
	let inside = 0;
	let readers = 0;
	let writers = 0;
	let used = 0;

	const pause = function* (): Async<void> {
		if (random.chance(0.7)) yield* yieldNow();
		else yield* sleep(random.below(3));
	};
	const steps: readonly (() => Async<unknown, unknown>)[] = [
		function* () {
			using guard = yield* mutex.lock();
			expect(++inside).toBe(1);
			try {
				const { value } = guard;
				yield* pause();
				guard.value = value + 1;
			} finally {
				inside--;
			}
		},
		function* () {
			using _guard = yield* lock.read();
			readers++;
			try {
				expect(writers).toBe(0);
				yield* pause();
			} finally {
				readers--;
			}
		},
		function* () {
			using _guard = yield* lock.write();
			expect([readers, ++writers]).toEqual([0, 1]);
			try {
				yield* pause();
			} finally {
				writers--;
			}
		},
		function* () {
			const n = 1 + random.below(3);
			using _permit = yield* semaphore.acquireMany(n);
			used += n;
			try {
				expect(used).toBeLessThanOrEqual(3);
				yield* pause();
			} finally {
				used -= n;
			}
		},
		function* () {
			// A reserved slot is used in the same turn: what counts as sent was sent.
			const permit = yield* jobs.reserve();
			const job = next++;
			permit.send(job);
			sent.push(job);
		},
		function* () {
			const first = yield* select({ job: worker.recv(), tick: sleep(random.below(4)) });
			if (first.key === "job" && first.value !== undefined) got.push(first.value);
		},
		function* () {
			const reserved = yield* attempt(timeout(random.below(3), jobs.reserve()));
			if (reserved.ok) reserved.value.release();
		},
		function* () {
			yield* timeout(5, log.send(1));
		},
		function* () {
			const first = yield* select({ line: lines.recv(), tick: yieldNow() });
			expect(["line", "tick"]).toContain(first.key);
		},
		function* () {
			const rx = random.chance(0.5) ? reader : news.subscribe();
			news.send(1);
			yield* attempt(timeout(2, rx.recv()));
			if (rx !== reader) rx.release();
		},
		function* () {
			const rx = seenBy.clone();
			state.send(next);
			yield* timeout(3, rx.changed());
			rx.release();
		},
	];

	const tasks = Array.from({ length: TASKS }, () =>
		spawn(function* () {
			for (let i = 0; i < STEPS; i++) yield* random.pick(steps)();
		}),
	);
	for (let i = 0; i < TASKS / 2; i++) {
		for (let n = random.below(6); n > 0; n--) yield* yieldNow();
		random.pick(tasks).abort();
	}
	// Who waits for a message that nobody sends any more, or room that nobody makes, is aborted as well.
	yield* sleep(1_000);
	for (const task of tasks) task.abort();
	for (const task of tasks) yield* attempt(task);

	// A message that was given to a task that was aborted in the same turn is back in the queue, and comes first.
	jobs.close();
	for (let job = yield* worker.recv(); job !== undefined; job = yield* worker.recv()) got.push(job);
	expect(got.sort((a, b) => a - b)).toEqual(sent);
	expect([inside, readers, writers, used]).toEqual([0, 0, 0, 0]);
	mutex.tryLock().release();
	lock.tryWrite().release();
	expect(semaphore.availablePermits).toBe(3);
	while (!lines.isEmpty) lines.tryRecv();
	expect(log.capacity).toBe(2);
	log.tryReserveMany(2).release();
	for (;;) {
		try {
			reader.tryRecv();
		} catch (error) {
			if (error instanceof LaggedError) continue;
			expect(error).toBeInstanceOf(broadcast.TryRecvError);
			break;
		}
	}
	expect(news.len).toBe(0);
}

describe("tasks that use everything, and are aborted at random", () => {
	it("leave nothing taken, lost or doubled, in 300 schedules", async () => {
		for (let seed = 1; seed <= 300; seed++) {
			const failures: unknown[] = [];
			const runtime = new Runtime({ startPaused: true, onUnhandled: ({ error }) => void failures.push(error) });
			try {
				await runtime.blockOn(() => schedule(new Random(seed)));
			} catch (error) {
				throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
			} finally {
				await runtime.shutdown();
			}
			expect([seed, failures.filter((error) => (error as Error).name === "AssertionError")]).toEqual([seed, []]);
		}
	});
});
