/** Stands for `../process-life.ts` in bundles for browsers: a page has no end to watch. */
import type * as everywhere from "../process-life.ts";

/** @internal */
export const watchExit: typeof everywhere.watchExit = () => {};
