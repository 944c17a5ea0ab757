// Result lines as text: a row for each workload, a column for each peer.
import { WORKLOADS } from "../workloads.mjs";
import { disturbed } from "./interleave.mjs";
import { meanRatio, ratio, spread, verdict } from "./statistics.mjs";

const OWN = "yamanote";
const ALS = "+als";

/** The column that a column is compared with: with a store active like with like. */
const ownLabel = (label) => (label.endsWith(ALS) ? OWN + ALS : OWN);
const isOwn = (label) => label === ownLabel(label);
const find = (results, label) => results.find((r) => r.peer === label);

/** 1234567 as "1.23M", 45.678 as "45.7": three significant digits at least. */
export function number(x) {
	if (x >= 1e6) return `${(x / 1e6).toFixed(2)}M`;
	if (x >= 100) return Math.round(x).toLocaleString("en-US");
	return x.toPrecision(3);
}

const times = (x) => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x >= 0.1 ? x.toFixed(2) : x.toPrecision(2));

/** Yamanote's figure over the peer's, with its interval and what may be said of it. */
export function compare(own, peer) {
	if (!own?.rounds || !peer?.rounds) return undefined;
	const rounds = Math.min(own.rounds.length, peer.rounds.length);
	const r = ratio(own.rounds.slice(0, rounds), peer.rounds.slice(0, rounds));
	return { ...r, verdict: verdict(r) };
}

/** The result lines with the ratio of Yamanote's figure to each peer's. */
export function withRatios(results) {
	return results.map((r) => {
		const c = isOwn(r.peer) ? undefined : compare(find(results, ownLabel(r.peer)), r);
		if (!c) return r;
		const [ratio, low, high] = [c.value, c.low, c.high].map((x) => Number(x.toPrecision(4)));
		return { ...r, ratio, ratio_low: low, ratio_high: high, verdict: c.verdict ?? "none" };
	});
}

/** Yamanote's own column: the figure and half its range; with a store active, how many times the plain figure. */
function ownCell(result, results) {
	const plain = find(results, OWN);
	const range = result.rounds.length > 1 ? ` ±${(spread(result.rounds) * 100).toFixed(0)}%` : "";
	return result === plain || !plain ? range : `${range} = ${times(compare(result, plain).value)} x plain`;
}

function peerCell(result, own) {
	const c = compare(own, result);
	if (!c) return "";
	const interval = c.rounds > 1 ? ` [${times(c.low)} ${times(c.high)}]` : "";
	return ` | ${times(c.value)}${c.verdict ? "" : "?"}${interval}`;
}

function cell(results, label) {
	const result = find(results, label);
	if (!result) return "-";
	const value = number(result.ns_per_op ?? result.bytes_per_task);
	const star = disturbed(result) ? "*" : "";
	const speedup = result.speedup === undefined ? "" : ` x${result.speedup.toFixed(2)}`;
	const rest = isOwn(label) ? ownCell(result, results) : peerCell(result, find(results, ownLabel(label)));
	return value + star + speedup + rest;
}

const unit = (workload) => (WORKLOADS[workload]?.unit === "bytes" ? " (bytes)" : "");

/** Columns in groups that fit the width, the row names before each. */
function groups(widths, first, width) {
	const out = [[]];
	let used = first;
	for (const [i, w] of widths.entries()) {
		if (used + w + 3 > width && out.at(-1).length > 0) {
			out.push([]);
			used = first;
		}
		out.at(-1).push(i);
		used += w + 3;
	}
	return out;
}

/** Geometric mean of Yamanote's ratios to each peer. */
function means(byWorkload, labels) {
	return labels.map((label) => {
		const ratios = byWorkload
			.map((results) => compare(find(results, ownLabel(label)), find(results, label)))
			.filter((x) => x !== undefined);
		if (isOwn(label) || ratios.length < 2) return "";
		const mean = meanRatio(ratios);
		return `mean ${times(mean.value)}${verdict(mean) ? "" : "?"} of ${ratios.length}`;
	});
}

const LEGEND = `ns an operation (median of the rounds, ± half their range); after the bar Yamanote's figure over the peer's, below 1
is faster, with its 95% interval. ? no verdict: spread larger than difference. * others used the machine meanwhile.`;

/**
 * @param {Map<string, object[]>} resultsByWorkload
 * @param {string[]} labels the columns, in order
 */
export function table(resultsByWorkload, labels, width = 132) {
	const rows = [...resultsByWorkload].filter(([, results]) => results.length > 0);
	const names = ["workload", ...rows.map(([w]) => w + unit(w)), "geometric mean"];
	const shown = labels.filter((label) => rows.some(([, results]) => find(results, label)));
	const means_ = means(
		rows.map(([, results]) => results),
		shown,
	);
	const cells = shown.map((label, i) => [label, ...rows.map(([, results]) => cell(results, label)), means_[i]]);
	const last = means_.some((m) => m !== "") ? names.length : names.length - 1;
	const first = Math.max(...names.map((x) => x.length));
	const widths = cells.map((column) => Math.max(...column.map((x) => x.length)));
	const parts = groups(widths, first, width).map((group) =>
		Array.from({ length: last }, (_, row) =>
			[names[row].padEnd(first), ...group.map((c) => cells[c][row].padStart(widths[c]))].join("   "),
		).join("\n"),
	);
	return `${parts.join("\n\n")}\n\n${LEGEND}`;
}
