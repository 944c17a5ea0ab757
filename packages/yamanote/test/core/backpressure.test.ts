// Rule 9: bounded is the default and first in every signature; unbounded says so in its name.
import { describe, expect, it } from "vitest";
import { type Async, events, Handle, mapConcurrent, run, sleep, spawn } from "yamanote";
import { broadcast, mpmc, mpsc, watch } from "yamanote/sync";
import { paused } from "../support/clock.ts";
import { microtasks } from "../support/host.ts";

describe("rule 9: bounded is the default", () => {
	it("a channel has no default capacity: it has to be thought about", () => {
		for (const channel of [mpsc.channel, mpmc.channel, broadcast.channel]) {
			expect(() => (channel as () => unknown)()).toThrow(/capacity/);
			expect(channel.length).toBe(1);
		}
	});

	it("what has no bound says so in its name", () => {
		const makers = Object.entries({ mpsc, mpmc, broadcast, watch }).flatMap(([module, made]) =>
			Object.entries(made)
				.filter(([, value]) => typeof value === "function" && !/^class\b/.test(String(value)))
				.map(([name]) => `${module}.${name}`),
		);
		// A watch channel holds one value.
		expect(makers.filter((name) => /channel/i.test(name)).sort()).toEqual([
			"broadcast.channel",
			"mpmc.channel",
			"mpmc.unboundedChannel",
			"mpsc.channel",
			"mpsc.unboundedChannel",
			"watch.channel",
		]);
	});

	it("a full channel makes its producers wait, each of them, until there is room", async () => {
		await paused(async () => {
			for (const { channel } of [mpsc, mpmc] as const) {
				const [tx, rx] = channel<number>(2);
				let sent = 0;
				const producers = [0, 1, 2].map(() =>
					spawn(function* () {
						for (let i = 0; i < 3; i++) {
							yield* tx.send(i) as unknown as Async<void>;
							sent++;
						}
					}),
				);
				await microtasks();
				expect(sent).toBe(2);
				await run(rx.recv());
				await microtasks();
				expect(sent).toBe(3);
				for (let i = 0; i < 8; i++) await run(rx.recv());
				for (const producer of producers) await producer;
				expect(sent).toBe(9);
			}
		});
	});

	it("a capacity of one lets one message through at a time, however fast the producer is", async () => {
		await paused(async (clock) => {
			const [tx, rx] = mpsc.channel<number>(1);
			const producer = spawn(function* () {
				for (let i = 0; i < 10; i++) yield* tx.send(i);
				tx.close?.();
			});
			for (let i = 0; i < 10; i++) {
				await run(sleep(10));
				expect(await run(rx.recv())).toBe(i);
			}
			await producer;
			expect(clock.now).toBe(100);
		});
	});

	it("events keep 64 unless they are told otherwise, and then fail rather than grow", async () => {
		const target = new EventTarget();
		using kept = events(target, "x");
		for (let i = 0; i < 64; i++) target.dispatchEvent(new Event("x"));
		target.dispatchEvent(new Event("x"));
		for (let i = 0; i < 64; i++) expect(await run(kept.recv())).toBeInstanceOf(Event);
		await expect(run(kept.recv())).rejects.toMatchObject({ code: "YAMANOTE_EVENT_OVERFLOW", message: /more than 64/ });
	});

	it("mapConcurrent has its limit before its function, and reads no further than that", async () => {
		await paused(async () => {
			let read = 0;
			let running = 0;
			let most = 0;
			function* items(): Generator<number> {
				for (let i = 0; i < 20; i++) {
					read++;
					yield i;
				}
			}
			const all = run(
				mapConcurrent(items(), 3, function* (n) {
					most = Math.max(most, ++running);
					yield* sleep(10);
					running--;
					return n;
				}),
			);
			await microtasks();
			expect([read <= 4, running]).toEqual([true, 3]);
			expect((await all).length).toBe(20);
			expect(most).toBe(3);
		});
	});

	it("only spawn has no bound of its own: tasks are counted, and sets and scopes can bound them", async () => {
		const before = Handle.current().metrics.tasksAlive;
		const tasks = Array.from({ length: 100 }, () => spawn(sleep(0)));
		expect(Handle.current().metrics.tasksAlive - before).toBe(100);
		for (const task of tasks) await task;
	});
});
