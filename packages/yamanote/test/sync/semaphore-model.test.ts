import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pending } from "yamanote";
import { AcquireError, Semaphore, type SemaphorePermit } from "yamanote/sync";
import { type Mock, mock, same, seeds } from "./support.ts";

// A semaphore as one would write it without a thought for speed: one list of requests, served from its front.
class Model {
	free: number;
	closed = false;
	queue: Request[] = [];
	constructor(free: number) {
		this.free = free;
	}
	give(n: number): void {
		this.free += n;
		for (let head = this.queue[0]; head !== undefined && this.free > 0; head = this.queue[0]) {
			const part = Math.min(this.free, head.n - head.has);
			head.has += part;
			this.free -= part;
			if (head.has === head.n) this.queue.shift();
		}
	}
	poll(r: Request): "ready" | "pending" | "failed" {
		if (r.state === "new") {
			if (this.closed) return "failed";
			r.state = "waiting";
			r.has = Math.min(this.free, r.n);
			this.free -= r.has;
			if (r.has < r.n) this.queue.push(r);
		} else if (this.closed) {
			this.give(r.has);
			r.has = 0;
			return "failed";
		}
		return r.has === r.n ? "ready" : "pending";
	}
	drop(r: Request): void {
		const at = this.queue.indexOf(r);
		if (at >= 0) this.queue.splice(at, 1);
		const { has } = r;
		r.has = 0;
		this.give(has);
	}
	close(): void {
		this.closed = true;
		this.queue = [];
	}
}

interface Request {
	readonly n: number;
	has: number;
	state: "new" | "waiting";
	readonly real: Mock<SemaphorePermit>;
}

// Named as often as it should come.
const words = "acquire acquire acquire poll poll poll poll drop drop release release add forget try".split(" ");
const operation = fc.oneof(
	{ weight: 60, arbitrary: fc.record({ op: fc.constantFrom(...words), n: fc.nat(5) }) },
	{ weight: 20, arbitrary: fc.record({ op: fc.constantFrom("poll", "drop", "release"), n: fc.nat(30) }) },
	{ weight: 1, arbitrary: fc.record({ op: fc.constant("close"), n: fc.constant(0) }) },
);

describe("Semaphore against a naive model", () => {
	it("does the same, whatever is asked of it", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 0, max: 6 }),
				fc.array(operation, { maxLength: 60, size: "max" }),
				(permits, operations) => {
					const real = new Semaphore(permits);
					const model = new Model(permits);
					let live: Request[] = [];
					let held: SemaphorePermit[] = [];
					for (const { op, n } of operations) {
						const request = live[n % Math.max(1, live.length)];
						const permit = held[n % Math.max(1, held.length)];
						switch (op) {
							case "acquire":
								live.push({ n, has: 0, state: "new", real: mock(real.acquireMany(n)) });
								break;
							case "poll": {
								if (request === undefined) break;
								const expected = model.poll(request);
								if (expected === "failed") request.real.fails(AcquireError);
								else {
									const outcome = request.real.poll();
									expect(outcome === Pending ? "pending" : "ready").toBe(expected);
									if (outcome !== Pending) held.push(outcome);
								}
								if (expected !== "pending") live = live.filter((r) => r !== request);
								break;
							}
							case "drop":
								if (request === undefined) break;
								request.real.drop();
								model.drop(request);
								live = live.filter((r) => r !== request);
								break;
							case "release":
								if (permit === undefined) break;
								model.give(permit.numPermits);
								permit.release();
								held = held.filter((p) => p !== permit);
								break;
							case "add":
								real.addPermits(n);
								model.give(n);
								break;
							case "forget": {
								const taken = Math.min(n, model.free);
								expect(real.forgetPermits(n)).toBe(taken);
								model.free -= taken;
								break;
							}
							case "try": {
								const possible = !model.closed && model.free >= n;
								if (!possible) expect(() => real.tryAcquireMany(n)).toThrow();
								else {
									held.push(real.tryAcquireMany(n));
									model.free -= n;
								}
								break;
							}
							case "close":
								real.close();
								model.close();
								break;
						}
						same(real.availablePermits, model.free);
						// Whoever could go on was told so.
						for (const r of live) {
							if (r.state === "waiting" && (r.has === r.n || model.closed)) same(r.real.isWoken, true);
						}
					}
				},
			),
			{ numRuns: 2_000, seed: 20 },
		);
	});
});

describe("Semaphore under random schedules", () => {
	it("loses no wake and no permit, in 1,000 schedules with cancellation at random points", () => {
		seeds(1_000, (random) => {
			const total = 1 + random.below(5);
			const sem = new Semaphore(total);
			const jobs = Array.from({ length: 8 }, () => ({
				mock: mock(sem.acquireMany(1 + random.below(total))),
				started: false,
				done: false,
			}));
			const held: SemaphorePermit[] = [];
			for (let step = 0; step < 2_000 && (held.length > 0 || jobs.some((j) => !j.done)); step++) {
				const runnable = jobs.filter((j) => !j.done && (!j.started || j.mock.isWoken));
				if (held.length > 0 && (runnable.length === 0 || random.chance(0.4))) {
					held.splice(random.below(held.length), 1)[0]?.release();
					continue;
				}
				if (runnable.length === 0) throw new Error("everybody waits, and nobody holds a permit");
				const job = random.pick(runnable);
				if (random.chance(0.15)) {
					job.mock.drop();
					job.done = true;
					continue;
				}
				// Only now and then somebody who was not woken.
				const any = random.chance(0.1) ? random.pick(jobs.filter((j) => !j.done)) : job;
				any.started = true;
				const outcome = any.mock.poll();
				if (outcome === Pending) continue;
				any.done = true;
				held.push(outcome);
				expect(held.reduce((sum, p) => sum + p.numPermits, 0)).toBeLessThanOrEqual(total);
			}
			expect(sem.availablePermits).toBe(total);
		});
	});

	it("survives wakers that use the semaphore themselves", () => {
		const sem = new Semaphore(0);
		const log: string[] = [];
		const third = mock(sem.acquire());
		const second = mock(sem.acquire());
		const first = sem.acquire();
		let late: Mock<SemaphorePermit> | undefined;
		first.poll({
			waker: {
				wake() {
					log.push("first");
					second.drop();
					late = mock(sem.acquire()).pending();
				},
			},
		});
		second.pending();
		third.pending();
		sem.addPermits(2);
		// The permit of the second, which the first dropped, went to the third.
		expect(log).toEqual(["first"]);
		third.wokenReady();
		expect(late?.isWoken).toBe(false);
		sem.addPermits(1);
		late?.wokenReady();
		now(first).release();
		expect(sem.availablePermits).toBe(1);
	});

	it("has a million waiters come, and go from the middle, in time that grows with their number", () => {
		const sem = new Semaphore(0);
		const waiters = Array.from({ length: 1_000_000 }, () => sem.acquire());
		const cx = { waker: { wake() {} } };
		for (const w of waiters) w.poll(cx);
		for (let i = 1; i < waiters.length; i += 2) waiters[i]?.[Symbol.dispose]();
		sem.addPermits(500_000);
		for (let i = 0; i < waiters.length; i += 2) expectReady(waiters[i]?.poll(cx));
		expect(sem.availablePermits).toBe(0);
	}, 60_000);
});

function now(f: { poll(cx: { waker: { wake(): void } }): unknown }): SemaphorePermit {
	return f.poll({ waker: { wake() {} } }) as SemaphorePermit;
}

function expectReady(outcome: unknown): void {
	if (outcome === Pending) throw new Error("pending");
}
