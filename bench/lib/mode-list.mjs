// What there is to run, and which of it this machine can.
import { WORKLOADS } from "../workloads.mjs";
import { preparePeers } from "./mode-table.mjs";

export function run(options, { report }) {
	const { peers } = preparePeers(options, report);
	const wide = Math.max(...Object.keys(WORKLOADS).map((name) => name.length));
	for (const [name, { op }] of Object.entries(WORKLOADS)) {
		const able = peers.filter((peer) => peer.workloads.includes(name)).map((peer) => peer.name);
		console.log(`${name.padEnd(wide)}  ${op}\n${" ".repeat(wide)}  ${able.join(" ") || "(none here)"}`);
	}
}
