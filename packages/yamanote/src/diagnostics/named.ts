/** Names that a program gives to its locks and channels, for dumps and diagnoses. */
const names = new WeakMap<object, string>();

/**
 * Gives a lock, a channel or a token a name, which dumps and diagnoses show: `a Mutex "accounts"` instead of `a Mutex`. The name is kept
 * beside it, and goes with it.
 *
 * @param resource - a primitive of `yamanote/sync`; of a channel one of its ends, or both as `channel` gives them
 * @param name - the name; another call replaces it
 * @returns `resource`, so that it can be named where it is made
 * @throws {@link TypeError} at the call, if `resource` is no object or the name is empty or no string
 * @source `tracing` names resources for Tokio's console
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, spawn, yieldNow } from "yamanote";
 * import { dump, named, trackTasks } from "yamanote/diagnostics";
 * import { Mutex } from "yamanote/sync";
 *
 * using _tracked = trackTasks();
 * const accounts = named(new Mutex(0), "accounts");
 * await run(function* () {
 *   using _guard = yield* accounts.lock();
 *   const waiter = spawn(accounts.lock());
 *   yield* yieldNow();
 *   assert.match(dump().toString(), /a Mutex "accounts"/);
 *   waiter.abort();
 * });
 * ```
 */
export function named<T extends object>(resource: T, name: string): T {
	if (typeof name !== "string" || name === "")
		throw new TypeError("named: the name must be a string that is not empty");
	if (typeof resource !== "object" || resource === null)
		throw new TypeError("named: give a lock, a channel or a token");
	for (const one of Array.isArray(resource) ? resource : [resource]) {
		names.set(one, name);
		const { chan } = one as { readonly chan?: object };
		if (chan !== undefined) names.set(chan, name);
	}
	return resource;
}

/** @internal The name of a resource, if its user gave it one. */
export function nameGiven(resource: object | undefined): string | undefined {
	if (resource === undefined) return undefined;
	const { name } = resource as { readonly name?: unknown };
	return names.get(resource) ?? (typeof name === "string" ? name : undefined);
}
