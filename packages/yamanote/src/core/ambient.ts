/** The ambient scope: which plain async body a native `await` stands in, where the engine can tell (AsyncLocalStorage). */
import { hostModule } from "./host.ts";
import type { RuntimeCore } from "./runtime-core.ts";
import { S } from "./shared.ts";
import type { Task } from "./task.ts";

/** @internal What a native async body waits through, so that it can be cancelled. */
export interface AsyncScope {
	/** False once its body has ended: an ended scope is never ambient. */
	readonly live: boolean;
	readonly parent: AsyncScope | null;
	readonly runtime: RuntimeCore;
	/** A promise of the task's outcome that rejects when the scope is cancelled. An owned task is aborted then, and waited for. */
	wait<T>(task: Task<T>, owned: boolean): Promise<T>;
}

interface Storage {
	getStore(): AsyncScope | undefined;
	run<R>(scope: AsyncScope, f: () => R): R;
}

const key = Symbol.for("yamanote.ambient.v1");
const home = globalThis as unknown as Record<symbol, Storage | undefined>;

/** @internal Runs the body of an async function in its scope. The storage is made on first use: it is not free for the host's promises. */
export function inScope<R>(scope: AsyncScope, f: () => R): R {
	if (home[key] === undefined) {
		const hooks = hostModule("node:async_hooks") as { AsyncLocalStorage?: new () => Storage } | undefined;
		if (hooks?.AsyncLocalStorage === undefined) return f();
		home[key] = new hooks.AsyncLocalStorage();
	}
	return home[key].run(scope, f);
}

/** @internal The scope that was entered last, live or not. */
export function storedScope(): AsyncScope | null {
	return home[key]?.getStore() ?? null;
}

/** @internal The nearest live scope of the native code that runs now; null in a poll, and where there is none. */
export function ambientScope(): AsyncScope | null {
	if (S.current !== null) return null;
	let scope = storedScope();
	while (scope !== null && !scope.live) scope = scope.parent;
	return scope;
}

/** @internal A promise of the task's outcome, for native code: in the body of an async function it is cancelled with that. */
export function promiseOf<T>(task: Task<T>, owned: boolean): Promise<T> {
	const scope = ambientScope();
	return scope === null ? task.promise() : scope.wait(task, owned);
}
