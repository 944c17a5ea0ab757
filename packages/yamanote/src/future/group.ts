/**
 * The engine of the combinators: futures that are owned together, each a branch with a waker of its own.
 *
 * Woken members stand in a list, and a poll runs just those that stood in it when it began. When the group is decided or dropped, what has
 * not ended is unwound inside the group's own poll, and the group goes on when all cleanup has ended.
 */
import { Branch } from "../core/branch.ts";
import { Composite } from "../core/composite.ts";
import type { Driver } from "../core/driver.ts";
import { into } from "../core/into.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import { S } from "../core/shared.ts";

/** @internal */
export class Member extends Branch {
	/** Its place in the combinator's argument. */
	readonly index: number;
	ended = false;
	/** The next in that list. */
	qnext: Member | null = null;

	constructor(root: Iterator<unknown, unknown>, group: Group<unknown, unknown>, index: number) {
		super(root, group);
		this.index = index;
	}

	override wake(): void {
		if (this.woken || this.ended) return;
		this.woken = true;
		const group = this.parent as Group<unknown, unknown>;
		group.enqueue(this);
		group.wake();
	}
}

const none: Member[] = [];

/** @internal */
export abstract class Group<out T, out E = never> extends Composite<T, E> implements Waker {
	waker: Waker | null;
	head: Member | null;
	tail: Member | null;
	/** Members whose cleanup waits; null as long as nothing is cancelled. */
	cleaning: Member[] | null;

	// Written out: the compiler's own would pass `arguments` on, which costs more than the rest.
	constructor() {
		super();
		this.waker = null;
		this.head = null;
		this.tail = null;
		this.cleaning = null;
	}

	wake(): void {
		this.waker?.wake();
	}

	enqueue(m: Member): void {
		if (this.tail === null) this.head = m;
		else this.tail.qnext = m;
		this.tail = m;
	}

	/** A member has returned or thrown. True if the group is decided: nobody else is polled. */
	protected abstract ended(m: Member, ok: boolean, outcome: unknown): boolean;

	/** Members that have not ended: they are unwound when the group is decided or dropped. */
	protected abstract rest(): Iterable<Member>;

	/** The group is decided, and its losers are unwound: its value, or a throw. */
	protected abstract outcome(): T;

	/** The group is dropped: releases the results that it holds. */
	protected abstract discardResults(): void;

	/** Whether the order of the woken members is free, for schedule exploration. */
	protected get shuffles(): boolean {
		return true;
	}

	/** Polls the woken members. True if the group is decided. */
	protected pollWoken(): boolean {
		let m = this.head;
		this.head = this.tail = null;
		if (m !== null && S.hooks?.branches !== undefined && this.shuffles) m = S.hooks.branches(m, this) as Member | null;
		while (m !== null) {
			const next: Member | null = m.qnext;
			m.qnext = null;
			if (!m.ended) {
				let ok = true;
				let outcome: unknown;
				try {
					outcome = m.run();
				} catch (error) {
					ok = false;
					outcome = error;
				}
				if (outcome !== Pending) {
					m.ended = true;
					if (this.ended(m, ok, outcome)) return true;
				}
			}
			m = next;
		}
		return false;
	}

	poll(cx: Context): Poll<T> {
		this.waker = cx.waker;
		if (this.cleaning === null && !this.pollWoken()) return Pending;
		return this.unwound() ? this.outcome() : Pending;
	}

	/** Unwinds what has not ended. False while cleanup waits. */
	protected unwound(): boolean {
		const again = this.cleaning !== null;
		let cleaning = none;
		for (const m of this.cleaning ?? this.rest()) {
			// A cleanup that waits is called again when it was woken.
			if (!m.ended && (!again || m.woken)) m.ended = m.cancel();
			if (m.ended) continue;
			if (cleaning === none) cleaning = [];
			cleaning.push(m);
		}
		this.cleaning = cleaning;
		this.head = this.tail = null;
		return cleaning === none;
	}

	/** @internal The drivers within, for dumps. */
	branches(): Iterable<Driver> {
		return this.rest();
	}

	protected override drop(cx: Context): Poll<void> {
		this.waker = cx.waker;
		if (!this.unwound()) return Pending;
		this.discardResults();
	}
}

/** @internal The roots of a combinator's argument; an item that is no future throws, by its name. */
export function rootsOf(
	what: string,
	futures: unknown,
	keys: readonly string[] | null = keysOf(what, futures),
): Iterator<unknown, unknown>[] {
	const n = keys === null ? (futures as unknown[]).length : keys.length;
	const roots: Iterator<unknown, unknown>[] = new Array(n);
	let key: string | number = 0;
	try {
		for (let i = 0; i < n; i++) {
			key = keys === null ? i : (keys[i] as string);
			roots[i] = into((futures as Record<string | number, unknown>)[key]);
		}
	} catch (error) {
		throw error instanceof TypeError ? new TypeError(`${what}: [${JSON.stringify(key)}]: ${error.message}`) : error;
	}
	return roots;
}

/** @internal The keys of a record of futures; null for an array. */
export function keysOf(what: string, futures: unknown): readonly string[] | null {
	if (Array.isArray(futures)) return null;
	if (typeof futures === "object" && futures !== null && !(Symbol.iterator in futures)) return Object.keys(futures);
	throw new TypeError(`${what}: give one array or one record of futures`);
}

/** @internal Values in the shape of the argument: an array, or a record with its keys. */
export function shaped<V>(keys: readonly string[] | null, values: V[]): V[] | Record<string, V> {
	if (keys === null) return values;
	const record: Record<string, V> = {};
	for (let i = 0; i < keys.length; i++) record[keys[i] as string] = values[i] as V;
	return record;
}
