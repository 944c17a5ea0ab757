/** A few items that are known to be quick are not worth a message to another thread: they are done in place, by the caller. */
import { delegate } from "../../core/delegate.ts";
import { sendClone } from "../check-send.ts";
import { type ChunkDone, runChunk } from "./chunk-work.ts";
import type { Pace } from "./chunking.ts";
import { isPrimitive } from "./common.ts";
import type { Items } from "./items.ts";
import type { Plan } from "./plan.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/** So long the caller may be held up, instead of waiting for a thread. */
const IN_PLACE_US = 50;
/** More than that only if the items are slower than they were before: then threads take over. */
const IN_PLACE_MS = 0.2;
/** A function whose items were all quick, and that many, is believed to be quick. */
const ENOUGH_SEEN = 500;
const QUICK_US = 200;

/** @internal Whether asking a thread would take longer than doing it. */
export function isSmall({ inPlace, chunk, whole, args, begin }: Plan, items: Items, pace: Pace): boolean {
	const { us, waits, seen, slowest } = pace;
	if (!inPlace || chunk > 0 || waits || seen < ENOUGH_SEEN || items.n * us > IN_PLACE_US || items.n === 0) return false;
	if (!whole && slowest > QUICK_US) return false;
	return items.isPlain && args.every(isPrimitive) && (begin === null || isPrimitive(begin[0]));
}

/** @internal Does them: all of them, or those that can be done in time. */
export function small(plan: Plan, items: Items): ChunkDone | Generator<unknown, ChunkDone> {
	const made = local(plan, items, IN_PLACE_MS);
	return Array.isArray(made) ? owned(made) : late(made);
}

/** @internal Runs over all items here, for so long. */
export function local(plan: Plan, items: Items, limitMs: number): ChunkDone | Generator<unknown, ChunkDone> {
	return runChunk(plan.fn.local as AnyFunction, plan, items, 0, items.n, limitMs, plan.begin);
}

/** What a thread gives belongs to the caller alone, and so does this. */
function owned(done: ChunkDone): ChunkDone {
	const payload = done[4];
	if (!(payload instanceof Float64Array || isPrimitive(payload))) done[4] = sendClone(payload);
	return done;
}

function* late(made: Generator<unknown, ChunkDone>): Generator<unknown, ChunkDone> {
	return owned((yield* delegate(made)) as ChunkDone);
}
