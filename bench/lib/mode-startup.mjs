// What a program pays before its first task has run: import, first task, and the whole process.
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openEngine } from "./engines.mjs";
import { installed, installFolder } from "./install.mjs";
import { output } from "./run-peer.mjs";
import { openSnapshot } from "./snapshot.mjs";
import { median, spread } from "./statistics.mjs";

const PEERS = ["empty", "native", "yamanote", "effect", "effection", "rxjs"];
const ROUNDS = 15;
const js = fileURLToPath(new URL("../peers/js", import.meta.url));

/** Libraries are found from the file that imports them: Yamanote from the snapshot, the others from their folder. */
function programs(main) {
	const beside = main.replace(/main\.mjs$/, "startup.mjs");
	const inFolder = `${js}/node_modules/.startup.mjs`;
	cpSync(beside, inFolder);
	return (peer) => (peer === "yamanote" ? beside : inFolder);
}

export async function run(options, { report, progress }) {
	const engine = openEngine(options.engine);
	if (!installed(js)) installFolder(js, "the npm packages of the peers", report);
	const { main } = openSnapshot({ rev: options.rev, report });
	const program = programs(main);
	const samples = new Map(PEERS.map((peer) => [peer, []]));
	for (let round = -1; round < ROUNDS; round++) {
		for (const peer of PEERS) {
			progress(`${peer} ${round + 1}/${ROUNDS}`);
			const start = performance.now();
			const line = JSON.parse(await output([...engine.command, program(peer), peer]));
			if (round >= 0) samples.get(peer).push({ ...line, process_ms: performance.now() - start }); // the first warms the disk
		}
	}
	progress("");
	const column = (peer, key) => samples.get(peer).map((sample) => sample[key]);
	const keys = ["import_ms", "first_ms", "process_ms"];
	if (options.json) {
		for (const peer of PEERS) {
			console.log(
				JSON.stringify({ startup: peer, ...Object.fromEntries(keys.map((k) => [k, median(column(peer, k))])) }),
			);
		}
		return;
	}
	console.log(`milliseconds  ${["import", "first task", "process"].map((x) => x.padStart(16)).join("")}`);
	for (const peer of PEERS) {
		const cells = keys.map(
			(k) => `${median(column(peer, k)).toFixed(1)} ±${(spread(column(peer, k)) * 100).toFixed(0)}%`,
		);
		console.log(`${peer.padEnd(14)}${cells.map((x) => x.padStart(16)).join("")}`);
	}
}
