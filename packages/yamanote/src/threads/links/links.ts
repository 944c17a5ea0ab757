/**
 * The links between a pool and one of its threads: what joins the two ends of a channel, or two tokens, of which one was sent over.
 *
 * A link has a half on each side, under one number: even if the pool has sent the end, odd if the thread has. A message that brings an end
 * announces its link, so that what comes for it before the end is unpacked waits for it. A half that is done says so once, and then both
 * sides forget the link; when the thread is gone, all halves are told that they are alone.
 */
import type { RuntimeCore } from "../../core/runtime-core.ts";
import type { Packed } from "../codec/pack.ts";
import { LINK, listed, MARK, type Message } from "../protocol.ts";

// What the halves say to each other.
/** `[…, ITEM, bytes, extras, links]`: a message. */
export const ITEM = 0;
/** `[…, CREDIT, n]`: there is room for so many more. */
export const CREDIT = 1;
/** `[…, END]`: no more messages come. */
export const END = 2;
/** `[…, CLOSED]`: no more sends may begin; what was sent is still wanted. */
export const CLOSED = 3;
/** `[…, GONE]`: nothing is wanted any more; or the end never arrived. */
export const GONE = 4;
/** `[…, CANCEL, bytes, extras]`: the token was cancelled. */
export const CANCEL = 5;
/** `[…, UNUSED, n]`: a token that has come `n` times is used by nobody any more. */
export const UNUSED = 6;

/** An end as it travels: what it is, the number of its link, and how many messages the other side has room for. */
export type Descriptor = readonly [kind: number, id: number, window: number];

/** An end that was taken from its thread, and goes to another. */
export interface Moved {
	/** It gets a link. Called once. */
	bind(links: Links): Descriptor;
	/** The link may be used. */
	activate(): void;
	/** It goes nowhere: it is dropped. Does nothing when it has gone. */
	abandon(): void;
}

/** @internal One side of a link. */
export interface Half {
	/** The other side says something. */
	hear(what: number, rest: readonly unknown[]): void;
	/** There is no other side any more. */
	lost(): void;
}

/** A link that is announced: what has come for it. */
class Early implements Half {
	readonly heard: (readonly [what: number, rest: readonly unknown[]])[] = [];
	hear(what: number, rest: readonly unknown[]): void {
		this.heard.push([what, rest]);
	}
	lost(): void {}
}

/** How one side posts to the other. */
type Post = (message: Message, transfer: readonly object[]) => void;

/** @internal */
export abstract class Links {
	readonly #post: Post;
	/** Called when one more link keeps the process alive that waits for that runtime, or one less. */
	readonly #held: (runtime: RuntimeCore, n: 1 | -1) => void;
	readonly #halves: Map<number, Half> = new Map();
	/** Those that the thread must live for: something may still happen there that somebody waits for. */
	readonly #open: Set<number> = new Set();
	/** Those that the process lives for, as long as the thread does. */
	readonly #awaited: Map<number, RuntimeCore> = new Map();
	/** Told of what fails where nobody waits: the runtime of whoever has sent the ends that are on their way. */
	runtime: RuntimeCore;
	/** Tokens that were sent, by themselves. */
	readonly tokens: Map<object, number> = new Map();
	/** It has said something since this was last set to false. */
	told = false;
	#next: number;
	#over = false;

	/** @param first - 0 for a pool, 1 for a thread */
	constructor(first: 0 | 1, runtime: RuntimeCore, post: Post, held: (runtime: RuntimeCore, n: 1 | -1) => void) {
		this.runtime = runtime;
		this.#next = first;
		this.#post = post;
		this.#held = held;
	}

	/** Takes the ends that a message brings from this thread. */
	abstract detach(packed: Packed): Packed;

	/** Makes an end that has come. */
	abstract revive(descriptor: Descriptor): object;

	/** How many channels go over it, and tokens that came over it and are waited for. */
	get open(): number {
		return this.#open.size;
	}

