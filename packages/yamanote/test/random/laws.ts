/** What holds after every program, whatever it does. */
import { CancelledError, Elapsed, type Runtime } from "yamanote";
import { clockOf, type RuntimeView } from "../support/state.ts";
import { carriedBy, Failure, type Witness } from "./witness.ts";

/** What is left in the runtime when everything has ended. */
export function leftIn(runtime: Runtime): string[] {
	const view = (runtime as unknown as { core: RuntimeView & { readonly handles: ReadonlySet<unknown> } }).core;
	const counts = {
		"live tasks": view.alive,
		timers: clockOf(view)?.wheel.size ?? 0,
		"root waiters": view.roots,
		"host work": view.hostWork,
		"host timers": view.handles.size,
		"ready tasks": view.queue.size,
	};
	return Object.entries(counts).flatMap(([what, n]) => (n === 0 ? [] : [`${n} ${what} left`]));
}

/** What is shared in a program. */
export interface Shared {
	/** The numbers of failures of what several share. */
	readonly common: ReadonlySet<number>;
	/** What the tasks ended with that somebody owned, and so may have aborted, and others shared. */
	readonly aborted: ReadonlySet<object>;
}

/** Every body that began has ended, once. */
function bodies({ begun }: Witness): string[] {
	const wrong = [...begun].filter(([, left]) => left !== 0);
	return wrong.map(([name, left]) => `body ${name} ${left > 0 ? "has not ended" : "ended twice"}`);
}

const textOf = (error: unknown): string => String((error as Error | undefined)?.message ?? error);

/**
 * Every failure is seen by the program, or told: by one, once. Several may see that of a task which they share, with whatever it carries; and that
 * for which such a task was aborted by one who owned it is seen, or hidden, as the cause of its cancellation by those who only shared it.
 */
function failures({ thrown, seen, hidden, reports }: Witness, { common, aborted }: Shared): string[] {
	const told = new Map<object, number>();
	for (const { failure } of reports)
		for (const one of carriedBy(failure.error)) told.set(one, (told.get(one) ?? 0) + 1);
	const causes = new Set<unknown>();
	for (const error of aborted)
		if (seen.has(error) || told.has(error) || hidden.has(error)) for (const one of reasonsOf(error)) causes.add(one);
	const several = new Set<object>();
	for (const failure of thrown) if (common.has(failure.id)) carriedBy(failure, several);
	return thrown.flatMap((failure) => {
		const times = (told.get(failure) ?? 0) + (seen.get(failure) ?? 0);
		if (times === 0 && !hidden.has(failure) && !causes.has(failure)) return [`${failure.message} is lost`];
		if (times < 2 || several.has(failure)) return [];
		return [`${failure.message} is seen ${seen.get(failure) ?? 0} times, and told ${told.get(failure) ?? 0} times`];
	});
}

/** For what something was cancelled, which may be another cancellation. */
function* reasonsOf(error: unknown): Generator<unknown> {
	for (let e = error; e instanceof CancelledError; e = e.reason) yield e.reason;
}

/** Nobody is told of the same error twice at one instant; unless one asked to be told of it, by \`detach\`. */
function toldOnce({ reports }: Witness): string[] {
	const wrong: string[] = [];
	reports.forEach(({ failure, at }, i) => {
		const again = reports
			.slice(0, i)
			.some((other) => other.failure.error === failure.error && other.at === at && other.failure.when !== "detached");
		if (again && failure.when !== "detached") wrong.push(`told again at once: ${textOf(failure.error)}`);
	});
	return wrong;
}

/**
 * What is told is a failure that was thrown, a deadline that has passed, what the program itself has cancelled, or the end of a task that one of
 * those who share it owned, and aborted.
 */
function toldWhatHappened({ reports, reasons }: Witness, { aborted }: Shared): string[] {
	const isKnown = (error: unknown): boolean =>
		error instanceof Failure ||
		error instanceof Elapsed ||
		aborted.has(error as object) ||
		(error instanceof CancelledError && reasons.has(error.reason));
	return reports
		.filter(({ failure }) => ![...carriedBy(failure.error)].some(isKnown))
		.map(({ failure }) => `told of what nobody threw (${failure.when}): ${textOf(failure.error)}`);
}

export function broken(witness: Witness, shared: Shared): string[] {
	return [
		...witness.wrong,
		...bodies(witness),
		...failures(witness, shared),
		...toldOnce(witness),
		...toldWhatHappened(witness, shared),
	];
}
