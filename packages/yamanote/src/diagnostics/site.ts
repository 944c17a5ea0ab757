/** Where something happens: a stack that is put into words only when somebody asks. */
import { type DumpFrame, framesOf } from "./frames.ts";

/** @internal What the engine keeps of a stack. */
export interface Site {
	readonly stack?: string;
}

/** Our own frames stand on top of the user's. */
const FRAMES = 10;

/** @internal The stack of the caller of `below`. It costs about a microsecond; the words cost ten times as much. Until it has been put into words it keeps alive whatever stood on the stack. */
export function siteBelow(below: (...args: never[]) => unknown): Site {
	const E = Error as unknown as { stackTraceLimit: number; captureStackTrace?(o: object, f: unknown): void };
	if (E.captureStackTrace === undefined) return new Error();
	const limit = E.stackTraceLimit;
	E.stackTraceLimit = FRAMES;
	const site = {};
	E.captureStackTrace(site, below);
	E.stackTraceLimit = limit;
	return site;
}

/** @internal The frames of the user's code, innermost first. */
export function framesAt(site: Site | undefined): readonly DumpFrame[] {
	return site?.stack === undefined ? [] : framesOf(site.stack);
}
