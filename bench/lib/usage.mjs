// Mistakes on a command line: the message alone is shown, and the process ends with 2.

/** What the user can mend; everything else that is thrown is a defect, and is shown with its stack. */
export class UsageError extends Error {
	name = "UsageError";
}

/** @param {string} program whose name stands before the message */
export function fail(program, error) {
	console.error(error instanceof UsageError ? `${program}: ${error.message}` : error);
	process.exitCode = error instanceof UsageError ? 2 : 1;
}

export function wholeNumber(name, text) {
	if (text === undefined) return undefined;
	const value = text === "" ? Number.NaN : Number(text.replaceAll("_", ""));
	if (!Number.isSafeInteger(value) || value < 1) throw new UsageError(`${name} takes a whole number, 1 or more`);
	return value;
}
