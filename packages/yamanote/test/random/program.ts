/**
 * A random program, as data: a tree of bodies, combinators and leaves, which several can read. `build.ts` makes futures of it, `predict.ts` says
 * what must come of it, and `show` prints it.
 */

/** How a body is written, and how it waits. */
export type Style = "generator" | "asyncFn" | "nested asyncFn" | "async, by run" | "async, by await";

/** How something that is shared is waited for. */
export type Way =
	| "yield*"
	| "by await"
	| "by run"
	| "in a timeout"
	| "in a scope"
	| "in a task that is owned"
	| "as its owner";

export type Kind =
	// Leaves.
	| "sleep"
	| "event"
	| "yield"
	| "never"
	| "fail"
	| "handle"
	// Code with steps, and cleanup.
	| "body"
	// What takes many.
	| "join"
	| "tryJoin"
	| "joinSettled"
	| "race"
	| "select"
	| "mapConcurrent"
	| "each"
	| "FuturesUnordered"
	| "JoinSet.joinAll"
	| "JoinSet.joinNext"
	| "retry"
	| "scope"
	// What takes one.
	| "timeout"
	| "attempt"
	| "byRef"
	| "withLimits"
	| "deep"
	| "spawn"
	| "spawn, owned"
	| "spawn, aborted"
	| "spawn, detached"
	| "spawn, for many"
	| "shared";

export interface Node {
	readonly kind: Kind;
	readonly id: number;
	/** Steps of a body, children of a combinator, tries of a `retry`; of a scope its body comes first. */
	readonly of: readonly Node[];
	/** How long it takes; of a combinator: its deadline, its tick, when it cancels. */
	readonly ms: number;
	/** A limit, a number of turns or levels, which handle. */
	readonly n: number;
	readonly style: Style;
	/** How what is shared is waited for, each a branch of `by`. */
	readonly ways: readonly Way[];
	readonly by: "join" | "tryJoin" | "race" | "select" | "mapConcurrent" | "scope" | "JoinSet";
	/** What the `finally` of a body waits for. */
	readonly cleanup: Node | null;
}

export interface Program {
	/** Tasks that several wait for. */
	readonly handles: readonly Node[];
	/** Tasks that are aborted. */
	readonly roots: readonly Node[];
	/** When they are aborted: so late, and so many turns later. */
	readonly abort: { readonly ms: number; readonly turns: number } | null;
}

/** All nodes of a tree. */
export function* nodesOf(node: Node): Generator<Node> {
	yield node;
	for (const child of node.of) yield* nodesOf(child);
	if (node.cleanup !== null) yield* nodesOf(node.cleanup);
}

/** In a form to read: one node a line, its children indented. */
export function show({ handles, roots, abort }: Program): string {
	const lines: string[] = [];
	const put = (node: Node, indent: string, label: string): void => {
		lines.push(`${indent}${label}${line(node)}`);
		for (const child of node.of) put(child, `${indent}  `, "");
		if (node.cleanup !== null) put(node.cleanup, `${indent}  `, "finally ");
	};
	handles.forEach((node, i) => {
		put(node, "", `handle ${i}: `);
	});
	roots.forEach((node, i) => {
		put(node, "", `task ${i}: `);
	});
	if (abort !== null) lines.push(`aborted after ${abort.ms} ms and ${abort.turns} turns`);
	return lines.join("\n");
}

function line({ kind, id, ms, n, style, ways, by }: Node): string {
	const parts = [`${kind} #${id}`];
	if (kind === "body" || kind === "scope") parts.push(style);
	if (ms > 0) parts.push(`${ms} ms`);
	if (n > 0 || kind === "handle") parts.push(`n=${n}`);
	if (ways.length > 0) parts.push(`${kind === "handle" ? "" : `${by} of `}${ways.join(", ")}`);
	return parts.join(" ");
}
