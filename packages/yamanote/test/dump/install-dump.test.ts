// @engines node20
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
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
});

describe("a program that waits for itself", () => {
	const folder = mkdtempSync(join(tmpdir(), "yamanote-dump-"));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	it("ends with a dump that says who holds what", { timeout: 60_000 }, async () => {
		const src = fileURLToPath(new URL("../../src", import.meta.url));
		const outfile = join(folder, "program.mjs");
		await build({
			stdin: {
				contents: `
					import { join, main, spawn, yieldNow } from "./index.ts";
					import { installDump } from "./diagnostics/index.ts";
					import { Mutex } from "./sync/index.ts";
					installDump();
					const a = new Mutex(undefined);
					const b = new Mutex(undefined);
					function* both(first, second) {
						const one = yield* first.lock();
						yield* yieldNow();
						const two = yield* second.lock();
					}
					main(join([spawn(both(a, b), { name: "there" }), spawn(both(b, a), { name: "back" })]));
				`,
				resolveDir: src,
			},
			bundle: true,
			format: "esm",
			platform: "neutral",
			target: "es2022",
			outfile,
			tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
		});
		const { stderr, status } = spawnSync(process.execPath, [outfile], { encoding: "utf8" });
		expect(stderr).toMatch(/deadlock: nothing is left that could wake these tasks/);
		expect(stderr).toMatch(/task "there".*\n\s+waits for a Mutex, held by task "back"/);
		expect(stderr).toMatch(/at both \(/);
		expect(status).toBe(13);
	});
});
