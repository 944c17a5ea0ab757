/**
 * What must come of a program in which no two things happen at one time: when it ends and how, and which failures are thrown. A naive interpreter:
 * a child is looked at again for each time at which it might be cancelled.
 */
import type { Node, Program } from "./program.ts";

/** How something ends: with a value; cancelled from outside; with a failure and those that it carries, or with one of the library's own. */
export type End =
	| { readonly kind: "ok" }
	| { readonly kind: "cancelled" }
	| { readonly kind: "failed"; readonly ids: readonly number[]; readonly with: "failure" | "elapsed" | "cancellation" };

export interface Prediction {
	readonly at: number;
	readonly end: End;
	/** Failures that were thrown in it, in whatever it has started. */
	readonly thrown: readonly number[];
}

const OK: End = { kind: "ok" };
const CANCELLED: End = { kind: "cancelled" };

const outcome = (at: number, end: End, parts: readonly Prediction[] = []): Prediction => ({
	at,
	end,
	thrown: parts.flatMap((part) => part.thrown),
});
const failed = (...ids: number[]): End => ({ kind: "failed", ids, with: "failure" });
const latest = (parts: readonly Prediction[], least = 0): number => Math.max(least, ...parts.map((part) => part.at));
const earliest = (parts: readonly Prediction[]): Prediction | undefined => [...parts].sort((a, b) => a.at - b.at)[0];
const isCancelled = (part: Prediction): boolean => part.end.kind === "cancelled";
const isFailed = (part: Prediction): boolean => part.end.kind === "failed";

/** It was decided before, and has ended at `at`; if it was cancelled in between, that is its end. */
const decided = (at: number, end: End, cut: number, parts: readonly Prediction[]): Prediction =>
	outcome(at, at <= cut ? end : CANCELLED, parts);

/** What was predicted already: the same is asked again and again. */
const known = new WeakMap<Node, Map<string, Prediction>>();

/** What becomes of `node`, started at `start` and cancelled at `cut`, which may be never. */
function predictNode(node: Node, start: number, cut: number): Prediction {
	let answers = known.get(node);
	if (answers === undefined) known.set(node, (answers = new Map()));
	const question = `${start} ${cut}`;
	let answer = answers.get(question);
	if (answer === undefined) answers.set(question, (answer = think(node, start, cut)));
	return answer;
}

function think(node: Node, start: number, cut: number): Prediction {
	const { of, ms } = node;
	const first = of[0] as Node;
	switch (node.kind) {
		case "sleep":
		case "event":
			return start + ms <= cut ? outcome(start + ms, OK) : outcome(cut, CANCELLED);
		case "fail":
			if (start + ms > cut) return outcome(cut, CANCELLED);
			return { at: start + ms, end: failed(node.id), thrown: [node.id] };
		case "body":
			return steps(of, node.cleanup, start, cut);
		case "retry":
			return tries(node, start, cut);
		case "join":
		case "joinSettled":
		case "tryJoin":
		case "mapConcurrent":
		case "each":
		case "FuturesUnordered":
		case "JoinSet.joinAll":
		case "JoinSet.joinNext":
			return together(node, start, cut);
		case "race":
		case "select":
			return raced(of, start, cut);
		case "timeout": {
			const part = predictNode(first, start, Math.min(cut, start + ms));
			if (!isCancelled(part) || start + ms > cut || part.at > cut) return part;
			return outcome(part.at, { kind: "failed", ids: [], with: "elapsed" }, [part]);
		}
		case "scope":
			return scoped(node, start, cut);
		case "attempt": {
			const part = predictNode(first, start, cut);
			return isFailed(part) ? outcome(part.at, OK, [part]) : part;
		}
		case "deep":
		case "byRef":
		case "withLimits":
		case "spawn, owned":
			return predictNode(first, start, cut);
		case "spawn":
		case "spawn, for many": {
			const part = predictNode(first, start, Infinity);
			// The task runs on.
			return part.at <= cut ? part : outcome(cut, CANCELLED, [part]);
		}
		case "spawn, aborted": {
			const whole = predictNode(first, start, Infinity);
			if (start + ms > cut) return outcome(cut, CANCELLED, [whole]);
			const part = predictNode(first, start, start + ms);
			const at = Math.max(part.at, start + ms);
			return at <= cut ? outcome(at, OK, [part]) : outcome(cut, CANCELLED, [part]);
		}
		case "spawn, detached":
			if (start + ms > cut) return outcome(cut, CANCELLED);
			return outcome(start + ms, OK, [predictNode(first, start + ms, Infinity)]);
		case "shared": {
			const part = predictNode(first, start, cut);
			// Who waits is gone at once; the cleanup of what they shared goes on by itself.
			return isCancelled(part) ? outcome(cut, CANCELLED, [part]) : part;
		}
		default:
			throw new Error(`nobody can predict ${node.kind}`);
	}
}

