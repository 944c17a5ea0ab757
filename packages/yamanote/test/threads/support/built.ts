/**
 * Threads load the built package, as they do in a program. When the tests take the sources, it is built for them into a folder of the cache,
 * and the fixtures are copied there, so that no other build gets in between.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(".");
const library = join(root, "packages/yamanote");
const fixtures = join(library, "test/threads/fixtures");
const fromSources = process.env["VITEST"] !== undefined && process.env["YAMANOTE_TEST"] !== "dist";
const cache = join(root, ".cache/threads");
const stamp = join(cache, "stamp");

const newest = (dir: string): number =>
	Math.max(...readdirSync(dir, { recursive: true, encoding: "utf8" }).map((name) => statSync(join(dir, name)).mtimeMs));

const isFresh = (): boolean =>
	existsSync(stamp) && statSync(stamp).mtimeMs > Math.max(newest(join(library, "src")), newest(fixtures));

function build(): void {
	const started = new Date();
	const copy = join(cache, "node_modules/yamanote");
	mkdirSync(copy, { recursive: true });
	const tsc = join(root, "node_modules/typescript/bin/tsc");
	const args = [tsc, "-p", join(library, "tsconfig.build.json"), "--noCheck", "--outDir", join(copy, "dist")];
	const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
	if (status !== 0) throw new Error(`the build failed:\n${stdout}`);
	copyFileSync(join(library, "package.json"), join(copy, "package.json"));
	cpSync(fixtures, join(cache, "fixtures"), { recursive: true });
	writeFileSync(stamp, started.toISOString());
}

/** One process at a time builds; the others wait for it. */
function prepare(): void {
	const lock = join(root, ".cache/threads.lock");
	mkdirSync(join(root, ".cache"), { recursive: true });
	for (let tries = 0; !isFresh() || existsSync(lock); tries++) {
		try {
			mkdirSync(lock);
		} catch {
			if (tries > 600) rmSync(lock, { recursive: true, force: true });
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
			continue;
		}
		try {
			if (!isFresh()) build();
		} finally {
			rmSync(lock, { recursive: true, force: true });
		}
	}
}

let prepared = false;

/** The path of a fixture, beside a package that is built. */
export function fixture(name: string): string {
	if (!fromSources) return join(fixtures, name);
	if (!prepared) prepare();
	prepared = true;
	return join(cache, "fixtures", name);
}

/** Imports a worker module of the fixtures. */
export async function load<T>(name: string): Promise<T> {
	return (await import(/* @vite-ignore */ pathToFileURL(fixture(name)).href)) as T;
}
