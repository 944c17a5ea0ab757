/** A scope for plain async code: `await using scope = openScope()`. */
import { type AsyncScope, ambientScope } from "../core/ambient.ts";
import type { Driver } from "../core/driver.ts";
import { type CancelledError, checkOptions } from "../core/error.ts";
import { Future } from "../core/future.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import { S } from "../core/shared.ts";
import type { Task } from "../core/task.ts";
import { Nursery } from "./nursery.ts";
import { Begin, limited, ScopeFuture, type ScopeOptions, type Spawner } from "./scope.ts";
import { taskOf } from "./spawn.ts";

/** Options of {@link openScope}. */
export interface OpenScopeOptions extends ScopeOptions {
	/** Cancels the scope when it is aborted. */
	readonly signal?: AbortSignal | undefined;
	/** The name of the scope's task, in reports and dumps. Default `"scope"`. */
	readonly name?: string | undefined;
}

/** A scope that is open until it is disposed: what {@link openScope} gives. */
export interface OpenScope extends Spawner, AsyncDisposable {
	/** Aborted when the scope is cancelled, as by the failure of a child: for the code of the block. */
	readonly signal: AbortSignal;
	/** Closes the scope to code outside of it, waits until all children have ended, and throws what `scope` would throw. */
	readonly join: () => Promise<void>;
}

/** The body of an open scope: the block of the `await using`. */
class Block extends Future<void> {
	#ended = false;
	#waker: Waker | null = null;

	poll(cx: Context): Poll<void> {
		if (this.#ended) return;
		this.#waker = cx.waker;
		return Pending;
	}

	end(): void {
		this.#ended = true;
		this.#waker?.wake();
	}

	/** What a dump says of it. */
	waitsFor(): { what: string } {
		return { what: "the end of the block that opened the scope" };
	}
}

/** The root of the task of an open scope. One that is aborted before its first poll may have children already, and ends as one that has begun. */
class Opened extends Begin {
	readonly #scope: ScopeFuture<void, never>;
	readonly #limited: Future<void, unknown>;

	constructor(scope: ScopeFuture<void, never>, deadline: ScopeOptions["deadline"]) {
		super();
		this.#scope = scope;
		this.#limited = limited(scope, deadline);
	}

	protected begin(d: Driver): void {
		this.#limited.asRoot(d);
	}

	return(value?: unknown): IteratorResult<unknown, unknown> {
		this.#scope.owner ??= S.current as Driver;
		return this.#scope.return(value);
	}
}

/**
 * Opens a scope for a block of plain async code. `await using` waits at the end of the block until all children have ended, and throws the
 * first failure; a failure, the deadline and the signal cancel the children, as in {@link scope}.
 *
 * JavaScript does not tell a resource why its block ended. So a block that throws is followed by a wait for its children as well, unless the
 * block belongs to a task that was cancelled: cancel them in a `catch`, or give the block's work to {@link scope}, which knows.
 *
 * @throws {@link TypeError}, {@link RangeError} for bad options
 * @source none: a nursery, for code that is no future
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openScope, sleep } from "yamanote";
 *
 * const log: string[] = [];
 * async function serve() {
 *   await using scope = openScope({ deadline: { seconds: 5 } });
 *   scope.spawn(async () => {
 *     await sleep(2);
 *     log.push("child");
 *   });
 *   log.push("block");
 * }
 * await serve();
 * assert.deepEqual(log, ["block", "child"]);
 * ```
 */
export function openScope(options: OpenScopeOptions = {}): OpenScope {
	checkOptions("openScope", options);
	const runtime = currentRuntime();
	const nursery = new Nursery("openScope", runtime, options.concurrency);
	const block = new Block();
	const root = new Opened(new ScopeFuture<void, never>(block as never, nursery), options.deadline);
	const { name = "scope", signal } = options;
	const task = taskOf(root, { name, signal }, runtime) as Task<void>;
	const owner = ambientScope();
	let controller: AbortController | undefined;
	// Waited for from now on: the process lives, and a failure is thrown where the block ends, not reported.
	const ended = task.promise();
	ended.catch(() => {});
	nursery.onCancel = (reason) => controller?.abort(reason);
	const join = (): Promise<void> => {
		block.end();
		return owner?.live === true ? waitIn(owner, task) : ended;
	};
	return {
		spawn: ((future: unknown, o?: object) => nursery.spawn(future, o)) as never,
		cancel: (reason) => nursery.cancel(reason),
		abortAll: (reason) => nursery.children.abort(reason),
		get size() {
			return nursery.children.size;
		},
		get signal() {
			controller ??= new AbortController();
			if (nursery.cancelled !== null) controller.abort(nursery.cancelled);
			return controller.signal;
		},
		join,
		[Symbol.asyncDispose]: join,
	};
}

/** Waits as the body that opened the scope: if that is cancelled, so is the scope, and its end is waited for all the same. */
async function waitIn(owner: AsyncScope, task: Task<void>): Promise<void> {
	const { cancelled } = owner as { readonly cancelled?: CancelledError | null };
	if (cancelled != null) task.abort(cancelled);
	try {
		await owner.wait(task, true);
	} catch (error) {
		// A cancellation that was due rejects the first wait at once: the scope is aborted then, and the next wait is granted.
		if (!task.isFinished) await owner.wait(task, true);
		throw error;
	}
}
