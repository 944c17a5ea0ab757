/** Makes a program that fails smaller, as long as it fails in the same way. */
import type { Node, Program } from "./program.ts";

function* smallerNodes(node: Node): Generator<Node> {
	if (node.kind !== "sleep")
		yield { ...node, kind: "sleep", of: [], cleanup: null, ways: [], n: 0, ms: Math.max(1, node.ms) };
	yield* node.of;
	if (node.of.length > 1)
		for (let i = 0; i < node.of.length; i++) yield { ...node, of: node.of.filter((_, j) => j !== i) };
	if (node.ways.length > 1)
		for (let i = 0; i < node.ways.length; i++) yield { ...node, ways: node.ways.filter((_, j) => j !== i) };
	if (node.cleanup !== null) {
		yield { ...node, cleanup: null };
		for (const cleanup of smallerNodes(node.cleanup)) yield { ...node, cleanup };
	}
	if (node.kind === "scope" && node.ms > 0) yield { ...node, ms: 0 };
	for (const [i, child] of node.of.entries())
		for (const smaller of smallerNodes(child)) yield { ...node, of: node.of.map((x, j) => (i === j ? smaller : x)) };
}

const asBody = (node: Node): Node =>
	node.kind === "body"
		? node
		: {
				kind: "body",
				id: 1_000 + node.id,
				of: [node],
				ms: 0,
				n: 0,
				style: "generator",
				ways: [],
				by: "join",
				cleanup: null,
			};

function* smaller(program: Program): Generator<Program> {
	for (const part of ["roots", "handles"] as const) {
		const nodes = program[part];
		const least = part === "roots" ? 1 : 0;
		// A handle keeps its number: only the last can go.
		for (let i = part === "roots" ? 0 : nodes.length - 1; nodes.length > least && i < nodes.length; i++)
			yield { ...program, [part]: nodes.filter((_, j) => j !== i) };
		for (const [i, node] of nodes.entries())
			for (const one of smallerNodes(node))
				yield { ...program, [part]: nodes.map((x, j) => (i === j ? asBody(one) : x)) };
	}
	if (program.abort !== null) {
		yield { ...program, abort: null };
		if (program.abort.turns > 0) yield { ...program, abort: { ...program.abort, turns: program.abort.turns - 1 } };
	}
}

const size = (program: Program): number => JSON.stringify(program).length;

/** What kind of failure it is: without its numbers. */
export const kindOf = (wrong: readonly string[]): string =>
	wrong[0]?.replace(/#?\d+(\.\d+)?/g, "N").replace(/ at N.*/, " at") ?? "";

/** The smallest that is found within so many runs. */
export async function shrink(
	program: Program,
	check: (program: Program) => Promise<readonly string[]>,
	runs = 3_000,
): Promise<{ readonly program: Program; readonly wrong: readonly string[] }> {
	let best = { program, wrong: await check(program) };
	const kind = kindOf(best.wrong);
	for (let found = true; found && kind !== ""; ) {
		found = false;
		for (const one of smaller(best.program)) {
			if (size(one) >= size(best.program)) continue;
			if (--runs < 0) return best;
			const wrong = await check(one);
			if (!wrong.some((what) => kindOf([what]) === kind)) continue;
			best = { program: one, wrong };
			found = true;
			break;
		}
	}
	return best;
}
