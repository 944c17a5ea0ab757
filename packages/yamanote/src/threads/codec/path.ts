/** Where in a value something stands, in words. */

/** A step of a path: an index, a key, or a place inside a `Map` or `Set`. */
export type Step = number | string | { readonly of: (path: string) => string };

/** A path of more steps than that is shortened to the first ones. */
const LONG_PATH = 100;
const SHORT_PATH = 10;

/** @internal The path of the first `depth` steps. */
export function pathOf(root: string, steps: readonly Step[], depth: number): string {
	const isLong = depth > LONG_PATH;
	let path = root;
	for (const step of steps.slice(0, isLong ? SHORT_PATH : depth)) path = join(path, step);
	return isLong ? `${path}…` : path;
}

function join(path: string, step: Step): string {
	if (typeof step === "number") return `${path}[${step}]`;
	if (typeof step === "object") return step.of(path);
	return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `${path}.${step}` : `${path}[${JSON.stringify(step)}]`;
}

/** @internal A key as a path shows it. */
export const show = (key: unknown): string => (typeof key === "string" ? JSON.stringify(key) : String(key));
