/**
 * Both sides of a cancellation token that was sent to another thread. Sending one shares it: cancelling it on either side cancels the other.
 *
 * A token has one link to a thread, however often it is sent there. The link is given up when the token was cancelled, and when the other side
 * does not use it any more (which it learns from the garbage collector; nothing but memory depends on that).
 */
import { CancelledError } from "../../core/error.ts";
import { Pending, type Waker } from "../../core/poll.ts";
import type { CancellationToken } from "../../sync/cancellation-token.ts";
import { type Packed, packThrown, unpackValue } from "../codec/pack.ts";
import { look } from "./channel.ts";
import { CANCEL, GONE, type Half, type Links, UNUSED } from "./links.ts";
import { type Keeper, RemoteToken } from "./remote-token.ts";

function cancel(token: CancellationToken, [bytes, extras]: readonly unknown[]): void {
	let why: unknown;
	try {
		why = unpackValue({ bytes, extras } as Packed);
	} catch (error) {
		why = new CancelledError(error, "the token was cancelled");
	}
	token.cancel(why);
}

function sayCancel(links: Links, id: number, why: unknown): void {
	const { bytes, extras } = packThrown(why);
	links.say(id, CANCEL, bytes, extras);
	links.remove(id);
}

/** The links that listen to a token of this thread. */
const homes = new WeakMap<CancellationToken, Set<TokenHome>>();

/** @internal The token that was sent. */
export class TokenHome implements Half, Waker {
	readonly #token: CancellationToken;
	readonly #links: Links;
	readonly #id: number;
	readonly #cancelled: { poll(cx: { waker: Waker }): unknown; leave(): void };
	/** How often it was sent, and not given up. */
	uses = 0;
	#done = false;

	constructor(token: CancellationToken, links: Links, id: number) {
		this.#token = token;
		this.#links = links;
		this.#id = id;
		this.#cancelled = token.cancelled() as never;
	}

	wake(): void {
		if (this.#done) return;
		this.#listen();
		if (look(this.#cancelled, this) === Pending) return;
		this.#end();
		sayCancel(this.#links, this.#id, this.#token.reason);
	}

	/** Looks from now on whether anybody else waits: then the process lives for what the other thread may say. */
	#listen(): void {
		const token = this.#token;
		let all = homes.get(token);
		if (all === undefined) homes.set(token, (all = new Set()));
		if (all.has(this)) return;
		all.add(this);
		token.watcher = () => {
			const others = token.listeners > all.size;
			for (const home of all) home.#links.await(home.#id, others);
		};
	}

	#end(): void {
		this.#done = true;
		homes.get(this.#token)?.delete(this);
		this.#cancelled.leave();
		this.#links.tokens.delete(this.#token);
		this.#links.remove(this.#id);
	}

	hear(what: number, rest: readonly unknown[]): void {
		if (this.#done) return;
		if (what === CANCEL) {
			this.#end();
			cancel(this.#token, rest);
		} else if (what === UNUSED || what === GONE) {
			this.uses -= what === GONE ? 1 : (rest[0] as number);
			if (this.uses === 0) this.#end();
		}
	}

	lost(): void {
		if (!this.#done) this.#end();
	}
}

/** Tells of tokens that nobody uses. */
const unused = /* @__PURE__ */ new FinalizationRegistry<TokenAway>((half) => half.unused());

/** @internal Its other half, in the thread that it has come to. */
export class TokenAway implements Half, Keeper {
	readonly #links: Links;
	readonly #id: number;
	readonly #token: WeakRef<RemoteToken>;
	#kept: RemoteToken | null = null;
	#came = 1;
	#done = false;

	private constructor(links: Links, id: number) {
		this.#links = links;
		this.#id = id;
		this.#kept = new RemoteToken(this);
		this.#token = new WeakRef(this.#kept);
	}

	/** The token that has come over a link: the same each time. */
	static token(links: Links, id: number): RemoteToken {
		const known = links.half(id);
		if (known instanceof TokenAway) {
			const token = known.#token.deref();
			if (token !== undefined && !known.#done) {
				known.#came++;
				return token;
			}
			known.unused();
		}
		const half = new TokenAway(links, id);
		const token = half.#kept as RemoteToken;
		half.#kept = null;
		unused.register(token, half, half);
		links.add(id, half, false);
		return token;
	}

	keep(token: RemoteToken | null): void {
		this.#kept = token;
	}

	/** Its thread may cancel it: that is as good a reason to live as a channel. */
	awaited(on: boolean): void {
		if (this.#done) return;
		if (on) this.#links.hold(this.#id);
		else this.#links.release(this.#id);
	}

	cancelled(why: unknown): void {
		if (this.#done) return;
		this.#end();
		sayCancel(this.#links, this.#id, why);
	}

	hear(what: number, rest: readonly unknown[]): void {
		if (what !== CANCEL || this.#done) return;
		this.#end();
		const token = this.#token.deref();
		if (token !== undefined) cancel(token, rest);
	}

	/** @internal Nobody here refers to it any more. */
	unused(): void {
		if (this.#done) return;
		this.#end();
		this.#links.say(this.#id, UNUSED, this.#came);
	}

	/** Whoever waits for it waits on: its thread cannot cancel it any more. */
	lost(): void {
		if (!this.#done) this.#end();
	}

	#end(): void {
		this.#done = true;
		this.#links.remove(this.#id);
		unused.unregister(this);
	}
}
