/**
 * What the other files of the project export, read from their text.
 *
 * A handler in one file calls `checkout(cart)` from another and forgets to run it: to see that without types, the
 * rules must know that `checkout` is an `asyncFn`. This reader looks at the export lines alone (they start a line),
 * never parses, keeps each file's answer until the file changes, and answers "unknown" for everything unusual.
 */
import { readFileSync, type Stats, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { callResult, constructed, exportName, memberExport } from "./api.ts";
import type { FunctionKind, Shape } from "./shape.ts";

interface Summary {
	readonly names: ReadonlyMap<string, Shape>;
	/** `export { a as b } from "./x"`: where to look further. */
	readonly forwards: ReadonlyMap<string, { readonly specifier: string; readonly name: string }>;
	readonly stars: readonly string[];
}

interface Cached {
	readonly mtimeMs: number;
	readonly summary: Summary;
}

const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
	".js": [".ts", ".tsx", ".js", ".jsx"],
	".mjs": [".mts", ".mjs"],
	".cjs": [".cts", ".cjs"],
	".jsx": [".tsx", ".jsx"],
};
const GUESSES = [".ts", ".tsx", ".mts", ".js", ".mjs", "/index.ts", "/index.tsx", "/index.js"];
const MAX_HOPS = 5;
/** Larger files are generated ones. */
const MAX_BYTES = 400_000;

const summaries = new Map<string, Cached | undefined>();
const resolutions = new Map<string, string | undefined>();

/** The subpath of a specifier that names Yamanote ("" for the package itself), or `undefined` for another module. */
export type YamanoteModule = (specifier: string) => string | undefined;

/**
 * The shape of what `specifier`, imported by `importer`, exports under `name`.
 * Only relative specifiers are followed.
 */
export function exportedShape(
	importer: string,
	specifier: string,
	name: string,
	yamanote: YamanoteModule,
	hops = 0,
): Shape | undefined {
	const subpath = yamanote(specifier);
	if (subpath !== undefined) return { is: "api", name: exportName(subpath, name) };
	if (!specifier.startsWith(".") || hops > MAX_HOPS) return undefined;
	const file = resolveFile(importer, specifier);
	const summary = file === undefined ? undefined : summaryOf(file, yamanote);
	if (file === undefined || summary === undefined) return undefined;
	const own = summary.names.get(name);
	if (own !== undefined) return own;
	const forward = summary.forwards.get(name);
	if (forward !== undefined) return exportedShape(file, forward.specifier, forward.name, yamanote, hops + 1);
	if (name === "default") return undefined;
	for (const star of summary.stars) {
		const found = exportedShape(file, star, name, yamanote, hops + 1);
		// A star of Yamanote itself exports whatever it exports; that name may be one of ours or not.
		if (found !== undefined) return found;
	}
	return undefined;
}

function resolveFile(importer: string, specifier: string): string | undefined {
	const base = resolve(dirname(importer), specifier);
	if (resolutions.has(base)) return resolutions.get(base);
	const extension = extname(base);
	const stem = base.slice(0, base.length - extension.length);
	const candidates = EXTENSIONS[extension]?.map((other) => stem + other) ?? [];
	if (/^\.[cm]?[jt]sx?$/.test(extension)) candidates.push(base);
	for (const guess of GUESSES) candidates.push(guess.startsWith("/") ? join(base, guess.slice(1)) : base + guess);
	const found = candidates.find(isFile);
	resolutions.set(base, found);
	return found;
}

function isFile(path: string): boolean {
	return statOf(path)?.isFile() === true;
}

function statOf(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch {
		// `./data.json` is a file: there is nothing below it, and Node says so by an error.
		return undefined;
	}
}

function summaryOf(file: string, yamanote: YamanoteModule): Summary | undefined {
	const stat = statOf(file);
	if (stat === undefined || stat.size > MAX_BYTES) return undefined;
	const cached = summaries.get(file);
	if (cached?.mtimeMs === stat.mtimeMs) return cached.summary;
	const summary = summarize(readFileSync(file, "utf8"), yamanote);
	summaries.set(file, { mtimeMs: stat.mtimeMs, summary });
	return summary;
}

// --- reading the text ------------------------------------------------------------------------------------------

const IMPORT =
	/^import\s+(?:type\s+)?(?:([\w$]+)\s*,?\s*)?(?:\*\s*as\s+([\w$]+)\s*)?(?:\{([^}]*)\}\s*)?from\s*["']([^"']+)["']/gm;
