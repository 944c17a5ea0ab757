// @engines node20 node22 node24 node26 bun deno
import { describe, expect, it } from "vitest";
import { pending, sleep, spawn, yieldNow } from "yamanote";
import { installDump } from "yamanote/diagnostics";
import { paused } from "yamanote/testing";

const emit = (event: string): void => void process.emit(event as "SIGTERM");

describe("installDump", () => {
	it(
		"writes a dump at its signal, as often as it comes, and the program goes on",
		paused(function* () {
			const written: string[] = [];
			{
				using _dumps = installDump({ write: (text) => written.push(text), exit: false });
				const task = spawn(sleep(5), { name: "napping" });
				yield* yieldNow();
				emit("SIGQUIT");
				emit("SIGQUIT");
				yield* task;
			}
			expect(written.length).toBe(2);
			expect(written[0]).toMatch(/^SIGQUIT received\nyamanote dump, /);
			expect(written[0]).toMatch(/task "napping" \(#\d+\) waiting, 1 poll, \d+\.\d+ s old/);
			expect(written[0]).toMatch(/spawned at .*install-dump\.test/);
		}),
	);

	it(
		"listens for another signal, or for none, and no longer than it is told",
		paused(function* () {
			const count = (): number => process.listenerCount("SIGQUIT") + process.listenerCount("SIGUSR2");
			const before = count();
			{
				using _none = installDump({ signal: false, exit: false });
				expect(count()).toBe(before);
				using _other = installDump({ signal: "SIGUSR2", exit: false });
				expect(process.listenerCount("SIGUSR2")).toBe(1);
			}
			expect(count()).toBe(before);
			yield* yieldNow();
		}),
	);

	it(
		"writes one at the exit of the process while tasks live",
		paused(function* () {
			const written: string[] = [];
			using _dumps = installDump({ write: (text) => written.push(text), signal: false });
			spawn(pending(), { name: "left" });
			const listeners = process.listeners("exit");
			(listeners[listeners.length - 1] as (code: number) => void)(0);
			expect(written.join()).toMatch(/^the process exits with work pending\n[\s\S]*task "left"/);
			yield* yieldNow();
		}),
	);

	it(
		"writes one, once, when the host's loop runs dry while somebody waits",
		paused(function* () {
			const written: string[] = [];
			using _dumps = installDump({ write: (text) => written.push(text), signal: false, exit: false });
			const left = spawn(pending(), { name: "left" });
			yield* yieldNow();
			const listeners = process.listeners("beforeExit");
			const ours = listeners[listeners.length - 1] as (code: number) => void;
			ours(0);
			ours(0);
			expect(written.length).toBe(1);
			expect(written[0]).toMatch(/^deadlock: nothing is left that could wake these tasks\n[\s\S]*task "left"/);
			left.abort();
		}),
	);
});
