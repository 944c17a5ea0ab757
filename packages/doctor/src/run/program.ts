/** Runs a program with every diagnostic on, waits for its end, and gathers what its processes and threads wrote. */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import type { Diagnosis } from "yamanote/diagnostics";
import type { Finding } from "../report/finding.ts";
import { findingsOf } from "./diagnosis.ts";

export interface ProgramOptions {
	readonly cwd: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** The URL of the module that turns the diagnostics on. */
	readonly preload: string;
	/** Keeps the standard output free for the report: the program's goes to the standard error. */
	readonly quietOutput: boolean;
	/** Whether a terminal sends ^C to the program as well. */
	readonly isTerminal: boolean;
}

export interface ProgramReport {
	readonly command: readonly string[];
	/** As a shell would say it: 128 and the signal's number if a signal ended it. */
	readonly exitCode: number;
	readonly signal: string | undefined;
	readonly milliseconds: number;
	readonly findings: readonly Finding[];
}

/** The program could not be started. */
export class StartError extends Error {
	override readonly name = "StartError";
}

/** @throws StartError */
export async function runProgram(command: readonly string[], options: ProgramOptions): Promise<ProgramReport> {
	const folder = await mkdtemp(join(tmpdir(), "yamanote-doctor-"));
	try {
		const began = performance.now();
		const { exitCode, signal } = await ending(command, options, folder);
		const milliseconds = Math.round(performance.now() - began);
		const { diagnoses, observed } = await gathered(folder);
		const findings = findingsOf(diagnoses, options.cwd);
		if (!observed) findings.push(notObserved(command[0] ?? ""));
		return { command, exitCode, signal, milliseconds, findings };
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

function ending(
	command: readonly string[],
	{ cwd, env, preload, quietOutput, isTerminal }: ProgramOptions,
	folder: string,
): Promise<{ exitCode: number; signal: string | undefined }> {
	const [name = "", ...args] = withPreload(command, preload);
	return new Promise((resolve, reject) => {
		const child = spawn(name, args, {
			cwd,
			env: { ...env, ...preloading(env, preload), YAMANOTE_DOCTOR: folder },
			stdio: ["inherit", quietOutput ? 2 : "inherit", "inherit"],
			// `npm` is a batch file there.
			shell: process.platform === "win32",
		});
		// The doctor stays until the program has ended, to report. It passes on what it is sent itself; a terminal sends
		// ^C to both. Who is in a hurry says so again: a program that holds its loop hears no signal but the last.
		let asked = 0;
		const pass = (signal: NodeJS.Signals): void => {
			if (asked++ === 0 && signal === "SIGINT" && isTerminal) return;
			// By its number: on Deno a child takes one signal only.
			if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
				process.kill(child.pid, asked > 1 ? "SIGKILL" : signal);
			}
		};
		for (const signal of PASSED) process.on(signal, pass);
		const finished = (): void => {
			for (const signal of PASSED) process.off(signal, pass);
		};
		child.on("error", (error: NodeJS.ErrnoException) => {
			finished();
			const missing = error.code === "ENOENT" ? "there is no such program" : error.message;
			reject(new StartError(`${name}: ${missing}`));
		});
		child.on("close", (code, signal) => {
			finished();
			const number = signal === null ? 0 : constants.signals[signal];
			resolve({ exitCode: code ?? 128 + number, signal: signal ?? undefined });
		});
	});
}

/** What makes Node and Bun load the diagnostics before each of their programs. */
function preloading(env: ProgramOptions["env"], preload: string): Record<string, string> {
	const added = (name: string, option: string): string => [env[name], option].filter(Boolean).join(" ");
	return {
		NODE_OPTIONS: added("NODE_OPTIONS", `--import=${preload}`),
		BUN_OPTIONS: added("BUN_OPTIONS", `"--preload=${fileURLToPath(preload)}"`),
	};
}

/** Deno takes no options from the environment; what is loaded must be allowed to write what it hears. */
function withPreload(command: readonly string[], preload: string): readonly string[] {
	const [name = "", verb, ...rest] = command;
	const options = rest.slice(
		0,
		Math.max(
			0,
			rest.findIndex((arg) => !arg.startsWith("-")),
		),
	);
	const isAllowed = options.includes("-A") || options.includes("--allow-all");
	if (!/^deno(?:\.exe)?$/.test(basename(name)) || verb !== "run" || !isAllowed) return command;
	return [name, verb, `--preload=${preload}`, ...rest];
}

const PASSED = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

async function gathered(folder: string): Promise<{ diagnoses: Diagnosis[]; observed: boolean }> {
	const names = (await readdir(folder)).filter((name) => name.endsWith(".ndjson")).sort();
	const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
	// A process that was killed may have left half a line.
	const lines = texts.flatMap((text) => text.split("\n")).flatMap((line) => parsed(line));
	const diagnoses = lines.filter((line): line is Diagnosis => "code" in line);
	return { diagnoses: diagnoses.sort((a, b) => (a.time < b.time ? -1 : 1)), observed: lines.length > 0 };
}

function parsed(line: string): object[] {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === "object" && value !== null ? [value] : [];
	} catch {
		return [];
	}
}

function notObserved(name: string): Finding {
	return {
		source: "run",
		rule: "not-observed",
		severity: "warning",
		count: 1,
		message: `Nothing was heard from ${name}: the diagnostics are loaded by Node and Bun, which find them in NODE_OPTIONS and BUN_OPTIONS, and by \`deno run -A\`.`,
		details: [
			"Run the program by one of them, or by npm or another program that starts them and leaves these options as they are.",
		],
	};
}
