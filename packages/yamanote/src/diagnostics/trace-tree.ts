/**
 * Where a driver is suspended: its frames from the innermost to its root, the future at which it stopped, and the same for the branches of
 * that future. By trace polls: no line of the user's code runs.
 */
import type { Driver, Frame } from "../core/driver.ts";
import { runningTask, S } from "../core/shared.ts";
import { visible } from "../core/stack-lines.ts";
import { pollsOf, type Task } from "../core/task.ts";
import { stackBelow, TRACER, traceOf } from "../core/trace.ts";
import { type DumpFrame, framesOf } from "./frames.ts";
import { branchesOf } from "./wait.ts";

/** @internal */
export interface TraceTree {
	/** The branch's name in its combinator, if it has one. */
	readonly label: string;
	readonly frames: DumpFrame[];
	/** The future that it waits for; null if that is not known. */
	readonly leaf: object | null;
	readonly branches: TraceTree[];
}

const MOST_FRAMES = 100;
const MOST_BRANCHES = 100;
const DEEPEST = 20;

/**
 * Traces a suspended driver. One that is on the stack, or has not begun, has no trace.
 *
 * @param begun - it has begun, and so has the only branch of what it waits for, and so on: what is woken may not have
 * @internal
 */
export function traceTree(d: Driver, label = "", depth = 0, begun = false): TraceTree {
	const tree: TraceTree & { leaf: object | null } = { label, frames: [], leaf: null, branches: [] };
	if (isOnStack(d) || !(begun || hasBegun(d))) return tree;
	tree.leaf = traceFrames(d, tree.frames);
	if (depth >= DEEPEST) return tree;
	const branches: Driver[] = [];
	for (const branch of branchesOf(tree.leaf)) if (branches.push(branch) >= MOST_BRANCHES) break;
	const [only, another] = branches;
	if (only !== undefined && another === undefined)
		tree.branches.push(traceTree(only, labelOf(only, 0), depth + 1, begun));
	else branches.forEach((b, i) => void tree.branches.push(traceTree(b, labelOf(b, i), depth + 1)));
	return tree;
}

/**
 * Where the code on the stack stands: the lines of its own stack, above `below`, then its callers that are suspended.
 *
 * @internal
 */
export function runningFrames(below: (...args: never[]) => unknown): DumpFrame[] {
	const lines = stackBelow(below, MOST_FRAMES).split("\n");
	const shown = visible(lines);
	// In a page only generators are known as the user's, and what called `below` from one, directly or not.
	const called = lines.slice(0, shown[0] === undefined ? 1 : lines.indexOf(shown[0]));
	const frames = framesOf([...called, ...shown].join("\n"));
	// Those that are on the stack themselves cannot be traced, and are there already.
	if (S.current !== null) traceFrames(S.current, frames, S.frame);
	return frames;
}

function labelOf(branch: Driver, index: number): string {
	const { label, index: place } = branch as { readonly label?: string | number; readonly index?: number };
	return String(label ?? place ?? index);
}

function traceFrames(d: Driver, frames: DumpFrame[], top: Frame | null = d.top): object | null {
	let leaf: object | null = null;
	let last: Frame | null = null;
	for (let f = top; f !== null && frames.length < MOST_FRAMES; f = f.parent) {
		const traced = trace(f.value as Iterator<unknown, unknown>, frames);
		leaf ??= traced;
		last = f;
	}
	// A bare generator below the frames, or a root without any; a frame that is the root itself is done already.
	if (last === null || (last as unknown) !== d.root) {
		const traced = trace(d.root, frames);
		leaf ??= traced;
	}
	return leaf;
}

/** Adds the frames of one generator, or future, and gives the future that it stopped at. */
function trace(it: Iterator<unknown, unknown>, frames: DumpFrame[]): object | null {
	const tracer = TRACER as { stacks?: string[]; leaves?: object[] };
	const { stacks, leaves } = tracer;
	try {
		frames.push(...framesOf(traceOf(it)));
		return tracer.leaves?.[0] ?? null;
	} catch {
		// A foreign iterator, or a generator that runs: there is nothing to be seen.
		return null;
	} finally {
		// A foreign iterator that is traced may itself ask for a dump.
		tracer.stacks = stacks as string[];
		tracer.leaves = leaves as object[];
	}
}

function isOnStack(d: Driver): boolean {
	return d === S.current || (d as unknown) === runningTask();
}

/** A bare generator that has not begun would begin by a trace. */
function hasBegun(d: Driver): boolean {
	if (d.top !== null || Object.prototype.toString.call(d.root) !== "[object Generator]") return true;
	const { woken } = d as { readonly woken?: boolean };
	return woken === undefined ? pollsOf(d as Task) > 0 : !woken;
}
