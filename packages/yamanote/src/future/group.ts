/**
 * The engine of the combinators: futures that are owned together, each a branch with a waker of its own.
 *
 * Woken members stand in a list, and a poll runs just those that stood in it when it began. When the group is decided or dropped, what has
 * not ended is unwound inside the group's own poll, and the group goes on when all cleanup has ended.
 */
import { Branch, descend, reportCleanup, restore } from "../core/branch.ts";
import { Composite } from "../core/composite.ts";
import type { Driver } from "../core/driver.ts";
import { into } from "../core/into.ts";
import { type Context, type Poll, Pending as pending, type Waker } from "../core/poll.ts";
import { S as shared } from "../core/shared.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;
const Pending: typeof pending = pending;

/** @internal No members, where there are none yet or none any more. */
export const none: Branch[] = [];

/** @internal */
export abstract class Group<out T, out E = never> extends Composite<T, E> implements Waker {
	waker: Waker | null;
	head: Branch | null;
	tail: Branch | null;
	/** members whose cleanup waits; null as long as nothing is cancelled. */
	cleaning: Branch[] | null;

	// Written out: the compiler's own would pass `arguments` on, which costs more than the rest.
	constructor() {
		super();
		this.waker = null;
		this.head = null;
		this.tail = null;
		this.cleaning = null;
	}

	/** One of the members was woken, or the group itself. */
	wake(m?: Branch): void {
		if (m !== undefined) this.enqueue(m);
		this.waker?.wake();
	}

	enqueue(m: Branch): void {
		if (this.tail === null) this.head = m;
		else this.tail.qnext = m;
		this.tail = m;
	}

	/** A member has returned or thrown. True if the group is decided: nobody else is polled. */
	protected abstract ended(m: Branch, ok: boolean, outcome: unknown): boolean;

	/** The failure that it throws, when its losers are unwound; undefined if there is none. */
	protected abstract get failure(): unknown;

	/** What it was to throw, when all others have ended. */
	protected get failures(): readonly unknown[] {
		const { failure } = this;
		return failure === undefined ? [] : [failure];
	}

	/** The members, of which those that have not ended are unwound when the group is decided or dropped. Dumps show them. */
	abstract branches(): Iterable<Branch>;

	/** The group is decided, and its losers are unwound: its value, or a throw. */
	protected abstract outcome(): T;

	/** The group is dropped: releases the results that it holds. */
	protected abstract discardResults(): void;

	/** Whether the order of the woken members is free, for schedule exploration. */
	protected get shuffles(): boolean {
		return true;
	}

	/** For what its members are cancelled. */
	get reason(): unknown {
		return this.failure ?? (this.waker as Partial<Driver> | null)?.reason;
	}

	/** Polls the woken members. True if the group is decided. */
	protected pollWoken(): boolean {
		let m = this.head;
		if (m === null) return false;
		let last = this.tail;
		this.head = this.tail = null;
		if (S.hooks?.branches !== undefined && this.shuffles) {
			m = S.hooks.branches(m, this) as Branch | null;
			last = null;
		}
		const { current, frame, depth } = S;
		const task = descend(m);
		let decided = false;
		while (m !== null && !decided && S.budget > 0) {
			const next: Branch | null = m.qnext;
			m.qnext = null;
			if (!m.ended) {
				let ok = true;
				let outcome: unknown;
				try {
					outcome = m.step(task);
				} catch (error) {
					ok = false;
					outcome = error;
				}
				if (outcome !== Pending) decided = this.ended(m, ok, outcome);
			}
			m = next;
		}
		restore(current, frame, depth);
		if (m !== null && !decided) putBack(this, m, last);
		return decided;
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
		for (const m of this.cleaning ?? this.branches()) {
			// A cleanup that waits is called again when it was woken.
			if (m.ended || ((!again || m.woken) && m.cancel())) continue;
			if (cleaning === none) cleaning = [];
			cleaning.push(m);
		}
		this.cleaning = cleaning;
		this.head = this.tail = null;
		return cleaning === none;
	}

	protected override drop(cx: Context): Poll<void> {
		this.waker = cx.waker;
		if (!this.unwound()) return Pending;
		for (const error of this.failures) reportCleanup(error, (cx as Partial<Driver>).reason);
		this.discardResults();
	}
}

// A function, and not a private method: a class with those gives each group one more field.
/** The budget is used up: the rest has its turn first in the next poll. Polled now, all would only wake themselves, again and again while they are many. */
function putBack(group: Group<unknown, unknown>, first: Branch, last: Branch | null): void {
	let end = last ?? first;
	while (end.qnext !== null) end = end.qnext;
	end.qnext = group.head;
	group.head = first;
	group.tail ??= end;
	group.waker?.wake();
}

/**
 * A combinator's members, of its argument. An item that is no future throws, by its name, and then none is taken.
 *
 * @param keys - of a record; of what is left out, the keys are taken out
 * @param optional - `false`, `null` and `undefined` are left out
 * @internal
 */
export function membersOf(
	what: string,
	futures: unknown,
	keys: string[] | null,
	group: Group<unknown, unknown>,
	optional: boolean,
): Branch[] {
	const all = keys === null ? (futures as unknown[]).length : keys.length;
	// First their roots: what is refused must find all futures as they were.
	const members: unknown[] = new Array(all);
	let key: string | number = 0;
	let n = 0;
	try {
		for (let i = 0; i < all; i++) {
			key = keys === null ? i : (keys[i] as string);
			const future = (futures as Record<string | number, unknown>)[key];
			if (optional && (future === undefined || future === false || future === null)) continue;
			if (n < i && keys !== null) keys[n] = key as string;
			members[n++] = into(future);
		}
	} catch (error) {
		throw error instanceof TypeError ? new TypeError(`${what}: [${JSON.stringify(key)}]: ${error.message}`) : error;
	}
	if (n < all) members.length = n;
	for (let i = 0; i < n; i++) members[i] = new Branch(members[i] as Iterator<unknown, unknown>, group, i);
	return members as Branch[];
}

/** @internal The keys of a record of futures; null for an array. */
export function keysOf(what: string, futures: unknown): string[] | null {
	if (Array.isArray(futures)) return null;
	if (typeof futures === "object" && futures !== null && !(Symbol.iterator in futures)) return Object.keys(futures);
	throw new TypeError(`${what}: give one array or one record of futures`);
}

/** @internal Values in the shape of the argument: an array, or a record with its keys. */
export function shaped<V>(keys: readonly string[] | null, values: V[]): V[] | Record<string, V> {
	if (keys === null) return values;
	let record: Record<string, V> = {};
	for (let i = 0; i < keys.length; i++) {
		const key = keys[i] as string;
		const value = values[i] as V;
		if (key !== "__proto__") record[key] = value;
		else record = { ...record, [key]: value };
	}
	return record;
}
