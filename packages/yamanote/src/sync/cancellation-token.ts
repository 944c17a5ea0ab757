/** Telling many that they should stop: `CancellationToken`. */
import { kRelease } from "../core/discard.ts";
import { CancelledError } from "../core/error.ts";
import { follow, unfollow } from "../core/follow.ts";
import type { Future } from "../core/future.ts";
import { into } from "../core/into.ts";
import { OneBranch } from "../core/one-branch.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";
import { Waiting, WaitList } from "./wait-list.ts";

class Cancelled extends Waiting<void> {
	readonly token: CancellationToken;

	constructor(token: CancellationToken) {
		super();
		this.token = token;
	}

	poll(cx: Context): Poll<void> {
		const { token } = this;
		if (token.isCancelled) return this.leave();
		this.leave();
		token.listen();
		this.wait(token.list, cx);
		return Pending;
	}

	override leave(): void {
		const waited = this.place !== null;
		super.leave();
		if (waited) this.token.unlisten();
	}
}

class UntilCancelled<T, E> extends OneBranch<T | undefined, E> {
	readonly token: CancellationToken;
	readonly cancelled: Cancelled;
	/** The body is being unwound. */
	over = false;

	constructor(token: CancellationToken, root: Iterator<unknown, unknown>) {
		super(root);
		this.token = token;
		this.cancelled = new Cancelled(token);
	}

	poll(cx: Context): Poll<T | undefined> {
		const { branch, cancelled } = this;
		branch.parent = cx.waker;
		if (!this.over) {
			// A token that is cancelled before the start starts nothing; later on, a value that is ready comes first.
			const begun = cancelled.place !== null;
			if (branch.woken && (begun || !this.token.isCancelled)) {
				let value: unknown;
				try {
					value = branch.run();
				} catch (error) {
					cancelled.leave();
					throw error;
				}
				if (value !== Pending) {
					cancelled.leave();
					return value as T;
				}
			}
			if (cancelled.poll(cx) === Pending) return Pending;
			this.over = true;
		}
		return branch.cancel() ? undefined : Pending;
	}

	protected override drop(cx: Context): Poll<void> {
		this.cancelled.leave();
		return super.drop(cx);
	}
}

/**
 * Cancels its token when it is disposed (`using`), unless it is disarmed: what {@link CancellationToken.dropGuard} gives.
 *
 * @source `tokio_util::sync::DropGuard`
 */
export class DropGuard implements Disposable {
	/** The token that it cancels. */
	readonly token: CancellationToken;
	#armed = true;

	/** @internal */
	constructor(token: CancellationToken) {
		this.token = token;
	}

	/** It cancels nothing any more. */
	disarm(): CancellationToken {
		this.#armed = false;
		return this.token;
	}

	[Symbol.dispose](): void {
		if (this.#armed) this.token.cancel();
		this.#armed = false;
	}

	/** @internal */
	[kRelease](): void {
		this[Symbol.dispose]();
	}
}

/**
 * A flag that says "stop", once and for all, to everybody who looks or waits. Tokens form a tree: cancelling one cancels its children, and
 * theirs, but not its parent.
 *
 * A child is known to its parent only while somebody waits for it, so making many children of a token that lives long leaks nothing.
 *
 * @source `tokio_util::sync::CancellationToken`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, sleep, spawn } from "yamanote";
 * import { CancellationToken } from "yamanote/sync";
 *
 * const stop = new CancellationToken();
 * const server = run(stop.runUntilCancelled(function* () {
 *   for (;;) yield* sleep(1_000);
 * }));
 * stop.cancel();
 * assert.equal(await server, undefined);
 * assert.ok(stop.childToken().isCancelled);
 * ```
 */
export class CancellationToken {
	/** @internal It was cancelled, or is known to be since a parent was. */
	done = false;
	/** @internal */
	why: unknown = undefined;
	/** @internal Those who wait for this token. */
	readonly list: WaitList = new WaitList();
	/** @internal How many wait for this token, or for one that comes from it. */
	listeners = 0;
	/** @internal Is told whenever that has changed. */
	watcher: (() => void) | null = null;
	/** @internal The children that somebody waits for. */
	readonly children: Set<CancellationToken> = new Set();
	/** @internal */
	readonly parent: CancellationToken | AbortSignal | null;
	#controller: AbortController | null = null;
	#signal: AbortSignal | null = null;

	constructor();
	/** @internal */
	constructor(parent: CancellationToken | AbortSignal);
	constructor(parent?: CancellationToken | AbortSignal) {
		this.parent = parent ?? null;
	}

	/**
	 * A token that is cancelled when the signal is aborted. It listens to the signal only while somebody waits for it.
	 *
	 * @throws {@link TypeError} if it is no `AbortSignal`
	 * @source none: the web's counterpart
	 */
	static fromSignal(signal: AbortSignal): CancellationToken {
		if (typeof signal?.addEventListener !== "function") throw new TypeError("fromSignal: give an AbortSignal");
		return new CancellationToken(signal);
	}

	/** Whether it was cancelled, or one that it comes from. */
	get isCancelled(): boolean {
		return this.look() !== null;
	}

	/** What it was cancelled with; `undefined` before. */
	get reason(): unknown {
		return this.look()?.why;
	}

