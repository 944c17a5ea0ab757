/** A function of a worker as a thread calls it for chunks of items. */
import { delegate } from "../../core/delegate.ts";
import { hostNow } from "../../core/host.ts";
import { unpackValue } from "../codec/pack.ts";
import { isAborted, othersWait } from "../thread-state.ts";
import { type ChunkDone, listSource, rangeSource, runChunk, type Source } from "./chunk-work.ts";
import { allHaveLeave, beginTaking, type Claims, claim, giveBack, leave, makeRoom, unclaimed } from "./claims.ts";
import { merged, type Segment } from "./combine.ts";
import type { Common, SentCommon } from "./common.ts";
import { LONGEST_MS, paced } from "./sizing.ts";

/**
 * What a chunk is sent with: where it begins and ends, how long it may take in milliseconds; first item and step of a range, or the items
 * themselves, or nothing where they are shared; and what a fold begins with, in the first chunk. Leave to take items has no beginning; in
 * place of the end it says how many microseconds an item takes, and in place of the limit after how long it tells what it has done: 0, when
 * others wait for the thread.
 */
export type ChunkArgs = readonly [
	from: number | null,
	to: number,
	limitMs: number,
	first?: number | ArrayLike<unknown> | null,
	step?: number | null,
	begin?: readonly [unknown] | null,
];

/**
 * What came of a call: how many items are done, in how many microseconds, how many of these one item may have taken, whether they waited, what
 * came of the items from a place on; and from where to where they were not done after all.
 */
export type Report = [
	done: number,
	micros: number,
	slowest: number,
	waited: boolean,
	segments: Segment[],
	backFrom: number,
	backTo: number,
];

type AnyFunction = (...args: unknown[]) => unknown;

/** So much for each thread is worth calling others in. */
const CALL_MS = 1;

/** @internal */
export function overChunks(f: AnyFunction, sent: SentCommon): AnyFunction {
	const common: Common = { ...sent, args: sent.args === null ? [] : (unpackValue(sent.args) as unknown[]) };
	const over = (...[from, to, limitMs, first, step, begin = null]: ChunkArgs): unknown => {
		const source =
			common.data !== null
				? listSource(common.data, 0, common.copied)
				: typeof first === "number"
					? rangeSource(first, step as number)
					: listSource(first as ArrayLike<unknown>, from as number, false);
		const { claims } = common;
		if (from === null && claims !== null) return take(f, common, claims, source, to, limitMs, begin);
		const made = runChunk(f, common, source, from as number, to, limitMs, begin);
		return Array.isArray(made) ? report(made, from as number, to) : later(made, from as number, to);
	};
	return over as AnyFunction;
}

/** @internal Of one chunk. */
export function report([n, micros, slowest, waited, payload]: ChunkDone, from: number, to: number): Report {
	return [n, micros, slowest, waited, [[from, payload]], from + n, to];
}

/** @internal Of a chunk whose items wait. */
export function* later(made: Generator<unknown, ChunkDone>, from: number, to: number): Generator<unknown, Report> {
	return report((yield* delegate(made)) as ChunkDone, from, to);
}

/**
 * Takes items, and does them, until there are none, or others are wanted for them, or wait for the thread. If one throws the operation is over,
 * and nobody counts who has leave. So there is no `finally` around the items: within a `try` V8 compiles a loop of the function worse.
 */
function take(
	f: AnyFunction,
	common: Common,
	claims: Claims,
	source: Source,
	us: number,
	tellMs: number,
	begin: readonly [unknown] | null,
): Report | Generator<unknown, Report> {
	const all = new Done(common.op);
	const until = hostNow() + (tellMs || LONGEST_MS);
	let looks = beginTaking(claims);
	for (let pace = us; ; looks = false) {
		const taken = claim(claims, pace, looks);
		if (taken === null) break;
		const { from, items, limitMs } = taken;
		const to = from + items;
		const made = runChunk(f, common, source, from, to, limitMs, from === 0 ? begin : null);
		if (!Array.isArray(made)) {
			leave(claims);
			return all.later(made, from, to);
		}
		const [n, micros] = made;
		const isBack = n < items && giveBack(claims, from + n, to);
		all.add(made, from, isBack ? from + n : to);
		if ((n < items && !isBack) || isAborted()) break;
		if (looks) makeRoom(claims);
		pace = paced(pace, n, micros);
		const turn = hostNow() > until && (tellMs > 0 || othersWait());
		// What little is left is not worth another call.
		if (
			(turn || !allHaveLeave(claims)) &&
			unclaimed(claims) * pace > (turn ? LONGEST_MS : CALL_MS) * 1_000 * claims.threads
		)
			break;
	}
	leave(claims);
	return all.report;
}

/** What came of the items that one call has taken. */
class Done {
	readonly #op: number;
	readonly #all: Report = [0, 0, 0, false, [], 0, 0];

	constructor(op: number) {
		this.#op = op;
	}

	add([n, micros, slowest, waited, payload]: ChunkDone, from: number, to: number): void {
		const all = this.#all;
		all[0] += n;
		all[1] += micros;
		all[2] = Math.max(all[2], slowest);
		all[3] = waited;
		all[4].push([from, payload]);
		all[5] = from + n;
		all[6] = to;
	}

	*later(made: Generator<unknown, ChunkDone>, from: number, to: number): Generator<unknown, Report> {
		this.add((yield* delegate(made)) as ChunkDone, from, to);
		return this.report;
	}

	get report(): Report {
		this.#all[4] = merged(this.#op, this.#all[4]);
		return this.#all;
	}
}