	half(id: number): Half | undefined {
		return this.#halves.get(id);
	}

	/** A number for a link that begins here. */
	reserve(): number {
		const id = this.#next;
		this.#next += 2;
		return id;
	}

	add(id: number, half: Half, holds: boolean): void {
		const early = this.#halves.get(id);
		this.#halves.set(id, half);
		if (holds) this.hold(id);
		if (early instanceof Early) for (const [what, rest] of early.heard) half.hear(what, rest);
		// It has come when all was over.
		if (this.#over) half.lost();
	}

	remove(id: number): void {
		this.#halves.delete(id);
		this.release(id);
	}

	/** Thread and process live for it. */
	hold(id: number): void {
		this.#open.add(id);
		this.await(id, true);
	}

	/** They need not any more. */
	release(id: number): void {
		this.#open.delete(id);
		this.await(id, false);
	}

	/** Whether somebody waits for what the other side may say: the process lives for it, but the thread may end. */
	await(id: number, on: boolean): void {
		const before = this.#awaited.get(id);
		if ((before !== undefined) === on) return;
		if (before === undefined) this.#awaited.set(id, this.runtime);
		else this.#awaited.delete(id);
		this.#held(before ?? this.runtime, on ? 1 : -1);
	}

	say(id: number, what: number, ...rest: unknown[]): void {
		if (this.#over) return;
		this.told = true;
		this.#post([MARK, LINK, id, what, ...rest], []);
	}

	/** Sends a message over a link. */
	sayItem(id: number, packed: Packed): void {
		if (this.#over) return abandon(packed);
		const links = this.bind(packed);
		this.told = true;
		this.#post([MARK, LINK, id, ITEM, packed.bytes, packed.extras, links], listed(packed));
		activate(packed);
	}

	/** The ends that a message brings get their links. Gives their numbers, which are sent with it. */
	bind(packed: Packed): number[] | null {
		const { moved, extras } = packed;
		if (moved === null) return null;
		return moved.map(({ at, end }) => {
			const descriptor = end.bind(this);
			(extras as unknown[])[at] = descriptor;
			return descriptor[1];
		});
	}

	/** The message could not be sent: its ends are alone. */
	unbind(ids: readonly number[] | null): void {
		for (const id of ids ?? []) this.#halves.get(id)?.lost();
	}

	/** A message has come that brings ends: their links exist from now on. */
	announce(ids: readonly number[] | null | undefined): void {
		for (const id of ids ?? []) if (!this.#halves.has(id)) this.#halves.set(id, new Early());
	}

	/** The message was not unpacked: the ends in it are dropped. */
	drop(ids: readonly number[] | null | undefined): void {
		for (const id of ids ?? []) {
			if (!(this.#halves.get(id) instanceof Early)) continue;
			this.#halves.delete(id);
			this.say(id, GONE);
		}
	}

	/** A message has come that nobody wants: the ends in it are dropped. */
	refuse(ids: readonly number[]): void {
		this.announce(ids);
		this.drop(ids);
	}

	/** A message about a link. */
	hear([, , id, what, ...rest]: Message): void {
		if (what === ITEM) this.announce(rest[2] as number[] | null);
		const half = this.#halves.get(id as number);
		if (half !== undefined) half.hear(what as number, rest);
		else if (what === ITEM) this.drop(rest[2] as number[] | null);
	}

	/** The other side is gone. */
	lost(): void {
		this.#over = true;
		for (const [id, half] of [...this.#halves]) {
			half.lost();
			this.remove(id);
		}
		this.tokens.clear();
	}
}

/** @internal The message is on its way: the links of its ends may be used. */
export function activate({ moved }: Packed): void {
	for (const { end } of moved ?? []) end.activate();
}

/** @internal The message is never sent: its ends are dropped, unless they have gone. */
export function abandon(packed: Packed | null): void {
	for (const { end } of packed?.moved ?? []) end.abandon();
}
