/**
 * The calls that hold the thread: which modules have them, and what to call instead.
 *
 * Everything of `fs`, `zlib`, `crypto` and `child_process` that ends in `Sync` blocks. The lists beside it are of
 * well-known packages whose names say the same.
 */

/** Modules of which every export that ends in `Sync` does its work on this thread. */
const SYNC_MODULES = new Set([
	"fs",
	"zlib",
	"crypto",
	"child_process",
	"fs-extra",
	"graceful-fs",
	"bcrypt",
	"bcryptjs",
	"execa",
	"glob",
	"globby",
	"tinyglobby",
	"fast-glob",
	"rimraf",
	"mkdirp",
	"make-dir",
	"load-json-file",
	"write-file-atomic",
	"which",
]);

/** Calls that do not end in `Sync` and block all the same, by module and export (`default` for the module itself). */
const OTHER_BLOCKING: Readonly<Record<string, readonly string[]>> = {
	"cross-spawn": ["sync"],
	"fast-glob": ["sync"],
	glob: ["sync"],
	globby: ["sync"],
	mkdirp: ["sync"],
	rimraf: ["sync"],
	"readline-sync": ["question", "prompt", "keyIn", "keyInYN"],
	deasync: ["default", "sleep", "runLoopOnce", "loopWhile"],
	"sync-fetch": ["default"],
	"sync-request": ["default"],
};

/**
 * Calls that end in `Sync` and take microseconds. `existsSync` has no asynchronous twin either, and one look at a
 * path holds nobody up.
 */
const HARMLESS = new Set(["existsSync", "randomFillSync", "hkdfSync"]);

export function normalizeModule(source: string): string {
	return source.startsWith("node:") ? source.slice(5) : source;
}

/** Whether the export `name` of module `source` holds the thread while it works. */
export function isBlockingExport(source: string, name: string): boolean {
	const module = normalizeModule(source);
	if (OTHER_BLOCKING[module]?.includes(name)) return true;
	return SYNC_MODULES.has(module) && name.endsWith("Sync") && name !== "Sync" && !HARMLESS.has(name);
}

/** Signs that a function does its work once and keeps the result. */
export const CACHE_GUARD_TEXT: RegExp = /\?\?=|\|\|=|\bif\s*\(\s*!?[\w.$]*(?:cache|memo|loaded|instance|singleton)/i;

/** The promise-returning call with the same arguments, for modules that have one. */
export function asyncTwin(
	source: string,
	name: string,
): { readonly module: string; readonly name: string } | undefined {
	if (normalizeModule(source) !== "fs" || !name.endsWith("Sync")) return undefined;
	const twin = name.slice(0, -4);
	return PROMISE_FS.has(twin) ? { module: "node:fs/promises", name: twin } : undefined;
}

const PROMISE_FS = new Set([
	"access",
	"appendFile",
	"chmod",
	"chown",
	"copyFile",
	"cp",
	"lstat",
	"mkdir",
	"mkdtemp",
	"readFile",
	"readdir",
	"readlink",
	"realpath",
	"rename",
	"rm",
	"rmdir",
	"stat",
	"symlink",
	"truncate",
	"unlink",
	"utimes",
	"writeFile",
]);
