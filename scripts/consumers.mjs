// `npm run test:consumers [jest] [runners] [vite] [bundlers] [unbuilt] [page]`: small projects that use the packed package as their authors would.
// jest runs tests in both of its module modes; runners has tests for node:test, bun test, Deno and vitest; vite builds a page, which then runs where nothing of Node exists, and pages
// with workers, which run in Chromium; so do those of esbuild, rolldown and webpack, and the page of the
// examples. unbuilt runs TypeScript as it is.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";
import { browserGlobals } from "./browser-globals.mjs";
import { packageDir, root } from "./exports.mjs";
import { executable, install, tally } from "./on-demand.mjs";
import { visit } from "./pages.mjs";

function run(command, args, cwd) {
	const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 180_000 });
	if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
	return stdout + stderr;
}

/** Packs the package and lays it into the consumer's node_modules, as an installation would. */
function give(consumer) {
	install(consumer);
	const folder = join(root, ".cache/consumers");
	mkdirSync(folder, { recursive: true });
	const [{ filename }] = JSON.parse(
		run("npm", ["pack", "--json", "--silent", "--pack-destination", folder], packageDir),
	);
	const target = join(consumer, "node_modules/yamanote");
	rmSync(target, { recursive: true, force: true });
	mkdirSync(target, { recursive: true });
	run("tar", ["-xzf", join(folder, filename), "-C", target, "--strip-components=1"], root);
}

function jest(dir) {
	const results = join(root, ".cache/consumers/jest.json");
	rmSync(results, { force: true });
	const args = ["--experimental-vm-modules", "--no-warnings", "node_modules/jest/bin/jest.js"];
	const said = spawnSync("node", [...args, "--json", `--outputFile=${results}`, "--no-cache"], {
		cwd: dir,
		encoding: "utf8",
		timeout: 180_000,
	});
	const report = JSON.parse(readFileSync(results, "utf8"));
	const failed = report.numFailedTests + report.numFailedTestSuites;
	if (failed > 0 || said.status !== 0) console.log(said.stderr);
	return { passed: report.numPassedTests, failed: Math.max(failed, said.status === 0 ? 0 : 1) };
}

/** The same tests under the runners of Node, Bun and Deno, and under vitest; each says how many passed. */
function runners(dir) {
	const vitest = join(root, "node_modules/vitest/vitest.mjs");
	const commands = {
		node: ["node", ["--test", "--test-reporter=tap", "node.test.mjs"]],
		bun: [executable("bun"), ["test", "./bun.test.mjs"]],
		deno: [executable("deno"), ["test", "--allow-all", "--no-check", "--no-lock", "deno.test.mjs"]],
		vitest: ["node", [vitest, "run", "--root", ".", "vitest.test.mjs"]],
	};
	const counts = { passed: 0, failed: 0 };
	for (const [name, [command, args]] of Object.entries(commands)) {
		const env = { ...process.env, NO_COLOR: "1" };
		const { status, stdout, stderr } = spawnSync(command, args, { cwd: dir, encoding: "utf8", timeout: 120_000, env });
		const said = `${stdout}\n${stderr}`;
		const [, passed] =
			/^# pass (\d+)$|^ *(\d+) pass$|\| (\d+) passed \||Tests +(\d+) passed/m.exec(said)?.filter(Boolean) ?? [];
		counts.passed += Number(passed ?? 0);
		if (status === 0 && Number(passed) > 0) continue;
		counts.failed += 1;
		console.log(`${name} failed:\n${said}`);
	}
	return counts;
}

