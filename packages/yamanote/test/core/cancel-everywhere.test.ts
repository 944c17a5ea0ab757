import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import {
	type Async,
	asyncFn,
	attempt,
	byRef,
	Elapsed,
	each,
	fromPromise,
	type IntoFuture,
	join,
	joinSettled,
	lazy,
	mapConcurrent,
	pending,
	promiseFn,
	race,
	ready,
	select,
	sleep,
	spawn,
	timeout,
	tryJoin,
	withContext,
	yieldNow,
} from "yamanote";
import { paused } from "../support/clock.ts";
import { everyPoint, type Kit } from "../support/every-point.ts";

const als = new AsyncLocalStorage<string>();

/** What a body was granted stays with it. */
const used = asyncFn(function* (granted: ReturnType<Kit["frame"]>) {
	(yield* granted)[Symbol.dispose]();
});

// Each row: a combinator over children of unequal length. It is run to its end, and cancelled at each of its suspension points.
const programs: Record<string, (kit: Kit) => IntoFuture> = {
	"a generator function": ({ child }) => child("a", 3),
	"a generator": ({ child }) => child("a", 3)(),
	"an asyncFn call": ({ frame }) => frame("a", 3),
	"an async function": ({ native }) => native("a", 3) as () => Promise<unknown>,
	join: ({ child, frame }) => join([child("a", 1), frame("b", 3), child("c", 2)]),
	"join of a record": ({ child, frame, native }) =>
		join({ a: child("a", 1), b: frame("b", 3), c: native("c", 2) as () => Promise<unknown> }),
	"join with little concurrency": ({ child }) =>
		join([child("a", 2), child("b", 1), child("c", 2), child("d", 1)], { concurrency: 2 }),
	"join, one after the other": ({ child }) => join([child("a", 1), child("b", 0), child("c", 1)], { concurrency: 1 }),
	tryJoin: ({ child, frame }) => tryJoin([child("a", 1), frame("b", 3), child("c", 2)]),
	"tryJoin with little concurrency": ({ child }) =>
		tryJoin([child("a", 2), child("b", 1), child("c", 2)], { concurrency: 2 }),
	"tryJoin of async functions": ({ native }) => tryJoin([native("a", 1), native("b", 2)] as (() => Promise<unknown>)[]),
	"tryJoin that fails, caught": ({ child, failing, frame }) =>
		attempt(tryJoin([child("a", 1), failing("b", 2), frame("c", 4)])),
	"join that fails, caught": ({ child, failing }) => attempt(join([child("a", 1), failing("b", 2), child("c", 4)])),
	joinSettled: ({ child, failing, frame }) => joinSettled([child("a", 1), failing("b", 2), frame("c", 3)]),
	mapConcurrent: ({ child, frame }) =>
		mapConcurrent([1, 3, 2], 2, (n) => (n === 3 ? frame("b", n) : child(`a${n}`, n)())),
	each: ({ frame }) => each([1, 3, 2], (n) => used(frame(`a${n}`, n))),
	"each with concurrency": ({ frame }) => each([1, 3, 2], (n) => used(frame(`a${n}`, n)), { concurrency: 2 }),
	"each with concurrency that fails, caught": ({ failing, frame }) =>
		attempt(each([used(frame("a", 1)), failing("b", 2)(), used(frame("c", 4))], (f) => f, { concurrency: 3 })),
	select: ({ child, frame }) => select({ a: child("a", 2), b: frame("b", 4), c: false }),
	"select, biased": ({ child, frame }) => select({ a: child("a", 4), b: frame("b", 2) }, { biased: true }),
	race: ({ child, native }) => race([child("a", 2), native("b", 4) as () => Promise<unknown>]),
	"race won at once": ({ child }) => race([ready("at once"), child("a", 2)]),
	"timeout in time": ({ frame }) => timeout(1_000, frame("a", 3)),
	"timeout without end": ({ child }) => timeout(Infinity, child("a", 3)),
	attempt: ({ child }) => attempt(child("a", 3), Elapsed),
	withContext: ({ frame }) => withContext(als, "store", frame("a", 3)),
	byRef: ({ child, step }) =>
		function* () {
			const lent = byRef(child("a", 5));
			for (;;) {
				const first = yield* select({ lent, tick: step() as Async<void> }, { biased: true });
				if (first.key === "lent") return first.value;
			}
		},
	"byRef, never awaited to its end": ({ child, step }) =>
		asyncFn(function* () {
			const lent = byRef(child("a", 9));
			yield* race([lent, step() as Async<void>]);
			return "enough";
		})(),
	abortOnDrop: ({ child }) =>
		function* () {
			return yield* spawn(child("a", 3)).abortOnDrop();
		},
	"abortOnDrop in a race that it loses": ({ child }) => race([lazy(() => 1), spawn(child("a", 3)).abortOnDrop()]),
	fromPromise: ({ child }) => tryJoin([fromPromise(async () => "promise"), child("a", 2)]),
	promiseFn: ({ frame }) =>
		tryJoin([
			async () =>
				promiseFn(function* () {
					return yield* frame("a", 2);
				})(),
		]),
	"combinators within combinators": ({ child, frame, failing }) =>
		tryJoin({
			raced: race([join([child("a", 1), frame("b", 2)]), child("c", 5)]),
			timed: timeout(1_000, tryJoin([child("d", 3)])),
			caught: attempt(tryJoin([failing("e", 2), frame("f", 4)])),
			native: async ({ run }) => run(select({ g: child("g", 2), h: pending() })),
		}),
};

describe("rule 3: cancelled at each suspension point", () => {
	for (const [what, make] of Object.entries(programs)) {
		it(`${what} leaves nothing behind, and releases what it was granted`, async () => {
			expect(await everyPoint(make, yieldNow)).toBeGreaterThanOrEqual(what.includes("at once") ? 0 : 1);
		});
	}
});

describe("rule 3: cancelled at each millisecond", () => {
	for (const what of [
		"join",
		"tryJoin that fails, caught",
		"select",
		"timeout in time",
		"combinators within combinators",
	]) {
		it(`${what} leaves nothing behind`, async () => {
			await paused(async () => {
				expect(await everyPoint(programs[what] as (kit: Kit) => IntoFuture, () => sleep(1))).toBeGreaterThan(2);
			});
		});
	}

	it("timeout that elapses leaves nothing behind", async () => {
		await paused(async () => {
			const points = await everyPoint(
				({ child, frame }) => attempt(timeout(3, tryJoin([child("a", 2), frame("b", 6)])), Elapsed),
				() => sleep(1),
			);
			expect(points).toBeGreaterThan(3);
		});
	});
});
