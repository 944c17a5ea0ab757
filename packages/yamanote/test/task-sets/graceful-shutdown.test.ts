import { describe, expect, it } from "vitest";
import {
	attempt,
	currentTask,
	gracefulShutdown,
	Instant,
	pending,
	ready,
	type Service,
	select,
	sleep,
	spawn,
} from "yamanote";
import { assertElapsed, paused } from "yamanote/testing";

/** Takes a request every 10 ms until it is told to stop; each takes `ms`. */
const server = (log: string[], ms: number) =>
	function* ({ spawn: start, stopping }: Service) {
		for (let n = 1; ; n++) {
			const next = yield* select({ stopping: stopping.cancelled(), request: sleep(10) }, { biased: true });
			if (next.key === "stopping") return `took ${n - 1}`;
			start(function* () {
				try {
					yield* sleep(ms);
					log.push(`served ${n}`);
				} finally {
					log.push(`ended ${n}`);
				}
			});
		}
	};

describe("gracefulShutdown", () => {
	it(
		"takes no new work after the stop, and waits for what has begun",
		paused(function* () {
			const start = Instant.now();
			const log: string[] = [];
			const report = yield* gracefulShutdown(function* (service) {
				service.spawn(function* () {
					yield* sleep(25);
					service.stop("maintenance");
				});
				return yield* server(log, 30)(service);
			});
			expect(report).toEqual({ value: "took 2", reason: "maintenance", aborted: 0 });
			expect(log).toEqual(["served 1", "ended 1", "served 2", "ended 2"]);
			assertElapsed(start, 50);
		}),
	);

	it(
		"gives its body what any task body is given: its task is called service",
		paused(function* () {
			const seen: unknown[] = [];
			yield* gracefulShutdown(async ({ id, name, signal, run: wait, throwIfCancelled, stop }) => {
				const task = currentTask();
				throwIfCancelled();
				seen.push(id === task?.id, name, task?.name, signal.aborted, await wait(ready("ran")));
				stop();
			});
			expect(seen).toEqual([true, "service", "service", false, "ran"]);
		}),
	);

	it(
		"aborts what is left when the grace is over, and waits for its cleanup",
		paused(function* () {
			const start = Instant.now();
			const log: string[] = [];
			const report = yield* gracefulShutdown(
				function* ({ spawn: begin, stop }) {
					begin(function* () {
						try {
							yield* pending();
						} finally {
							yield* sleep(7);
							log.push("cleaned");
						}
					});
					begin(sleep(20));
					yield* sleep(5);
					stop();
					return "body";
				},
				{ grace: { milliseconds: 100 } },
			);
			expect(report).toEqual({ value: "body", reason: undefined, aborted: 1 });
			expect(log).toEqual(["cleaned"]);
			assertElapsed(start, 112);
		}),
	);

	it(
		"counts a body that does not end among the aborted",
		paused(function* () {
			const report = yield* gracefulShutdown(
				function* ({ stop }) {
					stop("now");
					yield* pending();
				},
				{ grace: 10 },
			);
			expect(report).toEqual({ value: undefined, reason: "now", aborted: 1 });
		}),
	);

	it(
		"ends by itself when its body and tasks have ended",
		paused(function* () {
			let ended = false;
			const report = yield* gracefulShutdown(function* ({ spawn: start }) {
				start(function* () {
					yield* sleep(50);
					ended = true;
				});
				return 7;
			});
			expect(report).toEqual({ value: 7, reason: undefined, aborted: 0 });
			expect(ended).toBe(true);
		}),
	);

	it(
		"throws the failure of a task, and cancels the others",
		paused(function* () {
			const error = new Error("broken");
			const log: string[] = [];
			const result = yield* attempt(
				gracefulShutdown(function* ({ spawn: start }) {
					start(function* () {
						yield* sleep(5);
						throw error;
					});
					try {
						yield* pending();
					} finally {
						log.push("body cancelled");
					}
				}),
			);
			expect(result).toEqual({ ok: false, error });
			expect(log).toEqual(["body cancelled"]);
		}),
	);

	it(
		"aborts everything at once when it is cancelled itself",
		paused(function* () {
			const start = Instant.now();
			const log: string[] = [];
			const task = spawn(gracefulShutdown(server(log, 1_000)));
			yield* sleep(15);
			task.abort();
			yield* attempt(task);
			expect(log).toEqual(["ended 1"]);
			assertElapsed(start, 15);
		}),
	);

	it(
		"takes an async function as its body",
		paused(async () => {
			const report = await gracefulShutdown(async ({ spawn: start, run, stop, signal, stopping }) => {
				start(sleep(5));
				await run(sleep(10));
				stop("done");
				expect(stopping.isCancelled).toBe(true);
				expect(signal.aborted).toBe(false);
				return 7;
			});
			expect(report).toEqual({ value: 7, reason: "done", aborted: 0 });
		}),
	);

	it(
		"aborts what cleanup starts when the grace is over",
		paused(function* () {
			const start = Instant.now();
			const log: string[] = [];
			const report = yield* gracefulShutdown(
				function* ({ spawn: begin, stop }) {
					begin(function* () {
						try {
							yield* pending();
						} finally {
							begin(function* () {
								log.push("begun");
								yield* sleep({ hours: 1 });
							});
							yield* sleep(3);
						}
					});
					stop();
				},
				{ grace: 5 },
			);
			expect(report.aborted).toBe(1);
			expect(log).toEqual([]);
			assertElapsed(start, 8);
		}),
	);

	it("refuses what is no function, and a grace that is no duration", () => {
		expect(() => gracefulShutdown(sleep(1) as never)).toThrow(TypeError);
		expect(() => gracefulShutdown(function* () {}, { grace: "soon" as never })).toThrow(TypeError);
	});
});
