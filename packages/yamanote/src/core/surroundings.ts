/**
 * What code that is polled finds around it: what futures set for the polls of what they hold, and put back. Outside a poll there is nothing.
 */

/** @internal A value of a task local, and those that were set before it. */
export interface Local {
	readonly key: object;
	readonly value: unknown;
	readonly next: Local | null;
}

/** @internal */
export const around: {
	/** The nearest deadline of the timeouts, as the clock of the runtime counts. */
	due: number;
	/** The values of task locals that spawned tasks do not take over. */
	locals: Local | null;
} = { due: Infinity, locals: null };
