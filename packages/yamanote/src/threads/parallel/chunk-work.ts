/**
 * What runs over one chunk of items, on a thread or in place: the items one by one, until the chunk ends or its time is over. What is left of
 * it goes back to whoever has handed it out, and so to any thread that has nothing to do.
 */

import { delegate } from "../../core/delegate.ts";
import { describe } from "../../core/error.ts";
import { hostNow } from "../../core/host.ts";
import { waits } from "../in-place.ts";
import { kindOfFunction } from "../thread-run.ts";
import { isAborted } from "../thread-state.ts";
import { type Common, EACH, FILTER, type IndexedView, MAP, MIN, REDUCE, SUM } from "./common.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/** The items of one chunk. */
export interface Source {
	at(i: number): unknown;
	/** All of them, as one value. */
	whole(from: number, to: number): unknown;
}

/**
 * How a chunk ended: how many items it has done, in how many microseconds, how many of these one item may have taken, whether they waited, and
 * what came of them.
 */
export type ChunkDone = [done: number, micros: number, slowest: number, waited: boolean, payload: unknown];

/** Between two looks at the clock. */
const STEP_MS = 0.05;
const MAX_STEP = 1 << 16;

type Op = Pick<Common, "op" | "whole" | "args">;

/** @internal Runs over the items from `from` to `to`, for about `limitMs`; at least one. */
export function runChunk(
	f: AnyFunction,
	common: Op,
	source: Source,
	from: number,
	to: number,
	limitMs: number,
	begin: readonly [unknown] | null,
): ChunkDone | Generator<unknown, ChunkDone> {
	if (common.whole) return runWhole(f, common, source.whole(from, to), to - from);
	return runEach(f, common, source, from, to, limitMs, begin);
}

/** The function gets the chunk itself. */
function runWhole(
	f: AnyFunction,
	{ op, args }: Op,
	items: unknown,
	n: number,
): ChunkDone | Generator<unknown, ChunkDone> {
	const began = hostNow();
	if (kindOfFunction(f) === "AsyncFunction") return later(op, () => f(items, ...args), n, began);
	const made = args.length === 0 ? f(items) : f(items, ...args);
	return waitsFor(made) ? later(op, made, n, began) : done(op, made, n, began, false);
}

function* later(op: number, made: unknown, n: number, began: number): Generator<unknown, ChunkDone> {
	return done(op, yield* delegate(made), n, began, true);
}

function done(op: number, made: unknown, n: number, began: number, waited: boolean): ChunkDone {
	const micros = (hostNow() - began) * 1_000;
	const payload =
		op === EACH ? undefined : op !== MAP ? number(made) : typeof made === "number" ? Float64Array.of(made) : [made];
	return [n, micros, micros, waited, payload];
}

function runEach(
	f: AnyFunction,
	{ op, args }: Op,
	source: Source,
	from: number,
	to: number,
	limitMs: number,
	begin: readonly [unknown] | null,
): ChunkDone | Generator<unknown, ChunkDone> {
	const work = new Work(f, op, args, begin);
	const began = hostNow();
	let slowest = 0;
	const done = (at: number, waited: boolean): ChunkDone => {
		const ms = hostNow() - began;
		return [at - from, ms * 1_000, (slowest || ms) * 1_000, waited, work.payload()];
	};

	function* waiting(i: number, first: unknown, begun: boolean): Generator<unknown, ChunkDone> {
		for (let made = first; ; made = undefined, begun = false) {
			if (!begun) made = work.call(source.at(i));
			if (work.isAsync || waitsFor(made)) made = (yield* delegate(made)) as unknown;
			work.add(made, i);
			if (++i === to || hostNow() - began > limitMs) return done(i, true);
		}
	}

	if (work.isAsync) return waiting(from, undefined, false);
	let i = from;
	let now = began;
	for (let step = 1; ; ) {
		for (const end = Math.min(to, i + step); i < end; i++) {
			const made = work.call(source.at(i));
			if (typeof made === "object" && made !== null && waitsFor(made)) return waiting(i, made, true);
			work.add(made, i);
		}
		const before = now;
		now = hostNow();
		slowest = Math.max(slowest, now - before);
		if (i === to || now - began > limitMs || isAborted()) return done(i, false);
		if (now - before < STEP_MS) step = Math.min(step * 2, MAX_STEP);
		else step = Math.max(1, step >> 1);
	}
}

const waitsFor = (made: unknown): boolean => typeof made === "object" && made !== null && waits(made);

function number(value: unknown): number {
	if (typeof value === "number") return value;
	throw new TypeError(`the function gave ${describe(value)}, not a number: reduce() takes other values`);
}

/** Calls the function for items, and keeps what came of it. */
class Work {
	/** Its calls are made when they are polled. */
	readonly isAsync: boolean;
	/** Takes what the function gave for the item at `i`. */
	readonly add: (value: unknown, i: number) => void;
	readonly call: (item: unknown) => unknown;
	readonly payload: () => unknown;

	constructor(f: AnyFunction, op: number, args: readonly unknown[], begin: readonly [unknown] | null) {
		this.isAsync = kindOfFunction(f) === "AsyncFunction";
		const direct = args.length === 0 ? f : (item: unknown) => f(item, ...args);
		this.call = this.isAsync ? (item) => () => direct(item) : direct;
		switch (op) {
			case MAP: {
				const all: unknown[] = [];
				let numbers = true;
				this.add = (value) => {
					if (typeof value !== "number") numbers = false;
					all.push(value);
				};
				this.payload = () => (numbers ? Float64Array.from(all as number[]) : all);
				break;
			}
			case FILTER: {
				const kept: number[] = [];
				this.add = (value, i) => {
					if (value) kept.push(i);
				};
				this.payload = () => Float64Array.from(kept);
				break;
			}
			case EACH:
				this.add = () => {};
				this.payload = () => undefined;
				break;
			case REDUCE: {
				let begun = begin !== null;
				let all: unknown = begin?.[0];
				const fold = (item: unknown): unknown => f(all, item, ...args);
				this.call = (item) => {
					if (begun) return this.isAsync ? () => fold(item) : fold(item);
					begun = true;
					return this.isAsync ? async () => item : item;
				};
				this.add = (value) => {
					all = value;
				};
				this.payload = () => all;
				break;
			}
			default: {
				let all = op === SUM ? 0 : op === MIN ? Infinity : -Infinity;
				const { min, max } = Math;
				if (op === SUM)
					this.add = (value) => {
						all += number(value);
					};
				else if (op === MIN)
					this.add = (value) => {
						all = min(all, number(value));
					};
				else
					this.add = (value) => {
						all = max(all, number(value));
					};
				this.payload = () => all;
			}
		}
	}
}

/** @internal The items of a range. */
export function rangeSource(first: number, step: number): Source {
	return {
		at: (i) => first + i * step,
		whole: (from, to) => ({ from: first + from * step, to: first + to * step, step }),
	};
}

/** @internal Items in an array, the first of which has the number `offset`. */
export function listSource(items: ArrayLike<unknown>, offset: number, copied: boolean): Source {
	const view = items as IndexedView;
	return {
		at: offset === 0 ? (i) => items[i] : (i) => items[i - offset],
		whole: (from, to) => {
			if (copied || Array.isArray(items)) return view.slice(from - offset, to - offset);
			return view.subarray(from - offset, to - offset);
		},
	};
}
