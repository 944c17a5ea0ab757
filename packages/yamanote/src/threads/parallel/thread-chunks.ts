/** A function of a worker as a thread calls it for chunks of items. */
import { type Packed, unpackValue } from "../codec/pack.ts";
import { type Common, listSource, rangeSource, runChunk } from "./chunk-work.ts";

/**
 * What a chunk is sent with: where it begins and ends, how long it may take in milliseconds; first item and step of a range, or the items
 * themselves, or nothing where they are shared; and what a fold begins with, in the first chunk.
 */
export type ChunkArgs = readonly [
	from: number,
	to: number,
	limitMs: number,
	first?: number | ArrayLike<unknown> | null,
	step?: number | null,
	begin?: readonly [unknown] | null,
];

type AnyFunction = (...args: unknown[]) => unknown;

/** @internal */
export function overChunks(f: AnyFunction, packed: Pick<Packed, "bytes" | "extras">): AnyFunction {
	const common = unpackValue(packed) as Common;
	const over = (...[from, to, limitMs, first, step, begin]: ChunkArgs): unknown => {
		const source =
			common.data !== null
				? listSource(common.data, 0, common.copied)
				: typeof first === "number"
					? rangeSource(first, step as number)
					: listSource(first as ArrayLike<unknown>, from, false);
		return runChunk(f, common, source, from, to, limitMs, begin ?? null);
	};
	return over as AnyFunction;
}
