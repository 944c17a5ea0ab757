// `npm run test:engines [engine…] [-- filter…]`: the suite against the built package on other engines. Engines are
// node20 (the one that runs this), node22, node24, node26, bun, deno and chromium; each is installed when first asked for.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { SourceMap } from "node:module";
import { join, relative } from "node:path";
import { performance } from "node:perf_hooks";
import { bundleTests, pagesOf, testFiles } from "./bundle-tests.mjs";
import { packageDir, root } from "./exports.mjs";
import { executable, tally } from "./on-demand.mjs";
import { openPages } from "./pages.mjs";

const all = ["node20", "node22", "node24", "node26", "bun", "deno", "chromium"];
const args = process.argv.slice(2);
const named = args.filter((arg) => all.includes(arg));
const filters = args.filter((arg) => !named.includes(arg) && !arg.startsWith("-"));
const chosen = named.length > 0 ? named : all;
/** Two processes for two processors: of one engine, or one each of two. */
const atOnce = chosen.length > 1 ? 1 : 2;
const limit = 120_000;
/** What takes long and is the same on every engine: `npm test` has it. It runs when it is asked for. */
const onceIsEnough = [
	"diagnostics/long-poll",
	"doctor/",
	"examples/",
	"parity/",
	"pitfalls/",
	"counting/million-children",
	"sync/channel-kinds-model",
	"sync/channel-model",
	"sync/many-waiters",
	"sync/models",
	"sync/semaphore-model",
	"testing/explore",
	"testing/planted",
	"threads/fallback",
	"time/million-timeouts",
];

/** Runs a command to its end; `code` is null when it was killed for taking too long. */
function run(command, args, options = {}) {
	return new Promise((resolve) => {
		let output = "";
		const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
		const timer = setTimeout(() => child.kill("SIGKILL"), options.limit ?? limit);
		for (const stream of [child.stdout, child.stderr]) {
			stream.on("data", (chunk) => {
				output += chunk;
			});
		}
		child.on("error", (error) => {
			output += error.message;
		});
		child.on("close", (code) => {
			clearTimeout(timer);
			resolve({ code, output });
		});
	});
}

/** The result of a file that did not come to its end. */
const crashed = (name, output) =>
	[{ name: "(the file)", state: "fail", errors: [{ message: `no result: ${output}`, stack: "" }] }].map((test) => ({
		...test,
		file: name,
	}));

async function onNode(engine, filters) {
	const node = engine === "node20" ? process.execPath : executable(engine);
	const results = join(root, ".cache/engines", `${engine}.json`);
	mkdirSync(join(root, ".cache/engines"), { recursive: true });
	rmSync(results, { force: true });
	const where = filters.length > 0 ? filters : ["packages/yamanote/test", "examples/"];
	const left = filters.length > 0 ? ["repo/"] : ["repo/", ...onceIsEnough];
	const exclude = left.map((part) => `**/test/${part}**`);
	const { code, output } = await run(
		node,
		[
			"node_modules/vitest/vitest.mjs",
			"run",
			...where,
			`--maxWorkers=${atOnce}`,
			"--passWithNoTests",
			"--reporter=json",
			`--outputFile=${results}`,
		],
		{
			env: { ...process.env, YAMANOTE_TEST: "dist", YAMANOTE_TEST_EXCLUDE: exclude.join(), NO_COLOR: "1" },
			limit: 600_000,
		},
	);
	if (!existsSync(results)) return crashed("(vitest)", output);
	const report = JSON.parse(readFileSync(results, "utf8"));
	const tests = report.testResults.flatMap((file) => {
		const name = relative(root, file.name);
		const rows = file.assertionResults.map((test) => ({
			file: name,
			name: test.fullName,
			state: { passed: "pass", failed: "fail" }[test.status] ?? "skip",
			errors: test.failureMessages.map((stack) => ({ message: "", stack })),
		}));
		if (file.status === "failed" && rows.every((row) => row.state !== "fail"))
			rows.push(...crashed(name, file.message));
		return rows;
	});
	if (code !== 0 && tests.every((test) => test.state !== "fail")) tests.push(...crashed("(vitest)", output));
	return tests;
}

