/**
 * Programs and threads load the built package. When the tests take the sources, these are stripped of their types, file by file, into a
 * folder of the cache, and the modules of the threads are copied there, so that nothing has to be built and no other build gets in between.
 */
import {
	copyFileSync,
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(".");
const library = join(root, "packages/yamanote");
const sources = join(library, "src");
const fixtures = join(library, "test/threads/fixtures");

/** The tests take the sources, not what stands in `dist`. */
const fromSources: boolean = process.env["VITEST"] !== undefined && process.env["YAMANOTE_TEST"] !== "dist";

/** The folder below which "yamanote" is the built package. */
const cache = join(root, fromSources ? ".cache/built" : ".cache/built-dist");
const stamp = join(cache, "stamp");
const lock = join(cache, "lock");

const files = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: "utf8" });
const newest = (folder: string): number =>
	Math.max(...files(folder).map((name) => statSync(join(folder, name)).mtimeMs));

const isFresh = (): boolean =>
	existsSync(stamp) && statSync(stamp).mtimeMs > Math.max(newest(sources), newest(fixtures));

function strip(): void {
	// Not imported: this file becomes part of bundles, which never come here.
	const { transformSync } = createRequire(import.meta.url)("esbuild") as typeof import("esbuild");
	const started = new Date();
	const copy = join(cache, "node_modules/yamanote");
	const tsconfigRaw = { compilerOptions: { useDefineForClassFields: false, verbatimModuleSyntax: true } };
	for (const name of files(sources).filter((one) => one.endsWith(".ts"))) {
		const path = join(copy, "dist", name.replace(/\.ts$/, ".js"));
		const { code } = transformSync(readFileSync(join(sources, name), "utf8"), {
			loader: "ts",
			target: "es2022",
			sourcefile: join(sources, name),
			sourcemap: "inline",
			tsconfigRaw,
		});
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, code.replace(/(from |import )"(\.{1,2}\/[^"]+)\.ts"/g, '$1"$2.js"'));
	}
	copyFileSync(join(library, "package.json"), join(copy, "package.json"));
	cpSync(fixtures, join(cache, "fixtures"), { recursive: true });
	writeFileSync(stamp, "");
	// What has changed meanwhile is newer.
	utimesSync(stamp, started, started);
}

let prepared = false;

/** A folder in which "yamanote" is the built package. One process at a time makes it; the others wait. */
export function home(): string {
	mkdirSync(cache, { recursive: true });
	for (let tries = 0; fromSources && !prepared && (!isFresh() || existsSync(lock)); tries++) {
		try {
			mkdirSync(lock);
		} catch {
			// Whoever held it for a minute is gone.
			if (tries > 600) rmSync(lock, { recursive: true, force: true });
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
			continue;
		}
		try {
			if (!isFresh()) strip();
		} finally {
			rmSync(lock, { recursive: true, force: true });
		}
	}
	prepared = true;
	return cache;
}

/** The module of a thread, beside a package that is built. */
export function fixture(name: string): string {
	return fromSources ? join(home(), "fixtures", name) : join(fixtures, name);
}

/** Imports the module of a thread. */
export async function load<T>(name: string): Promise<T> {
	return (await import(/* @vite-ignore */ pathToFileURL(fixture(name)).href)) as T;
}
