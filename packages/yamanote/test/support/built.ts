/**
 * Programs and threads load the built package. When the tests take the sources, these are put together by esbuild in a folder of the cache,
 * and the modules of the threads are copied there, so that nothing has to be built and no other build gets in between. They are few files,
 * since hundreds of threads and programs load them: the other engines do the same with the package as it is published.
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
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(".");
const library = join(root, "packages/yamanote");
const sources = join(library, "src");
const fixtures = join(library, "test/threads/fixtures");
const builder = join(library, "test/support/built.ts");

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
	existsSync(stamp) && statSync(stamp).mtimeMs > Math.max(newest(sources), newest(fixtures), statSync(builder).mtimeMs);

function make(): void {
	// Not imported: this file becomes part of bundles, which never come here.
	const { buildSync } = createRequire(import.meta.url)("esbuild") as typeof import("esbuild");
	const started = new Date();
	const copy = join(cache, "node_modules/yamanote");
	const dist = join(copy, "dist");
	const { exports } = JSON.parse(readFileSync(join(library, "package.json"), "utf8")) as { exports: object };
	const faces = Object.values(exports).flatMap((face: { default?: string }) => face.default ?? []);
	const entryPoints = faces.map((path) => path.replace(/^\.\/dist\/|\.js$/g, ""));
	// What only the root has would stand in `index.js`, whose frames nobody hides.
	const again = join(cache, "again.ts");
	writeFileSync(again, `export * from ${JSON.stringify(join(sources, "index.ts"))};\n`);
	rmSync(dist, { recursive: true, force: true });
	buildSync({
		entryPoints: [
			...entryPoints.map((face) => ({ in: join(sources, `${face}.ts`), out: face })),
			{ in: again, out: "again" },
		],
		outdir: dist,
		bundle: true,
		splitting: true,
		// Our own lines of a stack are known by their folder, and the driver by its file.
		chunkNames: "core/driver.[hash]",
		format: "esm",
		platform: "node",
		target: "es2022",
		sourcemap: "linked",
		tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, verbatimModuleSyntax: true } },
	});
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
			if (!isFresh()) make();
		} finally {
			rmSync(lock, { recursive: true, force: true });
		}
	}
	prepared = true;
	return cache;
}

/** The folder of the built package. */
export function builtPackage(): string {
	return fromSources ? join(home(), "node_modules/yamanote") : library;
}

/** The module of a thread, beside a package that is built. */
export function fixture(name: string): string {
	return fromSources ? join(home(), "fixtures", name) : join(fixtures, name);
}

/** Imports the module of a thread. */
export async function load<T>(name: string): Promise<T> {
	return (await import(/* @vite-ignore */ pathToFileURL(fixture(name)).href)) as T;
}
