/** Stands for `../stack-lines.ts` in bundles for browsers, where files and functions have lost their names. */
import type * as everywhere from "../stack-lines.ts";

/** @internal A function that bundlers leave out together with its calls. */
export function clean(stack: string): string {
	return stack;
}

/** @internal The bodies of generators: in the stack, the engine's step into it stands below each. */
export const visible: typeof everywhere.visible = (lines) =>
	lines.filter((_, i) => /next \(<anonymous>/.test(lines[i + 1] ?? ""));
