/** Which lines of a stack are the user's. Our own are known by their paths, which a bundle does not have: see `browser/stack-lines.ts`. */
import { describe } from "./error.ts";

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

/**
 * An error as it is printed: its stack without our frames, and the errors that it carries: its cause, those of an `AggregateError`, what was
 * suppressed. Anything can be printed.
 *
 * @internal
 */
export function printed(error: unknown, above: readonly unknown[] = []): string {
	try {
		if (!(error instanceof Error)) return String(error);
		if (above.includes(error)) return `${String(error)} (as above)`;
		const { stack } = error;
		const parts = [typeof stack === "string" ? clean(stack) : String(error)];
		const carried = error as { cause?: unknown; errors?: unknown; error?: unknown; suppressed?: unknown };
		const add = (name: string, value: unknown): void => {
			if (value instanceof Error) parts.push(`[${name}]: ${printed(value, [...above, error])}`);
		};
		add("cause", carried.cause);
		if (Array.isArray(carried.errors)) for (const one of carried.errors) add("error", one);
		add("error", carried.error);
		add("suppressed", carried.suppressed);
		return parts.join("\n");
	} catch {
		return `(${describe(error)}: it cannot be printed)`;
	}
}
