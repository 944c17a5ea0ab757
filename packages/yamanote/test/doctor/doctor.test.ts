// @engines node20 node22 node24 node26 bun deno
/**
 * `npx yamanote doctor` as a user meets it: the package is packed as it would be published, installed into an empty
 * folder, without a network, and asked about sources and about programs.
 */
import { type ExecFileException, execFile, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stage } from "./staged.ts";

const packages = resolve("packages");

/** What runs a program on the engine that runs these tests. */
const engine: readonly [string, ...string[]] =
	"Deno" in globalThis ? [process.execPath, "run", "-A", "--node-modules-dir=manual"] : [process.execPath];

let temporary: string;
let folder: string;

beforeAll(() => {
	temporary = realpathSync(mkdtempSync(join(tmpdir(), "doctor-")));
	const staged = join(temporary, "staged");
	stage(staged);
	npm(["pack", "--silent", "--pack-destination", temporary], staged);
	const tarball = readdirSync(temporary).find((name) => name.endsWith(".tgz")) ?? "";
	folder = join(temporary, "project");
	mkdirSync(join(folder, "src"), { recursive: true });
	writeFileSync(join(folder, "package.json"), '{ "name": "project", "private": true, "type": "module" }\n');
	npm(["install", "--offline", "--no-audit", "--no-fund", join(temporary, tarball)], folder);
}, 300_000);

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

function npm(args: string[], cwd: string): void {
	execFileSync("npm", args, { cwd, stdio: "pipe" });
}

function write(file: string, text: string): void {
	writeFileSync(join(folder, file), text);
}

