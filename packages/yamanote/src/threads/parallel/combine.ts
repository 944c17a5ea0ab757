/** From what came of the chunks to what came of all items. */
import type { Source } from "./chunk-work.ts";
import { EACH, FILTER, MAP, MAX, MIN, REDUCE, SUM } from "./common.ts";

/** What came of the items from a place on. */
export type Segment = readonly [from: number, payload: unknown];

/** @internal The result; the segments are in the order of their items. A fold has one segment by then, or none. */
export function combine(op: number, segments: readonly Segment[], items: Pick<Source, "at">): unknown {
	switch (op) {
		case MAP: {
			const all: unknown[] = [];
			for (const [, payload] of segments)
				for (let i = 0, part = payload as ArrayLike<unknown>; i < part.length; i++) all.push(part[i]);
			return all;
		}
		case FILTER: {
			const kept: unknown[] = [];
			for (const [, payload] of segments) for (const i of payload as Float64Array) kept.push(items.at(i));
			return kept;
		}
		case EACH:
			return undefined;
		case REDUCE:
			return segments[0]?.[1];
	}
	let all = op === SUM ? 0 : undefined;
	for (const [, payload] of segments as readonly (readonly [number, number])[]) {
		if (op === SUM) all = (all as number) + payload;
		else if (all === undefined) all = payload;
		else if (op === MIN) all = Math.min(all, payload);
		else if (op === MAX) all = Math.max(all, payload);
	}
	return all;
}

const nothing: Pick<Source, "at"> = { at: Number };

/** @internal One segment of several that one thread has done, where their places do not matter. */
export function merged(op: number, segments: Segment[]): Segment[] {
	if (segments.length < 2 || op === MAP || op === FILTER || op === REDUCE) return segments;
	return [[0, combine(op, segments, nothing)]];
}
