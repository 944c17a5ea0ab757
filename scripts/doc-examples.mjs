// The ```ts fences of docstrings and Markdown pages, as files that can be type-checked and run. Each keeps the line
// numbers of the page it stands on, so that an error names the place to mend.
//
//   ts         a program: it must compile, and run to its end
//   ts no-run  must compile
//   ts throws  a program that must fail
//
// One that begins with the comment `// name.worker.ts` is that file: others import it as "./name.worker.ts".
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import ts from "typescript";
import { root } from "./exports.mjs";

/** @typedef {{ page: string, line: number, kind: "run" | "no-run" | "throws", code: string }} Example */

const kinds = { ts: "run", "ts no-run": "no-run", "ts throws": "throws" };

/** The examples of one text; `line` is that of the first line of code. */
export function fences(page, lines, firstLine) {
	/** @type {Example[]} */
	const found = [];
	for (let i = 0; i < lines.length; i++) {
		const opening = /^(\s*)```(.*)$/.exec(lines[i]);
		if (opening === null) continue;
		const end = lines.findIndex((line, at) => at > i && /^\s*```\s*$/.test(line));
		if (end < 0) throw new Error(`${page}:${firstLine + i}: this fence is never closed`);
		const info = opening[2].trim().replace(/\s+/g, " ");
		const kind = kinds[info];
		if (kind === undefined && /^(ts|typescript)\b/.test(info)) {
			throw new Error(`${page}:${firstLine + i}: a fence says ts, ts no-run or ts throws; this one says "${info}"`);
		}
		if (kind !== undefined) {
			const code = lines.slice(i + 1, end).map((line) => line.slice(Math.min(opening[1].length, line.search(/\S|$/))));
			found.push({ page, line: firstLine + i + 1, kind, code: code.join("\n") });
		}
		i = end;
	}
	return found;
}

/** The examples in the docstrings of a TypeScript file. */
export function fromSource(page, text) {
	return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
		const firstLine = text.slice(0, comment.index).split("\n").length;
		const lines = comment[0].split("\n").map((line) => line.replace(/^\s*(\/\*\*|\*\/|\*) ?/, ""));
		return fences(page, lines, firstLine);
	});
}

/** The examples of a Markdown page. */
export const fromMarkdown = (page, text) => fences(page, text.split("\n"), 1);

const slash = (path) => path.split(sep).join("/");

function filesBelow(dir, extension) {
	const full = join(root, dir);
	if (!existsSync(full)) return [];
	return readdirSync(full, { recursive: true })
		.filter((name) => name.endsWith(extension) && !name.includes("node_modules"))
		.map((name) => slash(join(dir, name)))
		.sort();
}

/** Every example of the repository. */
export function allExamples() {
	const pages = ["README.md", "CONTRIBUTING.md"].filter((name) => existsSync(join(root, name)));
	const readmes = readdirSync(join(root, "packages"))
		.map((name) => `packages/${name}/README.md`)
		.filter((name) => existsSync(join(root, name)));
	const read = (page) => readFileSync(join(root, page), "utf8");
	return [
		...[...pages, ...readmes, ...filesBelow("docs", ".md")].flatMap((page) => fromMarkdown(page, read(page))),
		...filesBelow("packages/yamanote/src", ".ts").flatMap((page) => fromSource(page, read(page))),
	];
}

/** Writes each example below `dir`; gives back its path beside it. */
export function writeExamples(examples, dir) {
	rmSync(dir, { recursive: true, force: true });
	return examples.map((example) => {
		const [, named] = /^\/\/ ([\w-]+\.worker\.ts)\n/.exec(example.code) ?? [];
		const place = `${example.page.replace(/\.(ts|md)$/, "").replace(/[^\w-]+/g, "_")}_${example.line}.ts`;
		const path = join(dir, named ?? place);
		if (existsSync(path)) throw new Error(`${example.page}:${example.line}: there is a ${named} already`);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, `${"\n".repeat(example.line - 1)}${example.code}\n`);
		return { ...example, path };
	});
}

/** What all examples are compiled with is read once. */
const sources = new Map();

/** What the compiler says about the written examples, one line each, at the place on the page. */
export function typeErrors(written) {
	const config = ts.getParsedCommandLineOfConfigFile(
		join(root, "tsconfig.json"),
		{},
		{
			...ts.sys,
			onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
				throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
			},
		},
	);
	const options = { ...config.options, incremental: false, noUnusedLocals: false, noUnusedParameters: false };
	delete options.tsBuildInfoFile;
	const host = ts.createCompilerHost(options);
	const { getSourceFile } = host;
	const own = new Set(written.map((example) => example.path));
	host.getSourceFile = (file, ...rest) => {
		if (own.has(file)) return getSourceFile(file, ...rest);
		if (!sources.has(file)) sources.set(file, getSourceFile(file, ...rest));
		return sources.get(file);
	};
	const program = ts.createProgram([...own], options, host);
	return written.flatMap((example) => {
		const file = program.getSourceFile(example.path);
		return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((one) => {
			const line = file.getLineAndCharacterOfPosition(one.start ?? 0).line + 1;
			return `${example.page}:${line} ${ts.flattenDiagnosticMessageText(one.messageText, "\n")}`;
		});
	});
}

export const examplesDir = join(root, ".cache/doc-examples");
