// @engines node20 node22 node24 node26
import { describe, expect, it } from "vitest";
import { gracefulShutdown, pending, run, sleep } from "yamanote";
import { paused } from "yamanote/testing";
import { start } from "../support/program.ts";

const send = (signal: string): void => void process.emit(signal as "SIGTERM");

describe("gracefulShutdown and signals", () => {
	it(
		"stops at a signal, whose name is the reason",
		paused(function* () {
			const report = yield* gracefulShutdown(function* ({ stopping, spawn: begin }) {
				begin(sleep(30));
				yield* sleep(5);
				send("SIGTERM");
				yield* stopping.cancelled();
				return "drained";
			});
			expect(report).toEqual({ value: "drained", reason: "SIGTERM", aborted: 0 });
		}),
	);

	it("listens for none when one of them cannot be listened for", async () => {
		const before = process.listenerCount("SIGUSR2");
		const service = gracefulShutdown(function* () {}, { signals: ["SIGUSR2", "SIGKILL"] });
		await expect(run(service)).rejects.toThrow();
		expect(process.listenerCount("SIGUSR2")).toBe(before);
		expect(() => gracefulShutdown(function* () {}, { signals: [15 as never] })).toThrow(TypeError);
	});

	it(
		"aborts what is left at a second one",
		paused(function* () {
			const report = yield* gracefulShutdown(
				function* () {
					yield* sleep(5);
					send("SIGINT");
					yield* sleep(5);
					send("SIGINT");
					yield* pending();
				},
				{ grace: { hours: 1 } },
			);
			expect(report).toEqual({ value: undefined, reason: "SIGINT", aborted: 1 });
		}),
	);

	it("lets a service that waits for nothing but a signal live until one comes", async () => {
		const program = start(`
			import { gracefulShutdown, main } from "yamanote";
			main(function* () {
				const report = yield* gracefulShutdown(function* ({ stopping }) {
					console.log("up");
					yield* stopping.cancelled();
				});
				console.log(report.reason, report.aborted);
			});
		`);
		await program.printed("up");
		program.child.kill("SIGTERM");
		const { code, lines, errors } = await program.ended;
		expect([code, lines, errors]).toEqual([0, ["up", "SIGTERM 0"], ""]);
	});

	it("keeps no process alive when it listens for no signal: what waits then waits for ever, and that is told", async () => {
		const program = start(`
			import { gracefulShutdown, main } from "yamanote";
			main(function* () {
				console.log("up");
				yield* gracefulShutdown(function* ({ stopping }) {
					yield* stopping.cancelled();
				}, { signals: [] });
			});
		`);
		const { code, lines, errors } = await program.ended;
		expect(lines).toEqual(["up"]);
		expect(errors).toMatch(/deadlock/i);
		expect(code).toBeGreaterThan(0);
	});

	it("tells each service of a program, though another has ended", async () => {
		const program = start(`
			import { gracefulShutdown, join, main, sleep } from "yamanote";
			main(function* () {
				yield* join([
					gracefulShutdown(function* () {}),
					gracefulShutdown(function* ({ stopping }) {
						yield* sleep(1);
						console.log("up");
						yield* stopping.cancelled();
						console.log("told");
					}),
				]);
			});
		`);
		await program.printed("up");
		program.child.kill("SIGTERM");
		const { code, lines } = await program.ended;
		expect([code, lines]).toEqual([0, ["up", "told"]]);
	});

	it("listens for those that it is told of, as long as it runs", async () => {
		const counts = (): number[] => ["SIGUSR2", "SIGTERM"].map((name) => process.listenerCount(name));
		const before = counts();
		await run(
			gracefulShutdown(
				function* () {
					expect(counts()).toEqual([(before[0] as number) + 1, before[1]]);
				},
				{ signals: ["SIGUSR2"] },
			),
		);
		expect(counts()).toEqual(before);
	});
});
