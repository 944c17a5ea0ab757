// `npm run test:consumers [jest] [vite]`: small projects that use the packed package as their authors would.
// jest runs tests in both of its module modes; vite builds a page, which then runs where nothing of Node exists.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";
import { browserGlobals } from "./browser-globals.mjs";
import { packageDir, root } from "./exports.mjs";
import { install, tally } from "./on-demand.mjs";

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

async function vite(dir) {
	run("node", ["node_modules/vite/bin/vite.js", "build"], dir);
	const assets = join(dir, "dist/assets");
	const [script] = readdirSync(assets).filter((name) => name.endsWith(".js"));
	const sandbox = vm.createContext(browserGlobals());
	vm.runInContext(
		`globalThis.self = globalThis.window = globalThis;\n${readFileSync(join(assets, script), "utf8")}`,
		sandbox,
	);
	for (let waited = 0; sandbox.result === undefined && waited < 5_000; waited += 10) {
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	if (sandbox.result !== "spawned, false") throw new Error(`the built page says ${sandbox.result}`);
	return { passed: 1, failed: 0 };
}

const consumers = { jest, vite };
const wanted = process.argv.slice(2).filter((arg) => arg in consumers);
run("npm", ["run", "build", "--silent", "--workspace", "packages/yamanote"], root);
for (const name of wanted.length > 0 ? wanted : Object.keys(consumers)) {
	const dir = join(root, "consumers", name);
	let counts;
	try {
		give(dir);
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
