/** What the command line asks for: files, a command, or both, and how to report. */
import { existsSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

export interface Request {
	readonly help: boolean;
	readonly explain: string | undefined;
	readonly json: boolean;
	readonly strict: boolean;
	readonly fix: boolean;
	readonly failOn: FailOn;
	readonly modules: readonly string[];
	/** Files and folders to lint; `undefined` if no linting was asked for. */
	readonly files: readonly string[] | undefined;
	/** The program to run and its arguments. */
	readonly command: readonly string[] | undefined;
}

export type FailOn = "error" | "warning" | "never";

/** The command line asks for something that the doctor cannot do. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

export const HELP = `Usage: yamanote doctor [options] [file or folder…] [-- command…]

Looks for the pitfalls of async code.

  yamanote doctor                    lints the sources of this folder
  yamanote doctor src test/app.ts    lints these
  yamanote doctor -- node app.js     runs the program under full diagnostics
  yamanote doctor src -- npm start   both

Options:
  --json             prints one JSON document
  --strict           every rule, as an error
  --fix              mends what can be mended without changing what is meant
  --fail-on <level>  which findings end with exit code 1: error (the default), warning, never
  --module <name>    a package of yours that exports what yamanote exports; may be given again
  --explain <rule>   prints the page of a rule
  -h, --help         prints this

Exit code: 0 if nothing of that level was found, 1 if something was, 2 if the doctor could not do what was asked.
A program that ends with another exit code than 0 passes it on.
`;

/** @throws UsageError */
export function parseArguments(args: readonly string[], cwd: string, path: string | undefined): Request {
	const files: string[] = [];
	const modules: string[] = [];
	let command: string[] | undefined;
	let explain: string | undefined;
	let failOn: FailOn = "error";
	const flags = { help: false, json: false, strict: false, fix: false };
	const rest = [...args];
	const valueAfter = (option: string): string => {
		const value = rest.shift();
		if (value === undefined) throw new UsageError(`${option} needs a value`);
		return value;
	};
	for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
		if (arg === "--") {
			if (rest.length === 0) throw new UsageError("after -- comes the command to run: yamanote doctor -- node app.js");
			command = rest.splice(0);
		} else if (arg === "--help" || arg === "-h") flags.help = true;
		else if (arg === "--json" || arg === "--strict" || arg === "--fix") {
			flags[arg.slice(2) as "json" | "strict" | "fix"] = true;
		} else if (arg === "--fail-on") {
			const level = valueAfter(arg);
			if (level !== "error" && level !== "warning" && level !== "never") {
				throw new UsageError(`--fail-on takes error, warning or never, not ${level}`);
			}
			failOn = level;
		} else if (arg === "--module") modules.push(valueAfter(arg));
		else if (arg === "--explain") explain = valueAfter(arg);
		else if (arg.startsWith("-")) throw new UsageError(`there is no option ${arg}`);
		else if (files.length === 0 && !existsSync(resolve(cwd, arg)) && isProgram(arg, path)) {
			command = [arg, ...rest.splice(0)];
		} else files.push(arg);
	}
	const lints = files.length > 0 || command === undefined;
	return { ...flags, explain, failOn, modules, files: lints ? (files.length > 0 ? files : ["."]) : undefined, command };
}

/** Whether a word that names no file here names a program: `yamanote doctor node app.js`, without `--`. */
function isProgram(name: string, path: string | undefined): boolean {
	if (name.includes("/") || name.includes("\\")) return false;
	const endings = process.platform === "win32" ? ["", ".exe", ".cmd", ".bat"] : [""];
	return (path ?? "")
		.split(delimiter)
		.some((folder) =>
			endings.some((ending) => statSync(join(folder, name + ending), { throwIfNoEntry: false })?.isFile() === true),
		);
}
