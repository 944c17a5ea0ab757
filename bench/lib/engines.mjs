// The engines that run the JavaScript peers: the node on PATH, or one of those below engines/, installed when asked for.
import { executable } from "../../scripts/on-demand.mjs";

/**
 * How a JavaScript program is started on an engine.
 *
 * @param {"node" | "node26" | "bun" | "deno"} name
 * @param {string[]} [flags] for the engine, before the program
 * @returns {{ name: string, command: string[] }}
 */
export function openEngine(name, flags = []) {
	if (name === "node") return { name, command: [process.execPath, ...flags] };
	const binary = executable(name);
	if (name === "deno") return { name, command: [binary, "run", "-A", "--no-lock", "--quiet", ...flags] };
	return { name, command: [binary, ...flags] };
}
