// The type tests of packages/yamanote/test/types, by the compilers that users have (`npm run test:types`).
//
// A file there compiles, except where it says what must not:
//
//     // mistake: write `yield*`
//     spawn(function* () {
//       yield sleep(1);
//     });
//
// The lines from such a comment to the next empty line must be refused, and what the compiler says must contain the
// text after the colon. The compilers' whole sentences are kept in sentences.md, so that a change of them is seen:
// `npm run test:types -- --write` rewrites it. Checks the built package, as users have it.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { entries, packageDir, root } from "./exports.mjs";
import { install, tally } from "./on-demand.mjs";

export const typesDir = join(packageDir, "test/types");
const slash = (path) => path.split(sep).join("/");

/** @typedef {{ file: string, line: number, end: number, text: string, code: string }} Mistake */
/** @typedef {{ file: string, line: number, message: string }} Complaint */

/** The marked mistakes of a file: the lines that each covers, and what must be said about them. */
export function mistakesOf(file, source) {
	const lines = source.split("\n");
	/** @type {Mistake[]} */
	const found = [];
	for (const [at, line] of lines.entries()) {
		const marker = /^\s*\/\/ mistake: (.+)$/.exec(line);
		if (marker === null) continue;
		const empty = lines.findIndex((next, i) => i > at && next.trim() === "");
		const end = empty < 0 ? lines.length : empty;
		const indent = /^\s*/.exec(line)[0].length;
		const code = lines.slice(at + 1, end).map((next) => next.slice(indent));
		found.push({ file, line: at + 1, end, text: marker[1].trim(), code: code.join("\n") });
	}
	return found;
}

/** The complaints in what `tsc --pretty false` printed; paths of this machine are cut short. */
export function complaintsOf(output) {
	/** @type {Complaint[]} */
	const found = [];
	for (const line of output.split("\n")) {
		const start = /^(.+?)\((\d+),\d+\): error (TS\d+: .*)$/.exec(line);
		if (start !== null) found.push({ file: slash(start[1]), line: Number(start[2]), message: start[3] });
		else if (/^\s+\S/.test(line) && found.length > 0) found[found.length - 1].message += `\n${line}`;
		else if (/^error TS/.test(line)) found.push({ file: "(configuration)", line: 0, message: line.slice(6) });
	}
	for (const one of found) one.message = one.message.replaceAll(root, ".").trimEnd();
	return found;
}

/** Matches complaints with mistakes; gives back what is wrong, and what was said about each mistake. */
export function judge(mistakes, complaints) {
	const said = new Map(mistakes.map((mistake) => [mistake, []]));
	const wrong = [];
	for (const one of complaints) {
		const mistake = mistakes.find((it) => it.file === one.file && one.line > it.line && one.line <= it.end);
		if (mistake === undefined) wrong.push(`${one.file}:${one.line} ${one.message}`);
		else said.get(mistake).push(one.message);
	}
	for (const [{ file, line, text }, messages] of said) {
		if (messages.length === 0) wrong.push(`${file}:${line} was not refused; it should say: ${text}`);
		else if (!messages.join("\n").includes(text))
			wrong.push(`${file}:${line} should say: ${text}\n${messages.join("\n")}`);
	}
	return { wrong, said };
}

/** All type test files, as paths relative to the root. */
export function typeTestFiles() {
	if (!existsSync(typesDir)) return [];
	const names = readdirSync(typesDir, { recursive: true }).map(slash);
	return names
		.filter((name) => name.endsWith(".ts"))
		.sort()
		.map((name) => slash(relative(root, join(typesDir, name))));
}

const allMistakes = () => typeTestFiles().flatMap((file) => mistakesOf(file, readFileSync(join(root, file), "utf8")));