async function vite(dir) {
	run("node", ["node_modules/vite/bin/vite.js", "build"], dir);
	const sandbox = vm.createContext(browserGlobals());
	const script = await bundled(join(dir, "dist/index.html"));
	vm.runInContext(`globalThis.self = globalThis.window = globalThis;\n${script}`, sandbox);
	for (let waited = 0; sandbox.result === undefined && waited < 5_000; waited += 10) {
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	const { createServer } = await import(pathToFileURL(join(dir, "node_modules/vite/dist/node/index.js")).href);
	const server = await createServer({ root: dir, server: { host: "127.0.0.1" } });
	await server.listen();
	const unbuilt = new URL("threads.html", server.resolvedUrls.local[0]).href;
	try {
		const pages = ["threads.html", "bundled.html", unbuilt];
		return expectResults(
			["index without a page", "threads", "bundled", "threads, unbuilt"],
			[sandbox.result, ...(await visit(executable("chromium"), join(dir, "dist"), pages))],
			["spawned, false", fromThread, "YAMANOTE_WORKER_BUNDLED, 0 other copies", fromThread],
		);
	} finally {
		await server.close();
	}
}

/** The one script of a built page, with what it imports. */
async function bundled(page) {
	const [, script] = /<script[^>]* src="([^"]+)"/.exec(readFileSync(page, "utf8")) ?? [];
	const { outputFiles } = await build({
		entryPoints: [join(page, "..", script)],
		bundle: true,
		format: "iife",
		write: false,
		logLevel: "error",
	});
	return outputFiles[0].text;
}

/** What a page with a worker shows: three hashes, a stream, a task. */
const fromThread = "811c9dc5 e40c292c bf9cf968, abc, later, in a thread: true";

function expectResults(names, results, expected) {
	const wrong = names.filter((name, i) => {
		if (results[i] !== expected[i]) console.log(`${name} says: ${results[i]}\n  and not: ${expected[i]}`);
		return results[i] !== expected[i];
	});
	return { passed: names.length - wrong.length, failed: wrong.length };
}

async function bundlers(dir) {
	run("node", ["build.mjs"], dir);
	const names = ["esbuild", "rolldown", "webpack"];
	const pages = names.map((name) => `${name}/index.html`);
	return expectResults(
		names,
		await visit(executable("chromium"), join(dir, "dist"), pages),
		names.map(() => fromThread),
	);
}

/** Workers in TypeScript that nobody builds: under tsx, and in tests of vitest. */
async function unbuilt(dir) {
	const program = run("node", ["node_modules/tsx/dist/cli.mjs", "src/program.ts"], dir);
	const tests = run("node", ["node_modules/vitest/vitest.mjs", "run", "--reporter=json"], dir);
	const { numPassedTests, numFailedTests } = JSON.parse(tests.slice(tests.indexOf("{")));
	const { passed, failed } = expectResults(["tsx"], [program.trim()], ["5 { x: 2, y: 4 } [ 1, 2, 3 ] 1"]);
	return { passed: passed + numPassedTests, failed: failed + numFailedTests };
}

/** The page of the examples, which takes the package from the workspace. */
async function page(dir) {
	run("node", ["serve.mjs", "--build"], dir);
	const expected = "2 3 5 7 11 13 17 19 23 29 31 37 41 43 47; 17984 below 200,000";
	return expectResults(["page"], await visit(executable("chromium"), join(dir, "dist"), ["index.html"]), [expected]);
}

const consumers = { jest, runners, vite, bundlers, unbuilt, page };
const wanted = process.argv.slice(2).filter((arg) => arg in consumers);
run("npm", ["run", "build", "--silent", "--workspace", "packages/yamanote"], root);
for (const name of wanted.length > 0 ? wanted : Object.keys(consumers)) {
	const dir = name === "page" ? join(root, "examples/page") : join(root, "consumers", name);
	let counts;
	try {
		if (name !== "page") give(dir);
		counts = await consumers[name](dir);
	} catch (error) {
		console.log(error.message);
		counts = { passed: 0, failed: 1 };
	}
	const good = counts.failed === 0 && counts.passed > 0;
	console.log(`${good ? "✓" : "✗"} ${name.padEnd(9)} ${counts.passed} of ${counts.passed + counts.failed} passed`);
	tally(counts.passed, counts.failed);
	if (!good) process.exitCode = 1;
}
