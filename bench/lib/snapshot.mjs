// A built copy of the package, beside a copy of the bench programs that import it by name. What is measured cannot
// change while it is measured, and several commits can be measured side by side.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "./usage.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const bench = join(root, "bench");

/** Where built things are kept between runs. */
export const cache = process.env.BENCH_CACHE ?? join(homedir(), ".cache", "yamanote-bench");
const KEEP = 12;

const git = (...args) => execFileSync("git", ["-C", root, ...args], { encoding: "utf8", maxBuffer: 2 ** 28 });

/** The commit of a name; only of one that is known, since all that is asked of it later would fail with less of a message. */
function commitOf(rev) {
	const args = ["-C", root, "rev-parse", "--verify", "--quiet", `${rev}^{commit}`];
	const { status, stdout } = spawnSync("git", args, { encoding: "utf8" });
	if (status !== 0) throw new UsageError(`no commit "${rev}" here`);
	return stdout.trim();
}

/** What a build of the package reads. */
const SOURCES = ["packages/yamanote/src", "packages/yamanote/package.json", "packages/yamanote/tsconfig.build.json"];
const isRootConfig = (name) => /^tsconfig.*\.json$/.test(name);

function files(path) {
	if (!statSync(join(root, path)).isDirectory()) return [path];
	return readdirSync(join(root, path))
		.sort()
		.flatMap((name) => files(`${path}/${name}`));
}

/** Lays the sources of the work tree into `to`. */
function copyWorkTree(to) {
	const paths = [...SOURCES, ...readdirSync(root).filter(isRootConfig)];
	for (const path of paths) cpSync(join(root, path), join(to, path), { recursive: true });
}

/** Lays the sources of a commit into `to`. */
function copyCommit(rev, to) {
	const configs = git("ls-tree", "--name-only", rev).split("\n").filter(isRootConfig);
	const tar = execFileSync("git", ["-C", root, "archive", rev, ...SOURCES, ...configs], { maxBuffer: 2 ** 28 });
	execFileSync("tar", ["-x", "-C", to], { input: tar });
}

/** Type errors are reported and do not stand in the way: what is measured is what tsc wrote. */
function compile(folder, report) {
	symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
	const tsc = join(root, "node_modules/typescript/bin/tsc");
	const args = [tsc, "-p", join(folder, "packages/yamanote/tsconfig.build.json")];
	const done = spawnSync(process.execPath, args, { encoding: "utf8" });
	rmSync(join(folder, "node_modules"));
	if (done.status === 0) return;
	const errors = `${done.stdout}${done.stderr}`.replaceAll(`${folder}/`, "").trim();
	if (!existsSync(join(folder, "packages/yamanote/dist/index.js"))) throw new Error(`the build failed:\n${errors}`);
	report(`measured in spite of type errors, such as: ${errors.split("\n", 1)[0]}`);
}

/** The oldest built copies go, a dozen stay. */
function prune(folder) {
	const builds = readdirSync(folder).filter((name) => !name.startsWith("."));
	const byAge = builds.sort((a, b) => statSync(join(folder, b)).mtimeMs - statSync(join(folder, a)).mtimeMs);
	for (const name of byAge.slice(KEEP)) rmSync(join(folder, name), { recursive: true, force: true });
}

/**
 * The folder of the built package as it is in the work tree, or was at a commit; built unless an equal one is kept.
 *
 * @param {string | undefined} rev
 * @param {(line: string) => void} report
 */
function build(rev, report) {
	const builds = join(cache, "builds");
	mkdirSync(builds, { recursive: true });
	let key;
	if (rev === undefined) {
		const hash = createHash("sha1");
		for (const path of [...SOURCES.flatMap(files), ...readdirSync(root).filter(isRootConfig)]) {
			hash.update(path).update(readFileSync(join(root, path)));
		}
		key = `tree-${hash.digest("hex").slice(0, 16)}`;
	} else {
		key = commitOf(rev);
	}
	const kept = join(builds, key);
	if (existsSync(kept)) {
		utimesSync(kept, new Date(), new Date());
		return kept;
	}
	report(`building ${rev ?? "the work tree"}`);
	const work = mkdtempSync(join(builds, ".new-"));
	try {
		if (rev === undefined) copyWorkTree(work);
		else copyCommit(rev, work);
		compile(work, report);
		renameSync(work, kept);
	} catch (error) {
		rmSync(work, { recursive: true, force: true });
		if (!existsSync(kept)) throw error; // else another run was first
	}
	prune(builds);
	return kept;
}

/**
 * A folder for one run: the bench programs, and the built package where they find it by name. `main` is the runner.
 *
 * @param {{ rev?: string, report: (line: string) => void }} options
 */
export function openSnapshot({ rev, report }) {
	const built = build(rev, report);
	const folder = mkdtempSync(join(tmpdir(), "yamanote-bench-"));
	process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
	mkdirSync(join(folder, "node_modules"));
	cpSync(join(built, "packages/yamanote"), join(folder, "node_modules/yamanote"), { recursive: true });
	writeFileSync(join(folder, "package.json"), '{"type":"module","private":true}\n');
	cpSync(join(bench, "workloads.mjs"), join(folder, "bench/workloads.mjs"));
	for (const part of ["main.mjs", "memory.mjs", "startup.mjs", "yamanote.mjs", "yamanote", "lib"]) {
		cpSync(join(bench, "peers", part), join(folder, "bench/peers", part), { recursive: true });
	}
	const commit = git("rev-parse", "--short", rev ?? "HEAD").trim();
	const dirty = rev === undefined && git("status", "--porcelain", "--", "packages/yamanote/src").trim() !== "";
	return { folder, main: join(folder, "bench/peers/main.mjs"), label: dirty ? `${commit}+` : commit };
}
