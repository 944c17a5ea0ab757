// One workload of one peer in a fresh process.
import { spawn } from "node:child_process";

const LIMIT_MS = 400_000;

/**
 * Runs a program to its end and gives its standard output.
 *
 * @param {string[]} command
 * @param {{ env?: Record<string, string>, cwd?: string }} [options]
 */
export function output(command, { env, cwd } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command[0], command.slice(1), {
			cwd,
			env: { ...process.env, ...env },
			stdio: ["ignore", "pipe", "pipe"],
			timeout: LIMIT_MS,
		});
		const text = { out: "", err: "" };
		child.stdout.setEncoding("utf8").on("data", (chunk) => (text.out += chunk));
		child.stderr.setEncoding("utf8").on("data", (chunk) => (text.err += chunk));
		child.on("error", reject);
		child.on("close", (code, signal) => {
			if (code === 0) resolve(text.out);
			else reject(new Error(`${command.join(" ")} ended with ${signal ?? code}: ${text.err.trim().slice(0, 2000)}`));
		});
	});
}

/** The result line of one run: what it printed last that is JSON. */
export async function runPeer(peer, workload, { n, reps, env = {} }) {
	const args = [...peer.command.slice(1), workload, ...(n ? [String(n)] : [])];
	const text = await output([peer.command[0], ...args], { env: { REPS: String(reps), ...env } });
	const line = text
		.trim()
		.split("\n")
		.findLast((l) => l.startsWith("{"));
	if (!line) throw new Error(`${peer.name} ${workload} printed no result: ${text.slice(0, 500)}`);
	return JSON.parse(line);
}
