/** Stack traces as data: the frames of the user's code, in the formats of the engines. */

/** A place in the code where something is suspended. */
export interface DumpFrame {
	/** The name of the function; empty if it has none. */
	readonly name: string;
	/** Its file, as the engine has it: a path or a URL; mapped to the source where the engine maps stacks. */
	readonly file: string;
	/** Counted from 1. */
	readonly line: number;
	/** Counted from 1. */
	readonly column: number;
}

/** Our own files, and what is an engine's own: the steps of generators, constructors that nobody wrote, Deno's `ext:`. */
const ours = /[\\/]yamanote[\\/](?:dist|src)[\\/]/;
const internal =
	/[\\/]yamanote[\\/](?:dist|src)[\\/]|node:internal|node:async_hooks|^\s*at .*\(?(?:<anonymous>|native(?: code)?)\)?$|@\[native code\]|[( ](?:unknown|native|ext):/;
/** V8, Bun: `at name (file:1:2)`, `at file:1:2`. */
const v8 = /^\s*at (?:async )?(?:(.*?) \()?(.+?):(\d+):(\d+)\)?$/;
/** Firefox, Safari: `name@file:1:2`. */
const gecko = /^(.*?)@(.+?):(\d+):(\d+)$/;

const known = new Map<string, DumpFrame | null>();
const MOST_KNOWN = 10_000;

/** @internal Whether a file is one of the library. */
export function isOurs(file: string): boolean {
	return ours.test(file);
}

/** @internal The frames of the user's code in a stack. Ours are left out. */
export function framesOf(stack: string): DumpFrame[] {
	const frames: DumpFrame[] = [];
	for (const line of stack.split("\n")) {
		if (line === "") continue;
		// Tasks that wait at the same place have the same lines.
		let frame = known.get(line);
		if (frame === undefined) {
			if (known.size >= MOST_KNOWN) known.clear();
			frame = frameOf(line);
			known.set(line, frame);
		}
		if (frame !== null) frames.push(frame);
	}
	return frames;
}

function frameOf(line: string): DumpFrame | null {
	if (internal.test(line)) return null;
	const match = v8.exec(line) ?? gecko.exec(line);
	if (match === null) return null;
	const [, name = "", file = "", row, column] = match;
	return { name: name === "<anonymous>" ? "" : name, file, line: Number(row), column: Number(column) };
}

/** @internal As stack traces write it. */
export function frameText({ name, file, line, column }: DumpFrame): string {
	const place = `${file}:${line}:${column}`;
	return name === "" ? `at ${place}` : `at ${name} (${place})`;
}
