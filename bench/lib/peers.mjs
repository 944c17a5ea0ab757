// The peers: how each is started, what it needs, and how that comes to be there.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installed, installFolder } from "./install.mjs";

const here = fileURLToPath(new URL("../peers/", import.meta.url));

/** @type {Record<string, { kind: "own" | "js" | "rust" | "go" | "python", npm?: true, usual?: true }>} */
export const PEERS = {
	yamanote: { kind: "own" },
	native: { kind: "js", usual: true },
	effect: { kind: "js", npm: true, usual: true },
	effection: { kind: "js", npm: true, usual: true },
	rxjs: { kind: "js", npm: true, usual: true },
	"async-mutex": { kind: "js", npm: true, usual: true },
	"p-limit": { kind: "js", npm: true, usual: true },
	"p-queue": { kind: "js", npm: true, usual: true },
	cockatiel: { kind: "js", npm: true, usual: true },
	piscina: { kind: "js", npm: true, usual: true },
	tinypool: { kind: "js", npm: true, usual: true },
	workerpool: { kind: "js", npm: true, usual: true },
	poolifier: { kind: "js", npm: true, usual: true },
	multithreading: { kind: "js", npm: true, usual: true },
	"tokio-current": { kind: "rust", usual: true },
	go: { kind: "go", usual: true },
	"tokio-multi": { kind: "rust", usual: true },
	asyncio: { kind: "python", usual: true },
	uvloop: { kind: "python", usual: true },
	// variants, run when they are named
	"effect-microtask": { kind: "js", npm: true },
	"native-macrotask": { kind: "js" },
	bare: { kind: "js" },
	"bare-futures": { kind: "js" },
	"rxjs-async": { kind: "js", npm: true },
	rayon: { kind: "rust" },
	"go-1": { kind: "go" },
};

export const DEFAULT_PEERS = Object.keys(PEERS).filter((name) => PEERS[name].usual);

const firstLine = (command, args) => {
	const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
	return status === 0 ? stdout.split("\n", 1)[0] : undefined;
};

/** What a table's reader needs to know beside the name: "effect 4.1.0", "rustc 1.95.0, tokio 1.24.2". */
export function version(name) {
	const { kind, npm } = PEERS[name];
	if (kind === "rust") {
		const lock = `${here}rust/Cargo.lock`;
		const crate = name === "rayon" ? "rayon" : "tokio";
		const found = existsSync(lock) && readFileSync(lock, "utf8").match(`name = "${crate}"\nversion = "(.*)"`);
		return `${firstLine("rustc", ["--version"])?.split(" (", 1)[0]}, ${crate} ${found?.[1] ?? "?"}`;
	}
	if (kind === "go") return firstLine("go", ["version"])?.replace("go version ", "");
	if (kind === "python") return firstLine("/bin/sh", [`${here}python/run`, name, "version"]);
	if (!npm) return undefined;
	const library = name.replace(/-(microtask|async)$/, "");
	return `${library} ${JSON.parse(readFileSync(`${here}js/node_modules/${library}/package.json`, "utf8")).version}`;
}

/** The line of an error's text that says what is wrong: a traceback has it last, a stack first. */
export function reason(text) {
	const lines = text.trim().split("\n");
	return lines.find((line) => /^\w*(Error|error)\b/.test(line)) ?? lines.at(-1);
}

const TOOLS = { rust: "cargo", go: "go", python: "python3" };
const hasTool = (tool) => spawnSync(tool, [tool === "go" ? "version" : "--version"], { stdio: "ignore" }).status === 0;

/**
 * Makes a peer ready and lists its workloads; undefined where this machine cannot run it, with the reason reported.
 *
 * @param {string} name
 * @param {{ command: string[] }} engine how a JavaScript program is started
 * @param {string} ownMain the runner that imports Yamanote
 * @param {(line: string) => void} report
 */
export function prepare(name, engine, ownMain, report) {
	const { kind, npm } = PEERS[name];
	let command;
	if (kind === "own" || kind === "js") {
		if (npm && !installed(`${here}js`)) installFolder(`${here}js`, "the npm packages of the peers", report);
		command = [...engine.command, kind === "own" ? ownMain : `${here}main.mjs`, name];
	} else {
		if (!hasTool(TOOLS[kind])) {
			report(`${name} is left out: there is no ${TOOLS[kind]} here`);
			return undefined;
		}
		command = [`${here}${kind}/run`, name];
	}
	const listed = spawnSync(command[0], [...command.slice(1), "list"], { encoding: "utf8" });
	if (listed.status !== 0) {
		report(`${name} is left out: ${reason(listed.stderr || String(listed.error))}`);
		return undefined;
	}
	const workloads = listed.stdout.split(/\s+/).filter(Boolean);
	if (workloads.length === 0) {
		report(`${name} is left out: it does not run on this engine`);
		return undefined;
	}
	return { name, kind, command, workloads };
}
