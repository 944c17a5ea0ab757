// What the benchmarks need beyond `npm ci` of the root, installed when it is first asked for.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";

const mtime = (path) => (existsSync(path) ? statSync(path).mtimeMs : -1);

/** Whether a folder's packages are installed, and not older than its lock file. */
export function installed(folder) {
	return mtime(`${folder}/node_modules/.package-lock.json`) >= mtime(`${folder}/package-lock.json`);
}

/** `npm ci` in a folder that has its own manifest and lock file, announced by one line. */
export function installFolder(folder, what, report) {
	report(`installing ${what} (npm ci in ${folder}, once)`);
	const npm = process.platform === "win32" ? "npm.cmd" : "npm";
	const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
	const done = spawnSync(npm, args, { cwd: folder, stdio: ["ignore", 2, 2] });
	if (done.status !== 0) throw new Error(`npm ci failed in ${folder}`);
}
