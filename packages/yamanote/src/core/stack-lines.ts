/** Which lines of a stack are the user's. Our own are known by their paths, which a bundle does not have: see `browser/stack-lines.ts`. */

const internal =
	/[\\/]yamanote[\\/](?:dist|src)[\\/](?:core|future|sync|runtime|task|time|threads|testing|diagnostics)[\\/]|\(node:(?:async_hooks|internal)|^\s*at .*\b(?:next|return|throw) \((?:<anonymous>|native)/;

// What stands below the first driver on the native stack is who woke the code, not who called it: callers are added as they are passed.
const driver = /\badvance\b.*[\\/]yamanote[\\/](?:dist|src)[\\/]core[\\/]driver\./;

/** @internal Hides the library's own frames and the engine's generator steps. */
export function clean(stack: string): string {
	const [message = "", ...lines] = stack.split("\n");
	return [message, ...visible(lines)].join("\n");
}

/** @internal The lines of the user's code, down to the first driver. */
export function visible(lines: readonly string[]): readonly string[] {
	const end = lines.findIndex((line) => driver.test(line));
	return (end < 0 ? lines : lines.slice(0, end)).filter((line) => !internal.test(line));
}

/** @internal An error as it is printed: its stack without our frames, and the chain of its causes. */
export function printed(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const text = clean(error.stack ?? String(error));
	return error.cause instanceof Error ? `${text}\n[cause]: ${printed(error.cause)}` : text;
}
