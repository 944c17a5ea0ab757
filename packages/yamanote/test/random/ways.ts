/** The ways in which something that is shared is waited for, alone and by many. */
import {
	type Async,
	asyncFn,
	type Future,
	type IntoFuture,
	type JoinHandle,
	JoinSet,
	join,
	mapConcurrent,
	race,
	scope,
	select,
	spawn,
	type TaskContext,
	timeout,
	tryJoin,
} from "yamanote";
import type { Node, Way } from "./program.ts";
import type { Witness } from "./witness.ts";

type Any = Future<unknown, unknown>;

/** One wait. */
export function waitFor(witness: Witness, it: Any, way: Way): IntoFuture {
	switch (way) {
		case "yield*":
			return function* (): Async<unknown, unknown> {
				return yield* it;
			};
		case "by await":
			return async () => {
				await it;
			};
		case "by run":
			return async ({ run }: TaskContext) => {
				await run(it);
			};
		case "in a timeout":
			return timeout(1e13, function* (): Async<unknown, unknown> {
				return yield* it;
			});
		case "in a scope":
			return scope(function* (s) {
				s.spawn(function* (): Async<unknown, unknown> {
					return yield* it;
				});
			});
		case "in a task that is owned":
			return asyncFn(function* () {
				return yield* spawn(it).abortOnDrop();
			})() as IntoFuture;
		case "as its owner": {
			const handle = it as JoinHandle<unknown, unknown>;
			witness.owned.add(handle);
			return handle.abortOnDrop();
		}
	}
}

/** Many waits at once. */
export function waitForAll(by: Node["by"], waits: IntoFuture[]): Any {
	switch (by) {
		case "join":
			return join(waits);
		case "tryJoin":
			return tryJoin(waits);
		case "race":
			return race(waits);
		case "select":
			return select(Object.fromEntries(waits.map((wait, i) => [`wait${i}`, wait])));
		case "mapConcurrent":
			return mapConcurrent(waits, 10, (wait) => timeout(Infinity, wait)) as Any;
		case "scope":
			return scope(function* (s) {
				for (const wait of waits) s.spawn(wait as () => Promise<unknown>);
			}) as Any;
		case "JoinSet":
			return asyncFn(function* () {
				const set = new JoinSet();
				for (const wait of waits) set.spawn(wait as () => Promise<unknown>);
				return yield* set.joinAll();
			})() as Any;
	}
}
