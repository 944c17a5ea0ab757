// Reads what V8 tells of a run: CPU profiles, deoptimisations, collections. Text and objects in, plain data out.

/** A file's name as a reader knows it: without the folders that change from run to run. */
export function place(url) {
	return url
		.replace(/^file:\/\//, "")
		.replace(/^.*\/(?=node_modules\/|bench\/)/, "")
		.replace(/^node_modules\//, "");
}

/**
 * The time in each function itself, the most first.
 *
 * @param profile the parsed .cpuprofile
 */
export function topFunctions({ nodes, samples, timeDeltas }) {
	const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
	const found = new Map();
	let all = 0;
	for (const [i, id] of samples.entries()) {
		const { functionName, url, lineNumber } = byId.get(id);
		if (functionName === "(idle)") continue;
		const where = url ? `${place(url)}:${lineNumber + 1}` : "";
		const key = `${functionName} ${where}`;
		const entry = found.get(key) ?? { name: functionName || "(anonymous)", where, us: 0 };
		entry.us += timeDeltas[i];
		all += timeDeltas[i];
		found.set(key, entry);
	}
	const rows = [...found.values()]
		.map(({ us, ...row }) => ({ ...row, share: us / all }))
		.sort((a, b) => b.share - a.share);
	return { rows, samples: samples.length, seconds: all / 1e6 };
}

/**
 * The bytes that each function itself allocated, the most first.
 *
 * @param {{ head: object }} profile what the engine's heap sampling gave
 */
export function topAllocations({ head }) {
	const found = new Map();
	let all = 0;
	const open = [head];
	while (open.length > 0) {
		const { callFrame, selfSize, children } = open.pop();
		open.push(...children);
		if (selfSize === 0) continue;
		const where = callFrame.url ? `${place(callFrame.url)}:${callFrame.lineNumber + 1}` : "";
		const key = `${callFrame.functionName} ${where}`;
		const entry = found.get(key) ?? { name: callFrame.functionName || "(anonymous)", where, bytes: 0 };
		entry.bytes += selfSize;
		all += selfSize;
		found.set(key, entry);
	}
	return { bytes: all, rows: [...found.values()].sort((a, b) => b.bytes - a.bytes) };
}

const BAILOUT = /^\[bailout \(kind: ([^,]+), reason: ([^)]*)\).*?<JSFunction (.*?) ?\(sfi/;

/**
 * Optimised code that was thrown away, by function and reason, before and after the marker line.
 *
 * @param {string} trace what --trace-deopt wrote
 */
export function deopts(trace, marker) {
	const rows = new Map();
	let timed = false;
	let total = 0;
	for (const line of trace.split("\n")) {
		if (line === marker) timed = true;
		const [, kind, reason, name] = BAILOUT.exec(line) ?? [];
		if (kind === undefined) continue;
		total++;
		if (!timed) continue;
		const key = `${name} ${kind} ${reason}`;
		const row = rows.get(key) ?? { name: name || "(anonymous)", kind, reason, count: 0 };
		row.count++;
		rows.set(key, row);
	}
	const sorted = [...rows.values()].sort((a, b) => b.count - a.count);
	return { total, timed: sorted.reduce((sum, row) => sum + row.count, 0), rows: sorted };
}

const COLLECTION =
	/(\d+) ms: (Scavenge|Mark-Compact|Minor Mark-Compact)[^\d]*([\d.]+) \([\d.]+\) -> ([\d.]+) \([\d.]+\) MB, (?:pooled: [\d.]+ MB, )?([\d.]+) \//;

/**
 * What the collector did between two moments.
 *
 * @param {string} trace what --trace-gc wrote
 * @param {[number, number]} between milliseconds since the start of the process
 */
export function garbage(trace, [from, to]) {
	const none = () => ({ count: 0, ms: 0, longest: 0, freedMb: 0 });
	const out = { young: none(), full: none() };
	for (const line of trace.split("\n")) {
		const match = COLLECTION.exec(line);
		if (!match) continue;
		const [at, before, after, ms] = [match[1], match[3], match[4], match[5]].map(Number);
		if (at < from || at > to) continue;
		const kind = match[2] === "Mark-Compact" ? out.full : out.young;
		kind.count++;
		kind.ms += ms;
		kind.longest = Math.max(kind.longest, ms);
		kind.freedMb += before - after;
	}
	return { ...out, share: (out.young.ms + out.full.ms) / (to - from) };
}