function steps(of: readonly Node[], cleanup: Node | null, start: number, cut: number): Prediction {
	const parts: Prediction[] = [];
	let at = start;
	let end = OK;
	for (const step of of) {
		const part = predictNode(step, at, cut);
		parts.push(part);
		({ at, end } = part);
		if (end !== OK) break;
	}
	if (cleanup === null) return outcome(at, end, parts);
	// Cleanup is not cancelled again; and what it ends with hides what was on its way.
	const last = predictNode(cleanup, at, end === CANCELLED ? Infinity : cut);
	parts.push(last);
	return outcome(last.at, end === CANCELLED || last.end === OK ? end : last.end, parts);
}

function tries({ of, ms }: Node, start: number, cut: number): Prediction {
	const parts: Prediction[] = [];
	let at = start;
	for (const [i, one] of of.entries()) {
		const part = predictNode(one, at, cut);
		parts.push(part);
		const { end } = part;
		const again = end.kind === "failed" && end.with !== "cancellation" && i < of.length - 1;
		if (!again) return outcome(part.at, end, parts);
		at = part.at + ms;
		if (at > cut) return outcome(cut, CANCELLED, parts);
	}
	throw new Error("there is no try");
}

function raced(of: readonly Node[], start: number, cut: number): Prediction {
	const alone = of.map((one) => predictNode(one, start, cut));
	const winner = earliest(alone.filter((part) => !isCancelled(part)));
	if (winner === undefined) return outcome(latest(alone), CANCELLED, alone);
	const parts = of.map((one) => predictNode(one, start, Math.min(cut, winner.at)));
	return decided(latest(parts), winner.end, cut, parts);
}

/** Those that take many, some at a time. */
function together(node: Node, start: number, cut: number): Prediction {
	const { kind, of } = node;
	const limit = node.n === 0 || kind === "JoinSet.joinNext" ? of.length : node.n;
	const goesOn = kind === "join" || kind === "joinSettled" || kind === "JoinSet.joinNext";
	const started: { readonly node: Node; readonly at: number; readonly part: Prediction }[] = [];
	let running: Prediction[] = [];
	let now = start;
	const fill = (): void => {
		while (running.length < limit && started.length < of.length) {
			const next = of[started.length] as Node;
			const part = predictNode(next, now, cut);
			started.push({ node: next, at: now, part });
			running.push(part);
		}
	};
	const ids: number[] = [];
	let first: End | null = null;
	for (fill(); ; fill()) {
		// Who is cancelled makes no room.
		const done = earliest(running.filter((part) => !isCancelled(part)));
		if (done === undefined) break;
		running = running.filter((part) => part !== done);
		now = done.at;
		if (done.end.kind !== "failed") continue;
		first ??= done.end;
		ids.push(...done.end.ids);
		if (goesOn) continue;
		const parts = started.map((one) => predictNode(one.node, one.at, Math.min(cut, now)));
		return decided(latest(parts), first, cut, parts);
	}
	const parts = started.map((one) => one.part);
	const at = latest(parts);
	if (running.length > 0) return outcome(at, CANCELLED, parts);
	if (first === null || kind !== "join") return outcome(at, OK, parts);
	return outcome(at, { ...first, ids } as End, parts);
}

function scoped({ of, ms }: Node, start: number, cut: number): Prediction {
	// It cancels itself by a child that sleeps so long, and which it waits for.
	const own = ms > 0 ? start + ms : Infinity;
	const limit = Math.min(cut, own);
	const failure = earliest(of.map((one) => predictNode(one, start, limit)).filter(isFailed));
	const stop = Math.min(limit, failure?.at ?? Infinity);
	const parts = of.map((one) => predictNode(one, start, stop));
	const at = latest(parts, Math.max(start, Number.isFinite(own) ? Math.min(own, stop) : 0));
	if (failure !== undefined && failure.at <= limit) return decided(at, failure.end, cut, parts);
	if (own < Infinity && own <= cut) return decided(at, { kind: "failed", ids: [], with: "cancellation" }, cut, parts);
	if (own < Infinity || parts.some(isCancelled)) return outcome(at, CANCELLED, parts);
	return decided(at, OK, cut, parts);
}

/** What comes of its only task. */
export function predict({ roots, abort }: Program): Prediction {
	// Timers round up.
	return predictNode(roots[0] as Node, 0, abort === null ? Infinity : Math.ceil(abort.ms));
}
