// Data parallelism, checked from the items to the results.
import { type Future, fail } from "yamanote";
import { defineWorker, parallel, type RangeChunk, type WorkerLost } from "yamanote/threads";
import { typeOf } from "./equal.ts";

class TooBig extends Error {
	readonly code = "TOO_BIG";
}

export const h = defineWorker(import.meta.url, {
	half: (n: number) => n / 2,
	name: (n: number) => `${n}`,
	isEven: (n: number) => n % 2 === 0,
	round: (n: number, digits?: number) => n + (digits ?? 0),
	into: (i: number, out: Float64Array, factor: number) => {
		out[i] = i * factor;
	},
	length: (text: string) => text.length,
	add: (a: number, b: number) => a + b,
	sum: (xs: Float64Array) => xs.length,
	total: (xs: readonly number[]) => xs.length,
	span: ({ from, to }: RangeChunk) => to - from,
	*checked(n: number) {
		if (n > 5) return yield* fail(new TooBig());
		return n;
	},
	big: (n: bigint) => n,
	async *stream(n: number) {
		yield n;
	},
});

const floats = new Float64Array(8);
const shared = new Float64Array(new SharedArrayBuffer(8));

typeOf(parallel([1, 2]).map(h.half)).is<Future<number[], WorkerLost>>(true);
typeOf(parallel([1, 2]).map(h.name)).is<Future<string[], WorkerLost>>(true);
typeOf(parallel([1, 2]).map(h.checked)).is<Future<number[], TooBig | WorkerLost>>(true);
typeOf(parallel([1, 2]).map(h.round)).is<Future<number[], WorkerLost>>(true);
typeOf(parallel([1, 2]).map(h.round, 3)).is<Future<number[], WorkerLost>>(true);
typeOf(parallel([1, 2]).filter(h.isEven)).is<Future<number[], WorkerLost>>(true);
typeOf(parallel([1, 2]).sum(h.half)).is<Future<number, WorkerLost>>(true);
typeOf(parallel({ to: 8 }).min(h.half)).is<Future<number | undefined, WorkerLost>>(true);
typeOf(parallel({ from: 1, to: 8, step: 2 }).max(h.half)).is<Future<number | undefined, WorkerLost>>(true);
typeOf(parallel({ to: 8 }).forEach(h.into, shared, 2)).is<Future<void, WorkerLost>>(true);
typeOf(parallel(floats).reduce(h.add)).is<Future<number, WorkerLost>>(true);
typeOf(parallel([1]).reduce(h.add, 0)).is<Future<number, WorkerLost>>(true);
typeOf(parallel(floats).chunks().sum(h.sum)).is<Future<number, WorkerLost>>(true);
typeOf(parallel(shared).chunks().map(h.sum)).is<Future<number[], WorkerLost>>(true);
typeOf(parallel([1, 2]).chunks().map(h.total)).is<Future<number[], WorkerLost>>(true);
typeOf(parallel({ to: 8 }).chunks().sum(h.span)).is<Future<number, WorkerLost>>(true);
typeOf(parallel(new BigInt64Array(8)).map(h.big)).is<Future<bigint[], WorkerLost>>(true);
typeOf(parallel(["a"] as const).map(h.length)).is<Future<number[], WorkerLost>>(true);

// mistake: not assignable
parallel([1, 2]).map(h.length);

// mistake: Expected 3 arguments, but got 1
parallel({ to: 8 }).forEach(h.into);

// mistake: not assignable
parallel([1, 2]).map(h.round, "3");

// mistake: not assignable
parallel([1, 2]).map(h.stream);

// mistake: not assignable
parallel([1, 2]).map((n: number) => n + 1);

// mistake: not assignable
parallel([1, 2]).sum(h.name);

// mistake: not assignable
parallel([1, 2]).filter(h.half);

// mistake: not assignable
parallel(floats).reduce(h.add, "0");

// mistake: not assignable
parallel(floats).map(h.sum);

// mistake: items[…].run is a function
parallel([{ run() {} }]);
