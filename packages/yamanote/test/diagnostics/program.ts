/** Programs in processes of their own, with the library in `node_modules`, so that places are those of the files as written. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { home } from "../support/built.ts";

export interface Ran {
	readonly stdout: string;
	readonly stderr: string;
	readonly status: number | null;
	/** The diagnoses that it wrote to its standard output, one by one, as JSON. */
	readonly diagnoses: Told[];
}

export interface Told {
	readonly code: string;
	readonly message: string;
	readonly place?: { readonly name: string; readonly file: string; readonly line: number; readonly column: number };
	readonly task?: string;
	readonly details: { readonly [key: string]: unknown };
}

/** The first lines of a program: it writes each diagnosis as a line of JSON. */
export const prelude = `import { writeSync } from "node:fs";
import { diagnose } from "yamanote/diagnostics";
const diagnoseAll = (options) => diagnose({ onDiagnosis: (d) => writeSync(1, "@" + JSON.stringify(d) + "\\n"), ...options });
`;

export class Programs {
	folder = "";

	/** Makes a folder for them, below one that has the library. */
	install(): void {
		this.folder = mkdtempSync(join(home(), "diagnostics-"));
	}

	remove(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}

	/** Runs a module; the line of the text `mark` in it is asked for by {@link lineOf}. */
	run(source: string, options: { engine?: string; args?: string[]; env?: Record<string, string> } = {}): Promise<Ran> {
		const file = join(this.folder, "program.mjs");
		writeFileSync(file, source);
		const child = spawn(options.engine ?? process.execPath, [...(options.args ?? []), file], {
			env: { ...process.env, ...options.env },
			stdio: ["ignore", "pipe", "pipe"],
		});
		let stdout = "";
		let stderr = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
		child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
		return new Promise((resolve, reject) => {
			child.on("error", reject);
			child.on("close", (status) => {
				const lines = stdout.split("\n").filter((line) => line.startsWith("@"));
				resolve({ stdout, stderr, status, diagnoses: lines.map((line) => JSON.parse(line.slice(1)) as Told) });
			});
		});
	}
}

/** The line of a program, counted from 1, that has a text in it. */
export function lineOf(source: string, text: string): number {
	return source.slice(0, source.indexOf(text)).split("\n").length;
}
