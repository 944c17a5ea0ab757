// @engines node20 node22 node24 node26
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { entries, root } from "../../../../scripts/exports.mjs";

const examples = join(root, "examples");
const compiled = join(root, ".cache/examples");
const names = readdirSync(examples)
	.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.startsWith("threads-"))
	.map((file) => file.slice(0, -3))
	.sort();

interface Ended {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs a compiled example as its reader does, in a process of its own. */
function play(name: string, ...args: string[]): Promise<Ended> {
	const file = join(compiled, `${name}.js`);
	return new Promise((done) => {
		const child = execFile(process.execPath, ["--enable-source-maps", file, ...args], (_error, stdout, stderr) =>
			done({ code: child.exitCode ?? -1, stdout, stderr }),
		);
	});
}

const printed: { readonly [name: string]: string } = {
	"fetch-all": [
		"svc-a: OK, svc-b: OK, svc-c: OK",
		"SERVICE_DOWN: broken svc-b is down",
		"YAMANOTE_ELAPSED: the deadline of 50 ms has passed",
	].join("\n"),
	"fetch-with-timeout": "within 5 s: data\nwithin 20 ms: the deadline of 20 ms has passed",
	"graceful-shutdown": [
		"short: answered",
		"the door is closed",
		"late: refused",
		"long: answered",
		"endless: aborted",
		"stopped by SIGTERM, 1 request aborted",
	].join("\n"),
	"http-handler": [
		"user of /fast: begun",
		"orders of /fast: begun",
		"user of /fast: done, connection given back",
		"orders of /fast: done, connection given back",
		"user of /slow: begun",
		"orders of /slow: begun",
		"user of /slow: cancelled, connection given back",
		"orders of /slow: cancelled, connection given back",
	].join("\n"),
	"queue-worker": [
		"job 1 done",
		"job 2 done",
		"stopping: one job is still in hand",
		"stopping: one job is still in hand",
		"job 3 done",
		"job 4 done",
		"4 jobs received, 4 done",
	].join("\n"),
	"three-tasks": "fetched user profile, fetched order history, fetched recommendations",
	"two-tasks": "task A done, task B done",
};

/** An example that is asked to stop ends as the operating system expects: 128 and the number of the signal. */
const codes: { readonly [name: string]: number } = { "queue-worker": 128 + 15 };

beforeAll(async () => {
	rmSync(compiled, { recursive: true, force: true });
	await build({
		absWorkingDir: examples,
		entryPoints: [...names, "demo/main", "demo/ctrl-c"].map((name) => `${name}.ts`),
		outdir: compiled,
		outbase: ".",
		bundle: true,
		format: "esm",
		platform: "node",
		target: "node20",
		sourcemap: true,
		alias: Object.fromEntries(entries().map((entry) => [entry.name, entry.source])),
	});
}, 30_000);

describe("the examples", () => {
	it("each have an output that they are compared with", () => {
		expect(names).toEqual(Object.keys(printed).sort());
	});

	it("each say how to run them, by the command that does", () => {
		const silent = names.filter(
			(name) => !readFileSync(join(examples, `${name}.ts`), "utf8").includes(`Run me: node examples/run.mjs ${name}\n`),
		);
		expect(silent).toEqual([]);
	});

	it("are all on the page that lists them", () => {
		const page = readFileSync(join(examples, "README.md"), "utf8");
		expect(names.filter((name) => !page.includes(`[${name}](${name}.ts)`))).toEqual([]);
	});

	for (const name of names) {
		it.concurrent(`${name} prints what it promises`, async () => {
			expect(await play(name)).toEqual({ code: codes[name] ?? 0, stdout: `${printed[name]}\n`, stderr: "" });
		}, 20_000);
	}
});

// The demo measures real time: a machine that stands still for some tenths of a second spoils it, so it may be tried again.
describe("the demo", { retry: 2 }, () => {
	it("shows that what promises let run on is aborted, in fifteen lines", async () => {
		const { code, stdout, stderr } = await play("demo/main");
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		// npm itself writes four lines above it.
		expect(stdout.trimEnd().split("\n").length).toBeLessThanOrEqual(11);
		expect(stdout).toMatch(/the caller +error 503 at \d+ ms +error 503 at \d+ ms\n/);
		expect(stdout).toMatch(/user +served to the end at \d+ ms +aborted at \d+ ms\n/);
		expect(stdout).toMatch(/orders +answered 503 at \d+ ms +answered 503 at \d+ ms\n/);
		expect(stdout).toMatch(/ads +served to the end at \d+ ms +aborted at \d+ ms\n/);
		expect(stdout).toMatch(/left running +2 requests, \d+ ms of work for nobody +nothing\n/);
	}, 20_000);

	it("has all its parts in both styles", async () => {
		const { code, stdout, stderr } = await play("demo/main", "all");
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		const [, fine = "", independent = "", owned = "", late = "", sequential = "", interrupted = ""] =
			stdout.split(/\n\d\. .*\n\n/);
		const styles = / +yield\* +plain async\n/;
		expect(fine).toMatch(styles);
		expect(fine).toMatch(/the caller +has 3 answers at \d+ ms +has 3 answers at \d+ ms\n/);
		expect(independent).toMatch(styles);
		expect(independent).toMatch(/left running +2 requests, .* +2 requests, .*\n/);
		expect(owned).toMatch(styles);
		expect(owned).toMatch(/user +aborted at \d+ ms +aborted at \d+ ms\n/);
		expect(late).toMatch(styles);
		expect(late).toMatch(/the caller +Elapsed at \d+ ms +Elapsed at \d+ ms\n/);
		expect(late.match(/aborted at/g)).toHaveLength(6);
		expect(sequential).toMatch(/yield\*, one by one, \d+ ms +at once, \d+ ms\n/);
		expect(sequential).toMatch(/plain async, one by one, \d+ ms +at once, \d+ ms\n/);
		expect(sequential).toMatch(/ads +·+█+·* +█+·+\n/);
		expect(interrupted).toMatch(styles);
		expect(interrupted.match(/aborted \d+ ms after the first request/g)).toHaveLength(6);
		expect(interrupted).toMatch(/it printed +cleaned up +cleaned up\n +exit code +130 +130\n/);
	}, 30_000);
});