async function inProcesses(engine, filters) {
	const binary = executable(engine);
	const { outdir, files } = await bundleTests(filesFor(engine, filters), engine);
	const flags =
		engine === "deno"
			? ["run", "-A", "--no-check", "--cached-only", "--node-modules-dir=manual", "--v8-flags=--expose-gc"]
			: ["--expose-gc"];
	return pool(files, async ({ name, out }) => {
		const results = join(outdir, `${out}.json`);
		const args = [...flags, join(outdir, "main.mjs"), join(outdir, out), join(outdir, "setup.mjs"), results];
		let { output } = await run(binary, args);
		if (!existsSync(results)) {
			// As a test is tried again (engines/harness/run.mjs), but never silently.
			console.log(`  ${engine} ${name} came to no result, and is tried once more: ${output.slice(0, 500)}`);
			({ output } = await run(binary, args));
		}
		if (!existsSync(results)) return crashed(name, output);
		return JSON.parse(readFileSync(results, "utf8")).map((test) => ({ ...test, file: name }));
	});
}

async function inPages(engine, filters) {
	const binary = executable(engine);
	const { outdir, files } = await bundleTests(filesFor(engine, filters), engine);
	const needNode = files.filter((file) => file.needsNode).map((file) => file.name);
	if (needNode.length > 0)
		console.log(
			`  ${engine}: ${needNode.length} files import node: modules and stay with Node: ${needNode.join(", ")}`,
		);
	const browser = await openPages(binary, outdir);
	try {
		return await pool(
			files
				.filter((file) => !file.needsNode)
				.flatMap((file) => pagesOf(file.name).map((page) => ({ ...file, page, name: `${file.name} (${page} page)` }))),
			async ({ name, out, page }) => {
				try {
					return (await browser.run(out, page, limit)).map((test) => ({ ...test, file: name }));
				} catch (error) {
					return crashed(name, error.message);
				}
			},
		);
	} finally {
		await browser.close();
	}
}

const filesFor = (engine, filters) =>
	testFiles(engine, filters).filter(
		(name) => filters.length > 0 || !onceIsEnough.some((part) => name.startsWith(part)),
	);

/** So many at a time; results in order. */
async function pool(items, work, workers = atOnce) {
	const results = [];
	const queue = [...items.entries()];
	const worker = async () => {
		for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
	};
	await Promise.all(Array.from({ length: workers }, worker));
	return results.flat();
}

const maps = new Map();

/** `file.mjs:line:column` of a bundle -> the place in the source. */
function original(stack) {
	return stack.replace(
		/(?:file:\/\/|https?:\/\/[^/\s]+)?(\/[^\s():]+\.mjs):(\d+):(\d+)/g,
		(found, path, line, column) => {
			const file = [path, join(root, ".cache/engines/chromium", path)].find((one) => existsSync(`${one}.map`));
			if (file === undefined) return found;
			if (!maps.has(file)) maps.set(file, new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8"))));
			const entry = maps.get(file).findEntry(Number(line) - 1, Number(column) - 1);
			if (entry.originalSource === undefined) return found;
			return `${relative(root, join(file, "..", entry.originalSource))}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
		},
	);
}

function report(engine, tests, seconds) {
	const failed = tests.filter((test) => test.state === "fail");
	for (const test of failed) {
		console.log(`  ✗ ${engine} ${test.file} > ${test.name}`);
		for (const { message, stack } of test.errors) {
			const said = stack.includes(message) ? stack : `${message}\n${stack}`;
			const lines = original(said)
				.split("\n")
				.filter((line) => !/@vitest\/(runner|expect|utils)/.test(line));
			console.log(
				lines
					.slice(0, 14)
					.map((line) => `      ${line}`)
					.join("\n"),
			);
		}
	}
	const passed = tests.filter((test) => test.state === "pass").length;
	const rest = tests.length - passed - failed.length;
	const skipped = rest > 0 ? `, ${rest} skipped` : "";
	console.log(
		`${failed.length > 0 || passed === 0 ? "✗" : "✓"} ${engine.padEnd(9)} ${passed} of ${passed + failed.length} tests passed${skipped} (${seconds.toFixed(0)} s)`,
	);
	tally(passed, failed.length);
	return failed.length === 0 && passed > 0;
}

if (!args.includes("--no-build")) {
	const { code, output } = await run("npm", ["run", "build", "--silent", "--workspace", "packages/yamanote"]);
	if (code !== 0) {
		console.log(`the build failed:\n${output}`);
		process.exit(1);
	}
}
if (!existsSync(join(packageDir, "dist/index.js"))) throw new Error("packages/yamanote is not built: npm run build");

async function test(engine) {
	const started = performance.now();
	const runner = engine.startsWith("node") ? onNode : engine === "chromium" ? inPages : inProcesses;
	let tests;
	try {
		tests = await runner(engine, filters);
	} catch (error) {
		tests = crashed("(engine)", error.message);
	}
	if (!report(engine, tests, (performance.now() - started) / 1000)) process.exitCode = 1;
}

await pool(chosen, test, chosen.length > 1 ? 2 : 1);