	/** @internal The token in the line of its parents that was cancelled. */
	look(): CancellationToken | null {
		for (let token: CancellationToken = this; ; ) {
			if (token.done) return token;
			const { parent } = token;
			if (parent instanceof CancellationToken) token = parent;
			else {
				if (parent?.aborted !== true) return null;
				token.done = true;
				token.why = parent.reason;
			}
		}
	}

	/**
	 * Cancels it and all that come from it, and wakes who waits. Doing so again does nothing.
	 *
	 * @param reason - the `reason` of its signal; default: a `CancelledError`
	 * @source `tokio_util::sync::CancellationToken::cancel`
	 */
	cancel(reason?: unknown): void {
		if (!this.isCancelled) this.spread(reason ?? new CancelledError(undefined, "the token was cancelled"));
	}

	/** @internal The whole tree first, then those who wait. */
	spread(why: unknown): void {
		const tokens: CancellationToken[] = [this];
		for (const token of tokens) {
			token.done = true;
			token.why = why;
			for (const child of token.children) if (!child.done) tokens.push(child);
		}
		let thrown: { readonly error: unknown } | null = null;
		for (const token of tokens) {
			token.#controller?.abort(why);
			try {
				token.list.wakeAll();
			} catch (error) {
				thrown ??= { error };
			}
		}
		if (thrown !== null) throw thrown.error;
	}

	/**
	 * Waits until it is cancelled, or one that it comes from.
	 *
	 * @cancelSafety cancel safe: nothing is lost
	 * @source `tokio_util::sync::CancellationToken::cancelled`
	 */
	cancelled(): Future<void> {
		return new Cancelled(this);
	}

	/**
	 * A token that is cancelled with this one, and can be cancelled on its own.
	 *
	 * @source `tokio_util::sync::CancellationToken::child_token`
	 */
	childToken(): CancellationToken {
		return new CancellationToken(this);
	}

	/**
	 * Something that cancels this token when it is disposed: `using guard = token.dropGuard()`.
	 *
	 * @source `tokio_util::sync::CancellationToken::drop_guard`
	 */
	dropGuard(): DropGuard {
		return new DropGuard(this);
	}

	/**
	 * Runs a future until it is ready, or the token is cancelled: then it is cancelled, and its cleanup is waited for. If both come in the same
	 * poll, its value counts; on a token that is cancelled already it is not begun.
	 *
	 * @param future - whatever can be waited for
	 * @returns its value; `undefined` if the token was cancelled first
	 * @throws {@link TypeError} at the call, if it is no future
	 * @errors the failures of the future
	 * @cancelSafety cancel safe if the future is
	 * @source `tokio_util::sync::CancellationToken::run_until_cancelled`
	 */
	runUntilCancelled<const F extends Waitable>(future: F & Starred<F>): Future<Out<F> | undefined, Err<F>> {
		return new UntilCancelled(this, into(future));
	}

	/**
	 * An `AbortSignal` that is aborted when the token is cancelled. Made on first use. A listener that is left on the signal of a child is kept,
	 * with the child, as long as the parent lives, as by `AbortSignal.any`: remove it when it is not needed any more.
	 */
	get signal(): AbortSignal {
		if (this.#signal !== null) return this.#signal;
		const cancelled = this.look();
		if (cancelled !== null) {
			this.#own.abort(cancelled.why);
			this.#signal = this.#own.signal;
			return this.#signal;
		}
		// It follows those above by the platform's means, which let it be collected.
		const signals = [this.#own.signal];
		for (let { parent } = this; parent !== null; ) {
			const above: AbortSignal | null = parent instanceof CancellationToken ? parent.#signal : parent;
			if (above !== null) {
				signals.push(above);
				break;
			}
			const token = parent as CancellationToken;
			signals.push(token.#own.signal);
			parent = token.parent;
		}
		this.#signal = signals.length === 1 ? this.#own.signal : AbortSignal.any(signals);
		return this.#signal;
	}

	get #own(): AbortController {
		this.#controller ??= new AbortController();
		return this.#controller;
	}

	/** @internal It has more listeners, or fewer: for tokens that are shared with threads. */
	listenersChanged(): void {
		this.watcher?.();
	}

	/** @internal Somebody waits: those that it comes from have to know. */
	listen(): void {
		for (let token: CancellationToken = this; ; ) {
			token.listeners++;
			token.listenersChanged();
			if (token.listeners > 1) return;
			const { parent } = token;
			if (parent instanceof CancellationToken) {
				parent.children.add(token);
				token = parent;
			} else {
				if (parent !== null) follow(parent, token);
				return;
			}
		}
	}

	/** @internal */
	unlisten(): void {
		for (let token: CancellationToken = this; ; ) {
			token.listeners--;
			token.listenersChanged();
			if (token.listeners > 0) return;
			const { parent } = token;
			if (parent instanceof CancellationToken) {
				parent.children.delete(token);
				token = parent;
			} else {
				if (parent !== null) unfollow(parent, token);
				return;
			}
		}
	}

	/** @internal The signal that it follows is aborted: it may be cancelled already, and somebody have looked, but nobody was told. */
	abort(): void {
		this.spread(this.look()?.why);
	}
}
