/**
 * Futures that were made and never polled: calls whose `yield*` was forgotten.
 *
 * A stack for each future would cost more than the futures, so a few hundred a second are looked at. These are kept for a moment, by which
 * time nearly all have been polled. Each of the few others is told when it is collected, unless it has been used by then; each use marks it.
 *
 * Some calls make several futures, of which not all are polled (`timeout` and its `sleep`): those that one line has made in a row stand or fall
 * together.
 */
import { runningTask, S } from "../../core/shared.ts";
import type { Task } from "../../core/task.ts";
import { type DumpFrame, framesOf, frameText } from "../frames.ts";
import { type Observer, observe } from "../observe.ts";
import { factsOf, type TaskFacts } from "../reporter.ts";
import { type Site, siteBelow } from "../site.ts";
import { branchesOf } from "../wait.ts";
import type { Detector, Tell } from "./detector.ts";
import { checkLimit } from "./waits.ts";

/** How `diagnose` looks for futures that are never polled. */
export interface NeverPolledOptions {
	/** The most futures that are looked at in a second. Default 200: about a thousandth of the time. */
	readonly perSecond?: number | undefined;
}

interface Young {
	readonly future: Made;
	readonly site: Site;
	readonly task: Task | null;
}

/** A future that was not polled soon. Those of one call share `call`. */
interface Suspect {
	readonly call: { used: boolean };
	readonly stack: readonly DumpFrame[];
	readonly task: TaskFacts | undefined;
	readonly kind: string;
	told: boolean;
}

/** What is looked at of a future. */
interface Made {
	readonly owner?: unknown;
	poll(cx: never): unknown;
	next(): unknown;
	return(value?: unknown): unknown;
	asRoot(driver: never): void;
}

/** A burst may be so large. */
const BURST_SECONDS = 0.5;
/** How many neighbours may come of the same call. */
const NEIGHBOURS = 4;
/** Combinators inside of combinators. */
const DEEPEST = 5;

/** Those that were used: one that is polled by hand has no owner. */
const seenUsed = new WeakSet<object>();
/** What is told of the first use of a future under suspicion: several may have called `diagnose`. */
const suspected = new WeakMap<object, (() => void)[]>();

/** Stands in for `poll` of a future that is looked at. */
function poll(this: Made, cx: never): unknown {
	seenUsed.add(this);
	return (Object.getPrototypeOf(this) as Made).poll.call(this, cx);
}

