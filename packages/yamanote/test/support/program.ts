/** Whole programs, each in a process of its own, with the built package: what a process does at its end can be seen from outside only. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, onTestFinished } from "vitest";
import { home } from "./built.ts";

export interface Ended {
	/** The exit code; null if a signal ended it. */
	readonly code: number | null;
	readonly signal: string | null;
	/** What it printed, line by line. */
	readonly lines: string[];
	/** What it printed on the standard error. */
	readonly errors: string;
}

export interface Program {
	readonly child: ChildProcess;
	/** The path of its file. */
	readonly path: string;
	readonly ended: Promise<Ended>;
	/** Waits until it has printed a line that contains the text. */
	printed(text: string): Promise<void>;
}

export interface ProgramOptions {
	/** Flags for Node. */
	readonly flags?: readonly string[];
	/** Its name, without `.mjs`. Default `program`. */
	readonly name?: string;
	/** The folder in whose `node_modules` it finds the package. Default: one with the built package. */
	readonly home?: string;
}

const LIMIT = 60_000;

// Not on the time of the first test.
beforeAll(() => void home(), 120_000);

/** Starts a program, whose text is given. */
export function start(text: string, options: ProgramOptions = {}): Program {
	const folder = mkdtempSync(join(options.home ?? home(), "program-"));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, `${options.name ?? "program"}.mjs`);
	writeFileSync(path, text);
	const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", FORCE_COLOR: "0" };
	const child = spawn(process.execPath, [...(options.flags ?? []), path], {
		cwd: folder,
		env,
		stdio: ["ignore", "pipe", "pipe"],
		timeout: LIMIT,
		killSignal: "SIGKILL",
	});
	let out = "";
	let errors = "";
	let look = (): void => {};
	child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
		out += chunk;
		look();
	});
	child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
		errors += chunk;
	});
	const ended = new Promise<Ended>((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code, signal) => {
			look();
			resolve({ code, signal, lines: out === "" ? [] : out.trimEnd().split("\n"), errors });
		});
	});
	const printed = (wanted: string): Promise<void> =>
		new Promise((resolve, reject) => {
			look = () => {
				if (out.includes(wanted)) resolve();
				else if (child.exitCode !== null || child.signalCode !== null)
					reject(new Error(`it ended before it printed "${wanted}": ${out}${errors}`));
			};
			look();
		});
	return { child, path, ended, printed };
}

/** Runs a program, whose text is given, to its end. */
export function program(text: string, options?: ProgramOptions): Promise<Ended> {
	return start(text, options).ended;
}
