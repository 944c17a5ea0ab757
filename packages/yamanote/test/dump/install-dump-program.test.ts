// @engines node20
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";

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

describe("the guide's table of engines", () => {
	it("says of each engine what these tests show there", () => {
		const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
		const [head = [], , ...rows] = read("../../../../docs/guide/dump.md")
			.split("\n")
			.filter((line) => line.startsWith("| ") || line.startsWith("|-"))
			.map((line) =>
				line
					.split("|")
					.map((cell) => cell.trim())
					.slice(1, -1),
			)
			.filter((cells) => cells.length === 5);
		expect(head).toEqual(["", "Node 20, 22, 24, 26", "Bun", "Deno", "browsers"]);
		const row = (name: string): (string | undefined)[] => rows.find((cells) => cells[0] === name)?.slice(1) ?? [];
		// Where dump.test.ts runs: everywhere.
		expect(read("./dump.test.ts")).not.toMatch(/@engines/);
		expect(row("lines of generators")).toEqual(["yes", "yes", "yes", "yes"]);
		expect(row("where a task was spawned").map((cell) => cell?.slice(0, 3))).toEqual(["yes", "yes", "yes", "yes"]);
		expect(read("./install-dump.test.ts")).toMatch(/^\/\/ @engines node20 node22 node24 node26 bun deno\n/);
		for (const name of ["on a signal", "at an exit with work pending", "on a deadlock"])
			expect(row(name).map((cell) => cell === "yes")).toEqual([true, true, true, false]);
	});
});