/** @internal */
export function neverPolled(tell: Tell, options: NeverPolledOptions): Detector {
	const { perSecond = 200 } = options;
	checkLimit("neverPolled.perSecond", perSecond);
	const burst = Math.ceil(perSecond * BURST_SECONDS);
	let allowance = burst;
	let young: Young[] = [];
	let last = 0;
	const suspects = new Set<Suspect>();
	const registry =
		typeof FinalizationRegistry === "undefined" ? undefined : new FinalizationRegistry<Suspect>((s) => report(s));

	function report(suspect: Suspect): void {
		if (!suspects.delete(suspect) || suspect.call.used || suspect.told) return;
		const { stack, task, kind } = suspect;
		// What else the call has made goes without saying.
		suspect.call.used = true;
		const by = task === undefined ? "" : ` in task ${task.task}`;
		tell({
			code: "YAMANOTE_NEVER_POLLED",
			message: `${kind === "FnFuture" ? "the call of an asyncFn" : "a future"}${by} was never polled: it ran nothing`,
			stack,
			task,
			details: { kind },
		});
	}

	/** Puts those that were not polled under suspicion. */
	function sweep(): void {
		const all = young;
		young = [];
		for (const { future } of all) if (wasUsed(future)) markBranches(future);
		all.forEach(({ future, site, task }, i) => {
			if (wasUsed(future)) return;
			const stack = framesAt(site);
			// Made by the library for itself.
			if (stack.length === 0) return;
			const key = keyOf(stack);
			const family = all
				.slice(Math.max(0, i - NEIGHBOURS), i + NEIGHBOURS + 1)
				.filter((other) => keyOf(framesAt(other.site)) === key);
			if (family.some((other) => wasUsed(other.future))) return;
			suspect(future, stack, task, key);
		});
	}

	let family: { readonly key: string; readonly call: { used: boolean }; readonly at: number } | null = null;
	let at = 0;

	function suspect(future: Made, stack: readonly DumpFrame[], task: Task | null, key: string): void {
		at++;
		const call = family !== null && family.key === key && at - family.at <= NEIGHBOURS ? family.call : { used: false };
		family = { key, call, at };
		const found: Suspect = { call, stack, task: factsOf(task), kind: future.constructor.name, told: false };
		suspects.add(found);
		registry?.register(future, found);
		watchUse(future, () => {
			call.used = true;
			suspects.delete(found);
		});
	}

	const made: Observer = {
		created: function created(made) {
			const future = made as unknown as Made;
			(future as { poll: unknown }).poll = poll;
			young.push({ future, site: siteBelow(created), task: runningTask() });
			// Until the next beat nobody is looked at, and nothing is paid.
			if (--allowance > 0) return;
			stop?.();
			stop = null;
		},
	};
	let stop: (() => void) | null = observe(made);
	return {
		beat(now) {
			allowance = Math.min(burst, allowance + Math.ceil((perSecond * Math.min(1_000, now - last)) / 1_000));
			last = now;
			stop ??= observe(made);
			if (young.length > 0) sweep();
		},
		exit() {
			sweep();
			// While tasks live, one of them might still have polled it.
			if ([...S.runtimes].some((runtime) => runtime.alive > 0)) return;
			for (const found of [...suspects]) report(found);
		},
		close() {
			stop?.();
			young = [];
			for (const found of suspects) found.told = true;
			suspects.clear();
		},
	};
}

/** Calls `used` at the next use of the future, whatever that is. */
function watchUse(future: Made, used: () => void): void {
	const listeners = suspected.get(future);
	if (listeners !== undefined) {
		listeners.push(used);
		return;
	}
	const marks = [used];
	suspected.set(future, marks);
	const prototype = Object.getPrototypeOf(future) as Made;
	const mark = (): void => {
		seenUsed.add(future);
		for (const listener of marks) listener();
		markBranches(future);
	};
	// Own properties go before those of the class.
	Object.assign(future, {
		poll(cx: never) {
			mark();
			return prototype.poll.call(future, cx);
		},
		next() {
			mark();
			return prototype.next.call(future);
		},
		return(value?: unknown) {
			mark();
			return prototype.return.call(future, value);
		},
		asRoot(driver: never) {
			mark();
			prototype.asRoot.call(future, driver);
		},
	});
}

/** What was given to a combinator is used with it: one that is cancelled before it begins polls none of its branches. */
function markBranches(future: object, depth = 0): void {
	if (depth > DEEPEST) return;
	for (const { root } of branchesOf(future)) {
		if (typeof root !== "object" || root === null) continue;
		seenUsed.add(root);
		for (const listener of suspected.get(root) ?? []) listener();
		markBranches(root, depth + 1);
	}
}

function wasUsed(future: Made): boolean {
	const replaced = future.poll !== poll && !suspected.has(future);
	return future.owner !== undefined || seenUsed.has(future) || replaced || isThing(future);
}

/** Something that one may have without waiting for it: the receiving end of a `oneshot`, a `Notified` that was enabled. */
function isThing(future: object): boolean {
	return Symbol.asyncIterator in future || "enable" in future;
}

function framesAt(site: Site): readonly DumpFrame[] {
	return site.stack === undefined ? [] : framesOf(site.stack);
}

/** The call: two frames, so that a helper's callers are told apart. */
function keyOf(stack: readonly DumpFrame[]): string {
	return stack.slice(0, 2).map(frameText).join();
}
