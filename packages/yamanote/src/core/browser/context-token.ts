/** Stands for `../context-token.ts` in bundles for browsers: they have no `AsyncLocalStorage`, so there is no context to carry. */
import type * as everywhere from "../context-token.ts";

/** @internal */
export const captureContext: typeof everywhere.captureContext = () => null;
