/** `yamanote doctor`: reads the command line, lints, runs the program, reports. */
import { readFile } from "node:fs/promises";
import { rules } from "../../eslint-plugin-yamanote/src/rules/index.ts";
import { HELP, parseArguments, type Request, UsageError } from "./arguments.ts";
import { NoSuchFileError } from "./lint/files.ts";
import { lintProject } from "./lint/project.ts";
import type { Finding } from "./report/finding.ts";
import { count, findingsText, totals } from "./report/text.ts";
import { type ProgramReport, runProgram, StartError } from "./run/program.ts";

export interface Surroundings {
	readonly cwd: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly colour: boolean;
	/** Whether a terminal is there that sends ^C to all that runs in it. */
	readonly isTerminal: boolean;
	/** The URL of the module that turns a program's diagnostics on. */
	readonly preload: string;
	out(text: string): void;
	err(text: string): void;
}

/** Does what the command line asks for. Gives the exit code. */
export async function main(args: readonly string[], around: Surroundings): Promise<number> {
	try {
		return await examine(parseArguments(args, around.cwd, around.env["PATH"]), around);
	} catch (error) {
		if (![UsageError, NoSuchFileError, StartError].some((known) => error instanceof known)) throw error;
		around.err(`yamanote doctor: ${(error as Error).message}\n`);
		if (error instanceof UsageError) around.err(`\n${HELP}`);
		return 2;
	}
}

async function examine(request: Request, around: Surroundings): Promise<number> {
	if (request.help) {
		around.out(HELP);
		return 0;
	}
	if (request.explain !== undefined) {
		around.out(await pageOf(request.explain));
		return 0;
	}
	const findings: Finding[] = [];
	let files = 0;
	let fixed = 0;
	if (request.files !== undefined) {
		const linted = lintProject(request.files, { ...request, cwd: around.cwd });
		findings.push(...linted.findings);
		({ files, fixed } = linted);
		if (files === 0 && request.command === undefined) {
			throw new NoSuchFileError(`${request.files.join(", ")}: there is no JavaScript or TypeScript here`);
		}
	}
	let program: ProgramReport | undefined;
	if (request.command !== undefined) {
		const { cwd, env, preload, isTerminal } = around;
		program = await runProgram(request.command, { cwd, env, preload, isTerminal, quietOutput: request.json });
		findings.push(...program.findings);
	}
	const errors = count(findings, "error");
	const warnings = count(findings, "warning");
	if (request.json) {
		const summary = { files, fixed, errors, warnings, notes: count(findings, "info") };
		const { findings: _, ...ran } = program ?? { findings };
		around.out(`${JSON.stringify({ version: 1, findings, summary, ...(program && { program: ran }) }, null, 2)}\n`);
	} else {
		const text = findingsText(findings, { colour: around.colour });
		if (text !== "") around.out(`\n${text}\n`);
		const where = [
			...(request.files === undefined ? [] : [`in ${files} ${files === 1 ? "file" : "files"}`]),
			...(program === undefined ? [] : [`in ${program.milliseconds} ms of ${program.command.join(" ")}`]),
		];
		around.out(`${totals(findings)} ${where.join(" and ")}${fixed === 0 ? "" : `; ${fixed} mended`}\n`);
	}
	if (program !== undefined && program.exitCode !== 0) return program.exitCode;
	if (request.failOn === "never") return 0;
	return errors > 0 || (request.failOn === "warning" && warnings > 0) ? 1 : 0;
}

/** @throws UsageError if there is no such rule */
async function pageOf(name: string): Promise<string> {
	const rule = rules[name.replace(/^yamanote\//, "")];
	if (rule === undefined) {
		throw new UsageError(`there is no rule ${name}; there are ${Object.keys(rules).join(", ")}`);
	}
	return await readFile(new URL(rule.meta.docs.url), "utf8");
}