const EXPORT_FROM = /^export\s+\{([^}]*)\}\s*from\s*["']([^"']+)["']/gm;
const EXPORT_STAR = /^export\s+\*\s*from\s*["']([^"']+)["']/gm;
const EXPORT_LIST = /^export\s+\{([^}]*)\}\s*;?\s*$/gm;
const CONSTANT =
	/^(export\s+)?const\s+([\w$]+)(?:\s*:[^=\n]+)?\s*=\s*(?:\/\*.*?\*\/\s*)?(new\s+)?([\w$]+(?:\.[\w$]+)?)\s*(?:<[^()\n]*>)?\(/gm;
const PAIR = /^(export\s+)?const\s+\[\s*([\w$]+)\s*,\s*([\w$]+)\s*\]\s*=\s*([\w$]+(?:\.[\w$]+)?)\s*(?:<[^()\n]*>)?\(/gm;
const FUNCTION = /^(export\s+)?(default\s+)?(async\s+)?function\s*(\*?)\s*([\w$]+)/gm;
const ARROW =
	/^(export\s+)?const\s+([\w$]+)(?:\s*:[^=\n]+)?\s*=\s*(async\s+)?(?:<[^()\n]*>\s*)?(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|[\w$]+)\s*(?::[^=\n]+)?=>/gm;
const DEFAULT_CALL = /^export\s+default\s+([\w$]+(?:\.[\w$]+)?)\s*\(/gm;
/** A file without any of these exports nothing that a rule asks about. */
const WORTH_READING = /asyncFn|promiseFn|function\s*\*|yamanote|defineWorker|async|export\s*(?:\*|\{)/;

function summarize(text: string, yamanote: YamanoteModule): Summary {
	const names = new Map<string, Shape>();
	const forwards = new Map<string, { specifier: string; name: string }>();
	const stars: string[] = [];
	if (!WORTH_READING.test(text)) return { names, forwards, stars };

	const imports = new Map<string, string>();
	for (const [, defaultName, namespace, list, specifier = ""] of text.matchAll(IMPORT)) {
		const subpath = yamanote(specifier);
		for (const [from, to] of listed(list)) {
			if (subpath !== undefined) imports.set(to, exportName(subpath, from));
			else forwards.set(`\0${to}`, { specifier, name: from });
		}
		if (namespace !== undefined && subpath !== undefined) imports.set(namespace, exportName(subpath, "*"));
		if (defaultName !== undefined && subpath === undefined) {
			forwards.set(`\0${defaultName}`, { specifier, name: "default" });
		}
	}

	const locals = new Map<string, Shape>();
	const declare = (name: string, exported: boolean, shape: Shape | undefined): void => {
		if (shape === undefined) return;
		locals.set(name, shape);
		if (exported) names.set(name, shape);
	};
	const made = (callee: string, isNew: boolean): Shape | undefined => {
		const [head = "", member] = callee.split(".");
		const imported = imports.get(head);
		if (imported === undefined) return undefined;
		const name = member === undefined ? imported : memberExport(imported, member);
		if (name === undefined) return undefined;
		if (name === "asyncFn" || name === "promiseFn") return { is: "function", kind: name };
		return isNew ? constructed(name) : callResult(name);
	};

	for (const [, exported, name = "", isNew, callee = ""] of text.matchAll(CONSTANT)) {
		declare(name, exported !== undefined, made(callee, isNew !== undefined));
	}
	for (const [, exported, first = "", second = "", callee = ""] of text.matchAll(PAIR)) {
		const pair = made(callee, false);
		if (pair?.is !== "tuple") continue;
		declare(first, exported !== undefined, pair.items[0]);
		declare(second, exported !== undefined, pair.items[1]);
	}
	for (const [, exported, isDefault, isAsync, star, name = ""] of text.matchAll(FUNCTION)) {
		const kind = functionKind(isAsync !== undefined, star === "*");
		const shape: Shape = { is: "function", kind };
		declare(name, exported !== undefined && isDefault === undefined, shape);
		if (isDefault !== undefined) names.set("default", shape);
	}
	for (const [, exported, name = "", isAsync] of text.matchAll(ARROW)) {
		const kind = functionKind(isAsync !== undefined, false);
		declare(name, exported !== undefined, { is: "function", kind });
	}
	for (const [, callee = ""] of text.matchAll(DEFAULT_CALL)) {
		const shape = made(callee, false);
		if (shape !== undefined) names.set("default", shape);
	}
	for (const [, list, specifier = ""] of text.matchAll(EXPORT_FROM)) {
		for (const [from, to] of listed(list)) forwards.set(to, { specifier, name: from });
	}
	for (const [, list] of text.matchAll(EXPORT_LIST)) {
		for (const [from, to] of listed(list)) {
			const local = locals.get(from);
			const imported = imports.get(from);
			const forward = forwards.get(`\0${from}`);
			if (local !== undefined) names.set(to, local);
			else if (imported !== undefined) names.set(to, { is: "api", name: imported });
			else if (forward !== undefined) forwards.set(to, forward);
		}
	}
	for (const [, specifier = ""] of text.matchAll(EXPORT_STAR)) stars.push(specifier);
	return { names, forwards, stars };
}

function functionKind(isAsync: boolean, isGenerator: boolean): FunctionKind {
	if (isAsync) return isGenerator ? "asyncGenerator" : "async";
	return isGenerator ? "generator" : "sync";
}

/** `a, b as c, type D` as pairs of the name there and the name here; types are left out. */
function listed(list: string | undefined): [string, string][] {
	const pairs: [string, string][] = [];
	for (const item of (list ?? "").split(",")) {
		const match = /^\s*([\w$]+)(?:\s+as\s+([\w$]+))?\s*$/.exec(item);
		if (match?.[1] !== undefined) pairs.push([match[1], match[2] ?? match[1]]);
	}
	return pairs;
}
