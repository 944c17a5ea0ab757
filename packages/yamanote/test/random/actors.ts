/**
 * Random actors, as data: each does steps one after the other, gives some waits up, and may be aborted. What a step does is the stage's business;
 * here is how it waits, and how all are played.
 */
import {
	type Async,
	attempt,
	CancelledError,
	Elapsed,
	type Future,
	joinSettled,
	Runtime,
	select,
	sleep,
	spawn,
	type TaskContext,
	timeout,
	yieldNow,
} from "yamanote";
import { hostTurns } from "../support/host.ts";
import type { Random } from "../sync/support.ts";
import { leftIn } from "./laws.ts";

export interface Step {
	readonly op: string;
	/** How long it waits: for ever, so many turns in a `select` that it may lose, or so many milliseconds. */
	readonly wait: "plain" | "select" | "timeout";
	/** Turns or milliseconds; and how long it holds what it was given. */
	readonly n: number;
	readonly hold: number;
	/** Of what it takes many of: how many. */
	readonly count: number;
}

export interface Actor {
	readonly role: string;
	/** Its number among all. */
	readonly index: number;
	readonly steps: readonly Step[];
	/** An async function, which waits for each step by `run`. */
	readonly native: boolean;
	readonly abort: { readonly ms: number; readonly turns: number } | null;
}

/** What actors of a role do, how many there are, and whether they may be aborted. */
export interface Role {
	readonly name: string;
	readonly ops: readonly string[];
	readonly actors: number;
	readonly safe?: boolean;
	/** What a step lends belongs to the task of the actor: it must not be a task of its own. */
	readonly lends?: boolean;
}

export function cast(random: Random, roles: readonly Role[]): Actor[] {
	const step = (ops: readonly string[]): Step => ({
		op: random.pick(ops),
		wait: random.pick(["plain", "plain", "select", "timeout"] as const),
		n: random.below(5),
		hold: random.below(4),
		count: 1 + random.below(3),
	});
	let index = 0;
	return roles.flatMap(({ name, ops, actors, safe, lends }) =>
		Array.from({ length: actors }, () => ({
			role: name,
			index: index++,
			steps: Array.from({ length: 1 + random.below(7) }, () => step(ops)),
			native: lends !== true && random.chance(0.25),
			abort: safe !== true && random.chance(0.5) ? { ms: random.below(6), turns: random.below(5) } : null,
		})),
	);
}

const text = ({ op, wait, n, hold, count }: Step): string =>
	`${op}(${count})${wait === "plain" ? "" : ` for ${n} ${wait === "select" ? "turns" : "ms"}`}, holds ${hold}`;

/** In a form to read: one actor a line. */
export const showActors = (actors: readonly Actor[]): string =>
	actors
		.map(({ role, index, steps, native, abort }) => {
			const end = abort === null ? "" : `; aborted after ${abort.ms} ms and ${abort.turns} turns`;
			return `${index} ${role}${native ? ", async" : ""}: ${steps.map(text).join("; ")}${end}`;
		})
		.join("\n");

/** Waits for so many turns. */
export function* turns(n: number): Async<void> {
	for (let i = 0; i < n; i++) yield* yieldNow();
}

/** Holds what it has: some turns, or some milliseconds. */
export function* hold({ hold, wait }: Step): Async<void> {
	if (wait === "timeout") yield* sleep(hold);
	else yield* turns(hold);
}

/** Waits as the step says. Null if it has given up. */
export function* waitAs<T, E>({ wait, n }: Step, future: Future<T, E>): Async<{ readonly value: T } | null, E> {
	if (wait === "plain") return { value: yield* future };
	if (wait === "select") {
		const first = yield* select({ future, tick: turns(n) });
		return first.key === "future" ? { value: first.value as T } : null;
	}
	const answer = yield* attempt(timeout(n, future), Elapsed);
	return answer.ok ? { value: answer.value as T } : null;
}

export interface Stage {
	/** What an actor does in a step. */
	act(actor: Actor, step: Step): Async<void, unknown>;
	/** It goes on after its steps, unless it was aborted. */
	finish?(actor: Actor): Async<void, unknown>;
	/** It leaves, in whichever way. */
	leave?(actor: Actor): void;
	/** What is wrong when all have left. */
	check(): string[];
}

/** Nobody waits for so long. */
const STUCK = 1e9;

/** Plays it on a runtime of its own. What was wrong. */
export async function play(actors: readonly Actor[], stage: Stage): Promise<string[]> {
	const wrong: string[] = [];
	const say = (error: unknown): void => void wrong.push(String((error as Error).stack ?? error));
	const runtime = new Runtime({
		startPaused: true,
		cleanupGrace: 60_000,
		onUnhandled: ({ error }) => say(error),
	});
	const all = function* (): Async<void, unknown> {
		const tasks = actors.map((actor) => {
			const task = spawn(bodyOf(actor, stage) as () => Async<void, unknown>);
			const { abort } = actor;
			if (abort !== null)
				spawn(function* () {
					yield* sleep(abort.ms);
					yield* turns(abort.turns);
					task.abort();
				});
			return task;
		});
		for (const outcome of yield* joinSettled(tasks))
			if (
				outcome.status === "rejected" &&
				!(outcome.reason instanceof CancelledError && outcome.reason.suppressed === undefined)
			)
				say(outcome.reason);
		// Whoever was to abort one of them leaves, too.
		yield* sleep(1_000);
	};
	const first = await runtime.blockOn(
		select({ all, stuck: () => sleep(STUCK)[Symbol.iterator]() as never }, { biased: true }),
	);
	if (first.key === "stuck") return ["somebody waits for ever", ...wrong];
	wrong.push(...stage.check());
	await hostTurns(2);
	wrong.push(...leftIn(runtime));
	await runtime.shutdown();
	return wrong;
}

function bodyOf(actor: Actor, stage: Stage): unknown {
	if (actor.native)
		return async ({ run }: TaskContext) => {
			try {
				for (const step of actor.steps) await run(stage.act(actor, step));
				if (stage.finish !== undefined) await run(stage.finish(actor));
			} finally {
				stage.leave?.(actor);
			}
		};
	return function* () {
		try {
			for (const step of actor.steps) yield* stage.act(actor, step);
			if (stage.finish !== undefined) yield* stage.finish(actor);
		} finally {
			stage.leave?.(actor);
		}
	};
}

/** Says that two are not the same. */
export function differ(what: string, got: unknown, want: unknown): string[] {
	const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
	return a === b ? [] : [`${what}: ${a}, not ${b}`];
}
