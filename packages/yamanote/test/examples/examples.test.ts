// @engines node20 node22 node24 node26
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { entries, root } from "../../../../scripts/exports.mjs";

const examples = join(root, "examples");
const compiled = join(root, ".cache/examples");
const workers = readdirSync(examples).filter((file) => file.endsWith(".worker.ts"));
const names = readdirSync(examples)
	.filter((file) => file.endsWith(".ts") && !/\.(test|worker)\.ts$/.test(file))
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

/** What an example prints, to the letter; or, where it measures, in which form. */
const printed: { readonly [name: string]: string | RegExp } = {
	blocking:
		/^( {2}YAMANOTE_LONG_POLL: task "worker" \(#\d+\) held the loop for \d{3,4} ms, (at|until it waited at) .*\n)?bad: done in the loop; the heart stood still for (9\d\d|\d{4,5}) ms at most\ngood: done on a thread; the heart stood still for \d{2,3} ms at most\n$/,
	"fetch-all": [
		"svc-a: OK, svc-b: OK, svc-c: OK",
		"SERVICE_DOWN: broken svc-b is down",
		"YAMANOTE_ELAPSED: the deadline of 50 ms has passed",
	].join("\n"),
	"fetch-data": "a future: 0 requests so far\npolled: 1 request, 44 bytes",
	"fetch-with-timeout": "within 5 s: data\nwithin 20 ms: the deadline of 20 ms has passed",
	"graceful-shutdown": [
		"short: answered",
		"the door is closed",
		"late: refused",
		"long: answered",
		"endless: aborted",
		"stopped by SIGTERM, 1 request aborted",
	].join("\n"),
	"hash-folder": [
		"87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7  a",
		"0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f  below/b",
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
	send: [
		"before: args[0] is a Rc: register its class with sendable(), or send a plain object",
		"fix 1: a thread got number: 42",
		"fix 2: two threads have counted to 2000 together",
		"fix 3: 8400 cents, by a method of the class, and here a Money again: true",
		"check: config.user.onClick is a function: send data, and call a function of defineWorker there",
	].join("\n"),
	supervisor: [
		"book: 400",
		"crashed: a bomb has no price",
		"bomb: no answer",
		"pen: 300",
		"diamond: too late",
		"diamond: given up",
		"crashed: a bomb has no price",
		"bomb: no answer",
		"ring: 400",
		"crashed: a bomb has no price",
		"no more than 2 restarts",
	].join("\n"),
	"three-tasks": "fetched user profile, fetched order history, fetched recommendations",
	"two-tasks": "task A done, task B done",
};

/** An example that is asked to stop ends as the operating system expects: 128 and the number of the signal. */
const codes: { readonly [name: string]: number } = { "queue-worker": 128 + 15 };

/** Its files are hashed. */
const folder = join(root, ".cache/examples-folder");
const args: { readonly [name: string]: readonly string[] } = { "hash-folder": [folder] };

beforeAll(async () => {
	mkdirSync(join(folder, "below"), { recursive: true });
	writeFileSync(join(folder, "a"), "a\n");
	writeFileSync(join(folder, "below/b"), "b\n");
	rmSync(compiled, { recursive: true, force: true });
	await build({
		absWorkingDir: examples,
		entryPoints: [...[...names, "demo/main", "demo/ctrl-c"].map((name) => `${name}.ts`), ...workers],
		outdir: compiled,
		outbase: ".",
		bundle: true,
		// A worker's module is a file of its own.
		splitting: true,
		external: ["cli-progress"],
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
		// Those that take all of a processor, or two, run alone.
		const alone = name === "blocking" || name === "hash-folder";
		(alone ? it : it.concurrent)(
			`${name} prints what it promises`,
			async () => {
				const { code, stdout, stderr } = await play(name, ...(args[name] ?? []));
				const expected = printed[name];
				if (typeof expected === "string") expect(stdout).toBe(`${expected}\n`);
				else expect(stdout).toMatch(expected as RegExp);
				expect({ code, stderr }).toEqual({ code: codes[name] ?? 0, stderr: "" });
			},
			20_000,
		);
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