interface Ending {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

/** `yamanote …` in the project: the file that its `bin` names, without the second or two that npx takes to find it. */
function yamanote(...args: string[]): Promise<Ending> {
	const [program, ...options] = engine;
	return ending(program, [...options, join(folder, "node_modules", ".bin", "yamanote"), ...args]);
}

function ending(program: string, args: string[]): Promise<Ending> {
	const env = { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" };
	return new Promise((resolve) => {
		const done = (error: ExecFileException | null, out: string, err: string): void => {
			resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
		};
		execFile(program, args, { cwd: folder, env, encoding: "utf8" }, done);
	});
}

const WRONG = `import { asyncFn, sleep } from "yamanote";

const save = asyncFn(function* (text: string) {
  yield* sleep(text.length);
});

export const handle = asyncFn(function* (text: string) {
  save(text);
  yield* sleep(5);
});
`;

describe("npx yamanote doctor, with files", { timeout: 120_000 }, () => {
	it("is installed alone: the package brings everything along and depends on nothing", () => {
		expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["yamanote"]);
	});

	it("finds a mistake, shows it, and ends with 1", async () => {
		write("src/app.ts", WRONG);
		const { code, out } = await ending("npx", ["--no-install", "yamanote", "doctor"]);
		expect(out).toBe(`
src/app.ts
  8:3  error  \`save(…)\` only makes a future: nothing runs until it is polled, and here it is dropped. Write \`yield* save(…)\`, or \`spawn(save(…))\` to let it run beside this.  no-unpolled-future
      8 |   save(text);
        |   ^^^^^^^^^^

1 error in 1 file
`);
		expect(code).toBe(1);
	});

	it("ends with 0 where there is nothing, and where nothing is to fail", async () => {
		write("src/app.ts", WRONG);
		expect((await yamanote("doctor", "src", "--fail-on", "never")).code).toBe(0);
		write("src/app.ts", WRONG.replace("save(text)", "yield* save(text)"));
		expect(await yamanote("doctor", "src")).toMatchObject({ code: 0, out: "no problems in 1 file\n" });
	});

	it("lets warnings pass, unless they are to fail", async () => {
		write(
			"src/app.ts",
			'import { Mutex } from "yamanote/sync";\nimport { asyncFn } from "yamanote";\nconst m = new Mutex(0);\nexport const f = asyncFn(function* () {\n  const guard = yield* m.lock();\n  guard.value++;\n  guard.release();\n});\n',
		);
		expect((await yamanote("doctor", "src")).out).toContain("1 warning in 1 file");
		expect((await yamanote("doctor", "src")).code).toBe(0);
		expect((await yamanote("doctor", "src", "--fail-on", "warning")).code).toBe(1);
	});

	it("prints one JSON document", async () => {
		write("src/app.ts", WRONG);
		const { code, out } = await yamanote("doctor", "--json", "src");
		expect(code).toBe(1);
		expect(JSON.parse(out)).toEqual({
			version: 1,
			findings: [
				expect.objectContaining({
					source: "lint",
					rule: "no-unpolled-future",
					severity: "error",
					file: "src/app.ts",
					line: 8,
					column: 3,
				}),
			],
			summary: { files: 1, fixed: 0, errors: 1, warnings: 0, notes: 0 },
		});
	});

	it("mends what it can", async () => {
		write("src/app.ts", WRONG);
		expect(await yamanote("doctor", "--fix", "src")).toMatchObject({
			code: 0,
			out: "no problems in 1 file; 1 mended\n",
		});
		expect(readFileSync(join(folder, "src/app.ts"), "utf8")).toBe(WRONG.replace("  save(", "  yield* save("));
	});

	it("explains a rule", async () => {
		const { code, out } = await yamanote("doctor", "--explain", "no-unpolled-future");
		expect(code).toBe(0);
		expect(out).toBe(readFileSync(join(packages, "eslint-plugin-yamanote/docs/rules/no-unpolled-future.md"), "utf8"));
	});

	it("does not take a folder without sources for one without problems", async () => {
		mkdirSync(join(folder, "empty"), { recursive: true });
		expect(await yamanote("doctor", "empty")).toMatchObject({
			code: 2,
			out: "",
			err: "yamanote doctor: empty: there is no JavaScript or TypeScript here\n",
		});
	});

	it("says what it takes, and ends with 2, where it cannot do what is asked", async () => {
		expect((await yamanote("doctor", "--help")).out).toMatch(/^Usage: yamanote doctor/);
		expect(await yamanote("doctor", "--nonsense")).toMatchObject({ code: 2, out: "" });
		expect((await yamanote("doctor", "nowhere")).err).toContain("nowhere: there is no such file or folder");
		expect((await yamanote("doctor", "--explain", "nothing")).err).toContain("there is no rule nothing; there are no-");
		expect(await yamanote("nonsense")).toMatchObject({ code: 2, err: expect.stringContaining("no verb nonsense") });
		expect((await yamanote("--help")).code).toBe(0);
	});
});

const HOLDS = `import { run, yieldNow } from "yamanote";
import { SyncMutex } from "yamanote/sync";

const rows = new SyncMutex([], { name: "rows" });
await run(function* () {
  const guard = rows.lock();
  try {
    yield* yieldNow();
  } catch {
    console.log("the program goes on");
  }
  guard.release();
});
`;

describe("npx yamanote doctor, with a command", { timeout: 120_000 }, () => {
	it("runs the program and tells what its runtime saw, with the place", async () => {
		write("app.mjs", HOLDS);
		const { code, out } = await yamanote("doctor", "--", "node", "app.mjs");
		expect(out).toContain("the program goes on\n\napp.mjs\n");
		expect(out).toMatch(
			/ {2}8:\d+ {2}error {2}the SyncMutex "rows", taken at app\.mjs:6:\d+, .* {2}YAMANOTE_GUARD_ACROSS_WAIT\n {6}8 \| {5}yield\* yieldNow\(\);\n/,
		);
		expect(out).toMatch(/^1 error(?:, \d warnings?)? in \d+ ms of node app\.mjs$/m);
		expect(code).toBe(1);
	});

	it("leaves the standard output to the JSON document", async () => {
		write("app.mjs", HOLDS);
		const { out, err } = await yamanote("doctor", "--json", "node", "app.mjs");
		expect(err).toContain("the program goes on");
		const { findings, program } = JSON.parse(out);
		expect(findings).toContainEqual(
			expect.objectContaining({ source: "run", rule: "YAMANOTE_GUARD_ACROSS_WAIT", file: "app.mjs", line: 8 }),
		);
		expect(program).toEqual({ command: ["node", "app.mjs"], exitCode: 0, milliseconds: expect.any(Number) });
	});

	it("does both, and hears of processes that the program starts", async () => {
		write("src/app.ts", WRONG);
		write("app.mjs", HOLDS);
		write("outer.mjs", 'import { execFileSync } from "node:child_process";\nexecFileSync("node", ["app.mjs"]);\n');
		const { out } = await yamanote("doctor", "--json", "src", "--", "node", "outer.mjs");
		const rules = JSON.parse(out).findings.map(({ rule }: { rule: string }) => rule);
		expect(rules).toContain("no-unpolled-future");
		expect(rules).toContain("YAMANOTE_GUARD_ACROSS_WAIT");
	});

	it("hears programs of the engine that runs it", async () => {
		write("app.mjs", HOLDS);
		const { out } = await yamanote("doctor", "--json", "--", ...engine, "app.mjs");
		const [found] = JSON.parse(out).findings;
		expect(found).toMatchObject({ rule: "YAMANOTE_GUARD_ACROSS_WAIT", file: "app.mjs", line: 8 });
		expect(found.message).toMatch(/^the SyncMutex "rows", taken at (?:<anonymous> \()?app\.mjs:6:\d+\)?, was held/);
	});

	it("passes on how the program ended", async () => {
		write("app.mjs", 'console.log("bye");\nprocess.exit(7);\n');
		const { code, out } = await yamanote("doctor", "--", "node", "app.mjs");
		expect(code).toBe(7);
		expect(out).toMatch(/^bye\n[\s\S]* in \d+ ms of node app\.mjs\n$/);
	});

	it("says so where it could hear nothing, and where there is no such program", async () => {
		const silent = await yamanote("doctor", "--", "git", "--version");
		expect(silent.out).toContain("Nothing was heard from git");
		const none = await yamanote("doctor", "--", "no-such-program-anywhere");
		expect(none).toMatchObject({ code: 2, err: expect.stringContaining("there is no such program") });
	});
});

/** A program that makes a mistake, says so, and never ends. */
const ENDLESS = `${HOLDS}
setInterval(() => {}, 1_000);
console.log("ready");
`;

/** The doctor with a program that goes on, and its signals: sent to the doctor alone, when the program is ready. */
function interrupted(file: string, ...signals: NodeJS.Signals[]): Promise<Ending & { readonly pid: number }> {
	const bin = join(folder, "node_modules", ".bin", "yamanote");
	const [program, ...options] = engine;
	const child = spawn(program, [...options, bin, "doctor", "--", "node", file], {
		cwd: folder,
		env: { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let [out, err] = ["", ""];
	child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		const wasReady = /^ready$/m.test(out);
		out += text;
		if (!wasReady && /^ready$/m.test(out)) for (const signal of signals) process.kill(child.pid ?? 0, signal);
	});
	return new Promise((resolve) => {
		child.on("close", (code, signal) => {
			// Deno takes an exit code above 128 for the signal that it stands for.
			const ended = code ?? 128 + constants.signals[signal ?? "SIGKILL"];
			resolve({ code: ended, out, err, pid: Number(/^pid (\d+)$/m.exec(out)?.[1]) });
		});
	});
}

describe("npx yamanote doctor, with a program that does not end well", { timeout: 120_000 }, () => {
	it("reports what a program that crashed was told before, and passes its exit code on", async () => {
		write("app.mjs", `${HOLDS}setTimeout(() => { throw new Error("boom"); }, 20);\n`);
		const { code, out, err } = await yamanote("doctor", "--", "node", "app.mjs");
		expect(err).toContain("Error: boom");
		expect(out).toContain("YAMANOTE_GUARD_ACROSS_WAIT");
		expect(code).toBe(1);
	});

	it("reports what a program that was killed was told before", async () => {
		write("app.mjs", `${HOLDS}process.kill(process.pid, "SIGKILL");\nawait new Promise(() => {});\n`);
		const { code, out } = await yamanote("doctor", "--json", "--", "node", "app.mjs");
		const { findings, program } = JSON.parse(out);
		expect(findings).toContainEqual(expect.objectContaining({ rule: "YAMANOTE_GUARD_ACROSS_WAIT", line: 8 }));
		expect(program).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
		expect(code).toBe(137);
	});

	it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
		"passes %s on to a program that runs for ever, and reports",
		async (signal) => {
			write("app.mjs", ENDLESS);
			const { code, out } = await interrupted("app.mjs", signal);
			expect(out).toMatch(/app\.mjs\n {2}8:\d+ {2}error .* {2}YAMANOTE_GUARD_ACROSS_WAIT\n/);
			expect(code).toBe(128 + constants.signals[signal]);
		},
	);

	it("ends a program that hears no signal when it is sent a second one, and reports", async () => {
		write(
			"app.mjs",
			`${HOLDS}
process.on("SIGINT", () => {}).on("SIGTERM", () => {});
console.log("pid " + process.pid);
console.log("ready");
for (;;);
`,
		);
		const { code, out, pid } = await interrupted("app.mjs", "SIGINT", "SIGTERM");
		expect(out).toContain("YAMANOTE_GUARD_ACROSS_WAIT");
		expect(code).toBe(137);
		expect(() => process.kill(pid, 0)).toThrow("ESRCH");
	});
});