/** Compiles the type tests with one compiler. */
function compile(tsc, name) {
	const dir = join(root, ".cache/type-tests");
	mkdirSync(dir, { recursive: true });
	const config = join(dir, `${name}.json`);
	const up = "../..";
	const compilerOptions = {
		noEmit: true,
		incremental: false,
		composite: false,
		declaration: false,
		isolatedDeclarations: false,
		noUnusedLocals: false,
		noUnusedParameters: false,
		allowUnreachableCode: true,
		allowImportingTsExtensions: true,
		skipLibCheck: false,
		types: ["node"],
	};
	// Each entry's declarations too: with skipLibCheck off they must hold by themselves.
	const declarations = entries().map((entry) => entry.types);
	const files = [...typeTestFiles().map((file) => `${up}/${file}`), ...declarations];
	writeFileSync(config, JSON.stringify({ extends: `${up}/tsconfig.base.json`, compilerOptions, files }, null, 2));
	return new Promise((resolve) => {
		let output = "";
		const child = spawn(tsc[0], [...tsc.slice(1), "-p", config, "--pretty", "false"], { cwd: root });
		for (const stream of [child.stdout, child.stderr]) {
			stream.on("data", (chunk) => {
				output += chunk;
			});
		}
		child.on("error", (error) => resolve([{ file: "(compiler)", line: 0, message: error.message }]));
		child.on("close", (code) => {
			const complaints = complaintsOf(output);
			if (code !== 0 && complaints.length === 0) complaints.push({ file: "(compiler)", line: 0, message: output });
			resolve(complaints);
		});
	});
}

/** The page that records what each compiler says about each mistake; compilers that agree share a block. */
export function sentences(byCompiler) {
	const page = [
		"# What the compiler says",
		"",
		"The commonest mistakes, and the sentences that TypeScript has for them. Written by `npm run test:types -- --write`.",
	];
	const [first] = byCompiler.values();
	for (const mistake of first.keys()) {
		page.push("", `## ${mistake.text}`, "", `${relative("packages/yamanote/test/types", mistake.file)}`, "");
		page.push("```ts", mistake.code, "```");
		const groups = new Map();
		for (const [name, said] of byCompiler) {
			const text = [...said.entries()]
				.find(([it]) => it.file === mistake.file && it.line === mistake.line)[1]
				.join("\n");
			groups.set(text, [...(groups.get(text) ?? []), name]);
		}
		for (const [text, names] of groups) page.push("", `TypeScript ${names.join(", ")}:`, "", "```text", text, "```");
	}
	return `${page.join("\n")}\n`;
}

async function main() {
	const folder = join(root, "engines/typescript");
	install(folder);
	const byCompiler = new Map();
	let failed = 0;
	for (const major of ["5", "6", "7"]) {
		const package_ = join(folder, "node_modules", `typescript-${major}`);
		const { version } = JSON.parse(readFileSync(join(package_, "package.json"), "utf8"));
		const name = version.split(".").slice(0, 2).join(".");
		const started = Date.now();
		const mistakes = allMistakes();
		const { wrong, said } = judge(mistakes, await compile([process.execPath, join(package_, "bin/tsc")], name));
		byCompiler.set(name, said);
		console.log(
			`${wrong.length > 0 ? "✗" : "✓"} TypeScript ${version}: ${typeTestFiles().length} files, ${mistakes.length} mistakes refused (${((Date.now() - started) / 1000).toFixed(1)} s)`,
		);
		for (const one of wrong) console.log(`  ${one.replaceAll("\n", "\n    ")}`);
		failed += wrong.length > 0 ? 1 : 0;
	}
	const page = join(typesDir, "sentences.md");
	const now = sentences(byCompiler);
	const before = existsSync(page) ? readFileSync(page, "utf8") : "";
	if (process.argv.includes("--write") && failed === 0) writeFileSync(page, now);
	else if (failed === 0 && now !== before) {
		console.log("✗ sentences.md is not what the compilers say now; if that is meant: npm run test:types -- --write");
		failed += 1;
	}
	tally(4 - failed, failed);
	process.exitCode = failed > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
