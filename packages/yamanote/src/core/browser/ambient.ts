/** Stands for `../ambient.ts` in bundles for browsers: they have no `AsyncLocalStorage`, so no scope is ambient. */
import type * as everywhere from "../ambient.ts";

/** @internal */
export const inScope: typeof everywhere.inScope = (_scope, f) => f();

/** @internal */
export const storedScope: typeof everywhere.storedScope = () => null;

/** @internal */
export const ambientScope: typeof everywhere.ambientScope = () => null;

/** @internal */
export const promiseOf: typeof everywhere.promiseOf = (task) => task.promise();
