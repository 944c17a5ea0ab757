/**
 * Cancels a program at each of its suspension points, one run for each, and checks that nothing is lost: whatever began has ended or was
 * cleaned up, once; whatever was granted was either delivered or released, once; the task has ended; nothing is reported but failures that were on
 * their way when they were cut off, each once.
 */

import { expect } from "vitest";
import { type Async, asyncFn, CancelledError, type IntoFuture, spawn, type TaskFailure, yieldNow } from "yamanote";
import { reporting } from "./failures.ts";
import { Guard } from "./guard.ts";

/** What a program is given: children that are counted. */
export interface Kit {
	/** A child that waits `steps` times and then gives a guard. Its cleanup waits as well. */
	child(name: string, steps: number): () => Async<Guard>;
	/** A child that waits `steps` times and then fails. */
	failing(name: string, steps: number): () => Async<never>;
	/** The same as `child`, as an `asyncFn` call within another. */
	frame(name: string, steps: number): Async<Guard>;
	/** The same as `child`, as an async function. */
	native(name: string, steps: number): (task: { run(f: unknown): Promise<unknown> }) => Promise<Guard>;
	/** How a child waits for one step. */
	step(): IntoFuture;
}

/** Guards in a result, at any depth. */
function guardsIn(value: unknown, found = new Set<Guard>()): Set<Guard> {
	if (value instanceof Guard) found.add(value);
	else if (typeof value === "object" && value !== null) for (const v of Object.values(value)) guardsIn(v, found);
	return found;
}

interface Run {
	readonly log: string[];
	readonly guards: Guard[];
	readonly failures: Error[];
	readonly kit: Kit;
}

function prepare(step: () => IntoFuture): Run {
	const log: string[] = [];
	const guards: Guard[] = [];
	const failures: Error[] = [];
	const begun = (name: string): string => {
		const id = `${name}#${log.length}`;
		log.push(`+${id}`);
		return id;
	};
	const wait = asyncFn(function* () {
		yield* step() as Async<void>;
	}) as unknown as () => Async<void>;
	const granted = (name: string): Guard => {
		const guard = new Guard(name);
		guards.push(guard);
		return guard;
	};
	const body = (name: string, steps: number, end: () => Guard) =>
		function* (): Async<Guard> {
			const id = begun(name);
			let cut = true;
			try {
				for (let i = 0; i < steps; i++) yield* wait();
				cut = false;
			} finally {
				log.push(`-${id}`);
				if (cut) log.push(`+cleanup of ${id}`);
				yield* wait();
				if (cut) log.push(`-cleanup of ${id}`);
			}
			return end();
		};
	const kit: Kit = {
		child: (name, steps) => body(name, steps, () => granted(name)),
		failing: (name, steps) =>
			body(name, steps, () => {
				const error = new Error(name);
				failures.push(error);
				throw error;
			}) as () => Async<never>,
		frame(name, steps) {
			const inner = asyncFn(body(name, steps, () => granted(name)));
			const outer = asyncFn(function* () {
				const id = begun(`${name}'s caller`);
				try {
					return yield* inner();
				} finally {
					log.push(`-${id}`);
				}
			});
			return outer() as unknown as Async<Guard>;
		},
		native: (name, steps) => async (task) => {
			const id = begun(name);
			let cut = true;
			try {
				for (let i = 0; i < steps; i++) await task.run(wait());
				cut = false;
			} finally {
				log.push(`-${id}`);
				if (cut) log.push(`+cleanup of ${id}`);
				await task.run(wait());
				if (cut) log.push(`-cleanup of ${id}`);
			}
			return granted(name);
		},
		step,
	};
	return { log, guards, failures, kit };
}

/** Runs it once without a cancel, and once for each point at which it can be cancelled. Gives back how many points there were. */
export function everyPoint(
	make: (kit: Kit) => IntoFuture,
	step: () => IntoFuture = yieldNow,
	expected: { value?: boolean } = {},
): Promise<number> {
	return reporting(async (reported) => {
		for (let point = 0; ; point++) if (await endsAt(point, make, step, expected, reported)) return point;
	});
}

/** One run. True if it has ended before it was cancelled. */
async function endsAt(
	point: number,
	make: (kit: Kit) => IntoFuture,
	step: () => IntoFuture,
	expected: { value?: boolean },
	reported: TaskFailure[],
): Promise<boolean> {
	const { log, guards, failures, kit } = prepare(step);
	const task = spawn(make(kit) as () => Promise<unknown>);
	const killer = spawn(function* () {
		for (let i = 0; i < point; i++) yield* step() as Async<void>;
		const late = task.isFinished;
		task.abort();
		return late;
	});
	let outcome: { ok: boolean; value: unknown };
	try {
		outcome = { ok: true, value: await task };
	} catch (error) {
		outcome = { ok: false, value: error };
	}
	const late = await killer;
	const where = `cancelled at point ${point}: ${log.join(" ")}`;
	expect(task.isFinished, where).toBe(true);
	const open = new Set<string>();
	for (const entry of log) {
		if (entry.startsWith("+")) open.add(entry.slice(1));
		else expect(open.delete(entry.slice(1)), `${where}: ended twice`).toBe(true);
	}
	expect([...open], `${where}: not ended`).toEqual([]);
	const delivered = guardsIn(outcome.ok ? outcome.value : undefined);
	for (const guard of guards)
		expect(guard.released, `${where}: guard ${guard.name}`).toBe(delivered.has(guard) ? 0 : 1);
	const told = reported.splice(0).map(({ error }) => error);
	expect(
		failures.filter((error) => told.includes(error)),
		where,
	).toEqual(told);
	if (late) {
		expect(told).toEqual([]);
		expect(outcome.ok, `to its end: ${String(outcome.value)}`).toBe(expected.value ?? true);
	} else {
		expect(outcome.value, where).toBeInstanceOf(CancelledError);
		expect((outcome.value as CancelledError).suppressed, where).toBe(undefined);
	}
	return late;
}
