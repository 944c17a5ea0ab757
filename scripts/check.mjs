// `npm run check [step…]`: everything short of running the library, cheap steps first, one exit code.
// `-- --write` hands `--write` to the steps that keep a committed report.
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";
import { root } from "./exports.mjs";
import { tally } from "./on-demand.mjs";

const bin = (name) => `node_modules/.bin/${name}`;

/** Steps in order; `after` names steps that must have ended well first. */
const steps = [
	{ name: "format", run: [bin("biome"), "check", "--error-on-warnings", "--log-level=warn"] },
	{ name: "layers", run: ["node", "scripts/layers.mjs"] },
	{ name: "api", run: ["node", "scripts/api.mjs"], writes: true },
	{ name: "types", run: [bin("tsc"), "-p", "tsconfig.json", "--pretty"] },
	{ name: "build", run: ["npm", "run", "build", "--silent"] },
	{ name: "dead", run: [bin("knip"), "--no-progress"] },
	{ name: "size", run: ["node", "scripts/size.mjs"], after: ["build"] },
	{ name: "package", run: ["node", "scripts/package.mjs"], after: ["build"] },
];

const args = process.argv.slice(2);
const write = args.includes("--write");
const wanted = args.filter((arg) => !arg.startsWith("-"));
for (const name of wanted) {
	if (!steps.some((step) => step.name === name)) {
		console.error(`check: no step "${name}"; there are ${steps.map((step) => step.name).join(", ")}`);
		process.exit(2);
	}
}

function run(step) {
	const [command, ...rest] = step.run;
	if (write && step.writes) rest.push("--write");
	return new Promise((resolve) => {
		const started = performance.now();
		let output = "";
		const child = spawn(command, rest, {
			cwd: root,
			env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? "1" : "0" },
		});
		child.stdout.on("data", (chunk) => {
			output += chunk;
		});
		child.stderr.on("data", (chunk) => {
			output += chunk;
		});
		child.on("error", (error) => {
			output += error.message;
		});
		child.on("close", (code) => {
			resolve({ step, ok: code === 0, output: output.trim(), seconds: (performance.now() - started) / 1000 });
		});
	});
}

const todo = steps.filter((step) => wanted.length === 0 || wanted.includes(step.name));
const done = new Map();
const running = new Map();
const failed = [];

while (todo.length > 0 || running.size > 0) {
	for (const step of [...todo]) {
		if (running.size >= 2) break;
		const before = (step.after ?? []).filter((name) => todo.some((other) => other.name === name) || running.has(name));
		if (before.length > 0) continue;
		todo.splice(todo.indexOf(step), 1);
		const broken = (step.after ?? []).find((name) => done.get(name) === false);
		if (broken !== undefined) {
			done.set(step.name, false);
			failed.push(step.name);
			console.log(`✗ ${step.name.padEnd(10)} not run: "${broken}" failed`);
			continue;
		}
		running.set(step.name, run(step));
	}
	if (running.size === 0) continue;
	const result = await Promise.race(running.values());
	running.delete(result.step.name);
	done.set(result.step.name, result.ok);
	console.log(`${result.ok ? "✓" : "✗"} ${result.step.name.padEnd(10)} ${result.seconds.toFixed(1)} s`);
	if (!result.ok) {
		failed.push(result.step.name);
		console.log(`${result.output}\n`);
	}
}

tally(done.size - failed.length, failed.length);
if (failed.length > 0) {
	console.log(`check failed: ${failed.join(", ")} (one step alone: npm run check ${failed[0]})`);
	process.exitCode = 1;
}
