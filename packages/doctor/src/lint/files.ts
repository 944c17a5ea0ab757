/**
 * Which files a folder holds that are worth reading: sources written by hand. In a git repository these are the files
 * that git knows or would take; elsewhere a walk that leaves out what is installed or built.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const SOURCE = /\.[cm]?[jt]sx?$/;
const NOT_WRITTEN = /\.d\.[cm]?ts$|\.min\.[cm]?js$|(?:^|[\\/])(?:node_modules|\.yarn|\.pnp\.[cm]?js$)/;
/** Folders that a walk without git does not enter. */
const BUILT = new Set(["node_modules", "dist", "build", "out", "coverage", "vendor"]);

/** Something that was asked for does not exist. */
export class NoSuchFileError extends Error {
	override readonly name = "NoSuchFileError";
}

/** The files to lint, as absolute paths: a named file whatever it is called, the sources below a named folder. */
export function sourceFiles(paths: readonly string[], cwd: string): string[] {
	const found = new Set<string>();
	for (const path of paths) {
		const full = resolve(cwd, path);
		const stat = statSync(full, { throwIfNoEntry: false });
		if (stat === undefined) throw new NoSuchFileError(`${path}: there is no such file or folder`);
		if (!stat.isDirectory()) found.add(full);
		else for (const file of inRepository(full) ?? walk(full)) found.add(file);
	}
	return [...found].sort();
}

/** What git lists below the folder; `undefined` outside a repository, without git, or where all of it is ignored. */
function inRepository(folder: string): string[] | undefined {
	try {
		const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
		const names = execFileSync("git", args, {
			cwd: folder,
			encoding: "utf8",
			maxBuffer: 1 << 28,
			stdio: ["ignore", "pipe", "ignore"],
		}).split("\0");
		const files = names.filter(isSource).map((name) => join(folder, name));
		// A file that git knows may be gone, and a symbolic link would be read twice.
		const there = files.filter((file) => isFile(file));
		return there.length > 0 ? there : undefined;
	} catch {
		return undefined;
	}
}

function isFile(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function walk(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) return BUILT.has(entry.name) || entry.name.startsWith(".") ? [] : walk(path);
		return entry.isFile() && isSource(entry.name) ? [path] : [];
	});
}

function isSource(name: string): boolean {
	return SOURCE.test(name) && !NOT_WRITTEN.test(name);
}
