// Bytes of live heap for one of each thing, after collections.
import { openEngine } from "./engines.mjs";
import { output } from "./run-peer.mjs";
import { openSnapshot } from "./snapshot.mjs";
import { median } from "./statistics.mjs";

const fileBeside = (main, name) => main.replace(/main\.mjs$/, name);

export async function run(options, { report, progress }) {
	const engine = openEngine(options.engine, ["--expose-gc"]);
	const { main, label } = openSnapshot({ rev: options.rev, report });
	const program = [...engine.command, fileBeside(main, "memory.mjs")];
	const list = async (peer) => (await output([...program, peer, "list"])).split(/\s+/).filter(Boolean);
	const measure = async (peer, thing) => {
		const bytes = [];
		for (let i = 0; i < options.rounds; i++) {
			progress(`${peer} ${thing} ${i + 1}/${options.rounds}`);
			bytes.push(JSON.parse(await output([...program, peer, thing])).bytes);
		}
		return median(bytes);
	};
	const native = new Set(await list("native"));
	const own = await list("yamanote");
	const rows = [];
	for (const thing of [...own, ...[...native].filter((x) => !own.includes(x))]) {
		rows.push({
			thing,
			yamanote: own.includes(thing) ? await measure("yamanote", thing) : undefined,
			native: native.has(thing) ? await measure("native", thing) : undefined,
		});
	}
	progress("");
	if (options.json) {
		for (const row of rows) console.log(JSON.stringify({ memory: row.thing, rev: label, ...row }));
		return;
	}
	const wide = Math.max(...rows.map((row) => row.thing.length));
	const cell = (x) => (x === undefined ? "-" : x.toLocaleString("en-US")).padStart(10);
	console.log(`${"bytes of live heap".padEnd(wide)}  ${"yamanote".padStart(10)}${"native".padStart(10)}`);
	for (const row of rows) console.log(`${row.thing.padEnd(wide)}  ${cell(row.yamanote)}${cell(row.native)}`);
}
