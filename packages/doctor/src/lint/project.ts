/** Lints the files of a project and turns what the rules say into findings. */
import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { recommended, strict } from "../../../eslint-plugin-yamanote/src/configs/presets.ts";
import { rules } from "../../../eslint-plugin-yamanote/src/rules/index.ts";
import type { Finding, Severity } from "../report/finding.ts";
import { sourceFiles } from "./files.ts";
import { applyFixes } from "./fix.ts";
import { lintText, type Problem } from "./lint.ts";
import { UnreadableError } from "./parse.ts";

export interface ProjectOptions {
	readonly cwd: string;
	readonly strict: boolean;
	readonly fix: boolean;
	readonly modules: readonly string[];
}

export interface ProjectReport {
	readonly files: number;
	/** How many files were changed by fixes. */
	readonly fixed: number;
	readonly findings: readonly Finding[];
}

/** Larger files are generated ones. */
const MAX_BYTES = 1_000_000;

/** @throws NoSuchFileError */
export function lintProject(paths: readonly string[], options: ProjectOptions): ProjectReport {
	const levels = options.strict ? strict : recommended;
	const wanted = Object.fromEntries(Object.entries(rules).filter(([name]) => `yamanote/${name}` in levels));
	const files = sourceFiles(paths, options.cwd);
	const findings: Finding[] = [];
	let fixed = 0;
	for (const path of files) {
		const file = shorter(path, options.cwd);
		try {
			let text = readFileSync(path, "utf8");
			if (text.length > MAX_BYTES) continue;
			const lint = (code: string): Problem[] =>
				lintText(code, path, { cwd: options.cwd, rules: wanted, modules: options.modules });
			let problems = lint(text);
			if (options.fix && problems.some(({ fix }) => fix !== undefined)) {
				const mended = applyFixes(text, problems, lint);
				if (mended.text !== text) {
					writeFileSync(path, mended.text);
					fixed++;
				}
				({ text, problems } = mended);
			}
			const lines = text.split(/\r\n|[\n\r]/);
			for (const problem of problems) {
				const level = levels[`yamanote/${problem.rule}`] === "warn" ? "warning" : "error";
				findings.push(findingOf(problem, file, lines[problem.line - 1], level));
			}
		} catch (error) {
			findings.push(unread(error, file));
		}
	}
	return { files: files.length, fixed, findings };
}

function findingOf(problem: Problem, file: string, text: string | undefined, severity: Severity): Finding {
	return {
		source: "lint",
		rule: problem.rule,
		severity,
		file,
		line: problem.line,
		column: problem.column,
		endColumn: problem.endLine === problem.line ? problem.endColumn : (text?.length ?? 0) + 1,
		message: problem.message,
		count: 1,
		fixable: problem.fix !== undefined,
		suggestions: problem.suggestions,
		...(text === undefined ? {} : { text }),
	};
}

/** A file that cannot be linted does not keep the others from it: what is wrong with it is a finding. */
function unread(error: unknown, file: string): Finding {
	const of = { source: "lint", severity: "warning", file, count: 1 } as const;
	if (error instanceof UnreadableError) {
		const { line, column } = error;
		return { ...of, rule: "syntax", line, column, message: `This file was not read: ${error.message}` };
	}
	const said = error instanceof Error ? error : new Error(String(error));
	const details = (said.stack ?? "")
		.split("\n")
		.slice(1, 4)
		.map((frame) => frame.trim());
	return {
		...of,
		rule: "internal",
		message: `This file was not linted, by a fault of the doctor: ${said.message}`,
		details,
	};
}

/** The path from the working folder on, if the file lies below it. */
export function shorter(path: string, cwd: string): string {
	const inside = relative(cwd, path);
	return inside === "" || inside.startsWith("..") ? path : inside;
}
