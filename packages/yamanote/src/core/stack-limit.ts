/** How many frames the stacks of errors have. */

/** @internal Sets it, and gives what it was. Where `Error` is frozen (`node --frozen-intrinsics`) it stays as it is. */
export function limitStacks(limit: unknown): unknown {
	const E = Error as unknown as { stackTraceLimit: unknown };
	const before = E.stackTraceLimit;
	try {
		E.stackTraceLimit = limit;
	} catch {
		// So be it.
	}
	return before;
}
