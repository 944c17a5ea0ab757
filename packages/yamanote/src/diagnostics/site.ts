/** Where something happens: a stack that is put into words only when somebody asks. */
import { limitStacks } from "../core/stack-limit.ts";
import { stackBelow } from "../core/trace.ts";
import { type DumpFrame, framesOf } from "./frames.ts";

/** @internal What the engine keeps of a stack. */
export interface Site {
	readonly stack?: string;
}

/** Our own frames stand on top of the user's. */
const FRAMES = 10;

/** @internal The stack of the caller of `below`. It costs about a microsecond; the words cost ten times as much. Until it has been put into words it keeps alive whatever stood on the stack. */
export function siteBelow(below: (...args: never[]) => unknown): Site {
	const E = Error as unknown as { captureStackTrace?(o: object, f: unknown): void };
	if (E.captureStackTrace === undefined) return new Error();
	const limit = limitStacks(FRAMES);
	const site = {};
	E.captureStackTrace(site, below);
	limitStacks(limit);
	return site;
}

/** @internal The frames of the user's code, innermost first. */
export function framesAt(site: Site | undefined): readonly DumpFrame[] {
	return site?.stack === undefined ? [] : framesOf(site.stack);
}

/** What an engine tells of a frame before it is put into words. */
interface CallSite {
	getFileName(): string | null;
	getPosition?(): number;
}

/** Stacks in words, by what the engine has of them: to find a word costs a microsecond, to find its source with a map a hundred. */
const known = new Map<string, string>();
const MOST_KNOWN = 10_000;

const keyOf = (_: unknown, sites: readonly CallSite[]): string =>
	sites.map((one) => `${one.getFileName()}:${one.getPosition?.()}`).join();

/** @internal The stack of the caller of `below` in words, which keep nothing alive. It is cheap where the same has been asked for before. */
export function stackWordsBelow(below: (...args: never[]) => unknown, limit: number): string {
	const E = Error as unknown as {
		prepareStackTrace?: unknown;
		captureStackTrace?(o: object, f: unknown): void;
	};
	if (E.captureStackTrace === undefined || Object.isFrozen(Error)) return stackBelow(below, limit);
	const { prepareStackTrace } = E;
	const o: { stack?: unknown } = {};
	const before = limitStacks(limit);
	try {
		E.prepareStackTrace = keyOf;
		E.captureStackTrace(o, below);
		// It is prepared when it is read.
		void o.stack;
	} finally {
		limitStacks(before);
		if (prepareStackTrace === undefined) delete E.prepareStackTrace;
		else E.prepareStackTrace = prepareStackTrace;
	}
	const key = String(o.stack);
	// The engine did not ask, or has no positions.
	if (!/:\d/.test(key) || key.includes("\n")) return stackBelow(below, limit);
	let words = known.get(key);
	if (words === undefined) {
		if (known.size >= MOST_KNOWN) known.clear();
		words = stackBelow(below, limit);
		known.set(key, words);
	}
	return words;
}
