/** Locks that are held or waited for very long, and queues that stay full. */
import type { Task } from "../../core/task.ts";
import { allHolds, type Hold, holdsOf, observeHolds } from "../holds.ts";
import { factsOf } from "../reporter.ts";
import { framesAt } from "../site.ts";
import { resourceWords } from "../wait.ts";
import { currentWaits, observeWaits, type Wait } from "../waits.ts";
import { framesAtWait } from "../where.ts";
import type { Detector, Tell } from "./detector.ts";

/** How `diagnose` looks for locks that are held or waited for very long. */
export interface LongWaitOptions {
	/** How long a lock or permit may be waited for, in milliseconds of the host's clock. Default 10,000. */
	readonly waitMs?: number | undefined;
	/** How long a lock may be held by one who has it alone, in milliseconds of the host's clock. Default 10,000. */
	readonly holdMs?: number | undefined;
}

/** How `diagnose` looks for queues that stay full. */
export interface FullQueueOptions {
	/** How long a channel may be at its bound with senders waiting, in milliseconds of the host's clock. Default 10,000. */
	readonly afterMs?: number | undefined;
}

/** What a channel is, for those who do not know its class. */
interface ChanLike {
	readonly queue?: { readonly length: number };
	readonly capacity?: number;
	readonly permits?: number;
	readonly head?: object | null;
}

const MOST_LOOKED_AT = 10_000;

/** @internal */
export function longWait(tell: Tell, options: LongWaitOptions): Detector {
	const { waitMs = 10_000, holdMs = 10_000 } = options;
	checkLimit("longWait.waitMs", waitMs);
	checkLimit("longWait.holdMs", holdMs);
	const stops = [observeWaits(), observeHolds(true)];
	const told = new WeakSet<object>();

	function waited({ future, task, of, since }: Wait, now: number): void {
		const ms = now - since;
		const holders = holdsOf(of);
		tell({
			code: "YAMANOTE_LONG_WAIT",
			message: `${nameOf(task)} has waited ${seconds(ms)} for ${resourceWords(of)}${heldBy(holders, now)}`,
			stack: framesAtWait(task, future),
			task: factsOf(task),
			details: { ms, holders: holders.map((hold) => holderData(hold, now)) },
		});
	}

	function held(hold: Hold, now: number): void {
		const of = hold.of.deref();
		if (of === undefined) return;
		const ms = now - hold.since;
		tell({
			code: "YAMANOTE_LONG_HOLD",
			message: `${nameOf(hold.task)} has held ${resourceWords(of)} for ${seconds(ms)}`,
			stack: framesAt(hold.site),
			task: factsOf(hold.task),
			details: { ms, waiting: [...currentWaits()].filter((wait) => wait.of === of).length },
		});
	}

	return {
		beat(now) {
			let looked = 0;
			for (const wait of currentWaits()) {
				if (now - wait.since < waitMs || ++looked > MOST_LOOKED_AT) break;
				// Permits alone are given back by somebody; a Notify or a channel may rest for as long as it likes.
				if (told.has(wait.future) || isChannel(wait.of) || !("sem" in wait.future)) continue;
				told.add(wait.future);
				waited(wait, now);
			}
			looked = 0;
			for (const hold of allHolds()) {
				if (now - hold.since < holdMs || ++looked > MOST_LOOKED_AT) break;
				if (hold.told || hold.shared) continue;
				hold.told = true;
				held(hold, now);
			}
		},
		close() {
			for (const stop of stops) stop();
		},
	};
}

/** @internal */
export function fullQueue(tell: Tell, options: FullQueueOptions): Detector {
	const { afterMs = 10_000 } = options;
	checkLimit("fullQueue.afterMs", afterMs);
	const stop = observeWaits();
	/** Since when each has been found full at every look. */
	const full = new Map<object, { readonly since: number; told: boolean }>();
	return {
		beat(now) {
			const seen = new Set<object>();
			for (const { future, task, of } of currentWaits()) {
				// A sender waits for the channel's own permits, a receiver for those of its items.
				if (seen.has(of) || !isFull(of) || (future as { sem?: object }).sem !== of) continue;
				seen.add(of);
				const entry = full.get(of) ?? { since: now, told: false };
				full.set(of, entry);
				const ms = now - entry.since;
				if (entry.told || ms < afterMs) continue;
				entry.told = true;
				const { capacity } = of as ChanLike;
				tell({
					code: "YAMANOTE_FULL_QUEUE",
					message: `a channel with a capacity of ${capacity} has been full for ${seconds(ms)}, and ${nameOf(task)} waits to send`,
					stack: framesAtWait(task, future),
					task: factsOf(task),
					details: { ms, capacity },
				});
			}
			for (const of of full.keys()) if (!seen.has(of)) full.delete(of);
		},
		close: stop,
	};
}

function isChannel(of: object): boolean {
	return (of as ChanLike).queue !== undefined && (of as ChanLike).capacity !== undefined;
}

function isFull(of: object): boolean {
	return isChannel(of) && (of as ChanLike).permits === 0 && (of as ChanLike).head !== null;
}

/** @internal */
export function checkLimit(name: string, value: number): void {
	if (!(value > 0)) throw new RangeError(`diagnose: ${name} must be above 0, not ${String(value)}`);
}

/** @internal */
export function nameOf(task: Task | null): string {
	return task === null ? "code outside of tasks" : `task ${task.label()}`;
}

/** @internal */
export function seconds(ms: number): string {
	return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function heldBy(holders: readonly Hold[], now: number): string {
	const [first, ...others] = holders;
	if (first === undefined) return "";
	const more = others.length === 0 ? "" : ` and ${others.length} more`;
	return `, held by ${nameOf(first.task)} for ${seconds(now - first.since)}${more}`;
}

function holderData({ what, task, since, site }: Hold, now: number): object {
	return { what, task: task?.label(), ended: task?.isFinished === true, forMs: now - since, place: framesAt(site)[0] };
}
