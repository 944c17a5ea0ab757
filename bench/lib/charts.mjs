// The comparison as Vega-Lite specifications. Plain data in and out; mode-charts.mjs draws them.

/** The peers that have most workloads; the others would be a dot each. */
const SHOWN = ["native", "effect", "effection", "rxjs", "tokio-current", "go"];

const COLOURS = {
	yamanote: "#111111",
	native: "#3b7dd8",
	effect: "#c2412d",
	effection: "#e08a1e",
	rxjs: "#b5399f",
	"tokio-current": "#7a5c3e",
	go: "#1a9c8f",
};
const MORE = ["#6b7280", "#84a729", "#7c5cc4", "#d3597a"];

const AXIS = { labelLimit: 220, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", gridColor: "#e5e7eb" };
const CONFIG = {
	font: "system-ui, sans-serif",
	background: "white",
	axis: AXIS,
	legend: { symbolOpacity: 1, labelFontSize: 12, title: null, orient: "top", columns: 7 },
	title: { fontSize: 14, anchor: "start", offset: 12 },
	view: { stroke: null },
};

/** The peers of these lines that a chart shows: the usual ones, or all where few were measured. */
export function shownPeers(lines) {
	const measured = [...new Set(lines.map((line) => line.peer))].filter((peer) => peer !== "yamanote");
	return measured.length <= SHOWN.length ? measured : measured.filter((peer) => SHOWN.includes(peer));
}

function colours(peers) {
	const spare = [...MORE];
	return { domain: peers, range: peers.map((peer) => COLOURS[peer] ?? spare.shift() ?? "#9ca3af") };
}

const timed = (line) => typeof line.ns_per_op === "number";

const byWorkload = (lines) => ({
	field: "workload",
	type: "nominal",
	title: null,
	sort: [...new Set(lines.map((line) => line.workload))],
});

/** How many times Yamanote's time each peer takes, with the interval; at the line both take the same. */
export function ratioChart(lines, title) {
	const peers = shownPeers(lines);
	const values = lines
		.filter((line) => timed(line) && peers.includes(line.peer) && line.ratio !== undefined)
		.map((line) => ({
			workload: line.workload,
			peer: line.peer,
			times: 1 / line.ratio,
			low: 1 / line.ratio_high,
			high: 1 / line.ratio_low,
		}));
	const x = { type: "quantitative", scale: { type: "log" }, axis: { format: "~r", tickCount: 6 } };
	const y = byWorkload(values);
	const color = { field: "peer", type: "nominal", scale: colours(peers), sort: peers };
	return {
		width: 620,
		height: { step: 24 },
		title,
		config: CONFIG,
		data: { values },
		layer: [
			{
				data: { values: [{ same: 1 }] },
				mark: { type: "rule", color: "#111111" },
				encoding: { x: { field: "same", ...x } },
			},
			{
				mark: { type: "rule", strokeWidth: 2, opacity: 0.5 },
				encoding: { x: { field: "low", ...x }, x2: { field: "high" }, y, color },
			},
			{
				mark: { type: "point", filled: true, size: 70, opacity: 1 },
				encoding: {
					x: { field: "times", ...x, title: "times Yamanote's time (log scale): right of the line the peer is slower" },
					y,
					color,
				},
			},
		],
	};
}

/** Nanoseconds as a person reads them. */
const UNITS = `datum.value >= 1e6 ? format(datum.value / 1e6, "~r") + " ms"
	: datum.value >= 1e3 ? format(datum.value / 1e3, "~r") + " µs" : format(datum.value, "~r") + " ns"`;

/** Time an operation, Yamanote among the peers. */
export function timeChart(lines, title) {
	const peers = ["yamanote", ...shownPeers(lines)];
	const values = lines
		.filter((line) => timed(line) && peers.includes(line.peer))
		.map(({ workload, peer, ns_per_op }) => ({ workload, peer, ns: ns_per_op }));
	return {
		width: 620,
		height: { step: 24 },
		title,
		config: CONFIG,
		data: { values },
		mark: { type: "point", filled: true, size: 70, opacity: 0.9 },
		encoding: {
			x: {
				field: "ns",
				type: "quantitative",
				scale: { type: "log" },
				axis: { tickCount: 8, labelExpr: UNITS },
				title: "time an operation (log scale)",
			},
			y: byWorkload(values),
			color: { field: "peer", type: "nominal", scale: colours(peers), sort: peers },
			shape: {
				condition: { test: "datum.peer === 'yamanote'", value: "diamond" },
				value: "circle",
			},
		},
	};
}
