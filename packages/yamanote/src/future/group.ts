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

/** @internal */
export class Member extends Branch {
	readonly group: Group<unknown, unknown>;
	readonly index: number;
	ended = false;
	/** The next in that list. */
	qnext: Member | null = null;

	constructor(root: Iterator<unknown, unknown>, group: Group<unknown, unknown>, index: number) {
		super(root, group.self);
		this.group = group;
		this.index = index;
	}

	override wake(): void {
		if (this.woken || this.ended) return;
		this.woken = true;
		this.group.enqueue(this);
		this.group.waker?.wake();
	}
}

const asleep: Waker = { wake() {} };

/** @internal */
export abstract class Group<out T, out E = never> extends Composite<T, E> {
	/** Whom members wake before the first poll. */
	readonly self: Waker = asleep;
	waker: Waker | null = null;
	head: Member | null = null;
	tail: Member | null = null;
	/** Members whose cleanup waits; null as long as nothing is cancelled. */
	#cleaning: Member[] | null = null;

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

	/** Polls the woken members. True if the group is decided. */
	protected pollWoken(): boolean {
		let m = this.head;
		this.head = this.tail = null;
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
		if (this.#cleaning === null && !this.pollWoken()) return Pending;
		return this.unwound() ? this.outcome() : Pending;
	}

	/** Unwinds what has not ended. False while cleanup waits. */
	protected unwound(): boolean {
		if (this.#cleaning === null) {
			this.#cleaning = [];
			for (const m of this.rest()) {
				if (m.ended) continue;
				if (m.cancel()) m.ended = true;
				else this.#cleaning.push(m);
			}
		} else {
			this.#cleaning = this.#cleaning.filter((m) => {
				if (!m.woken) return true;
				m.ended = m.cancel();
				return !m.ended;
			});
		}
		this.head = this.tail = null;
		return this.#cleaning.length === 0;
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

/** @internal The roots of a combinator's argument, with a message that says which item is wrong. */
export function rootsOf(
	what: string,
	futures: unknown,
): { keys: readonly string[] | null; roots: Iterator<unknown, unknown>[] } {
	if (Array.isArray(futures)) return { keys: null, roots: futures.map((f, i) => root(what, f, i)) };
	if (typeof futures !== "object" || futures === null || Symbol.iterator in futures) {
		throw new TypeError(`${what}: give one array or one record of futures`);
	}
	const keys = Object.keys(futures);
	return { keys, roots: keys.map((key) => root(what, (futures as Record<string, unknown>)[key], key)) };
}

function root(what: string, f: unknown, key: string | number): Iterator<unknown, unknown> {
	try {
		return into(f);
	} catch (error) {
		throw error instanceof TypeError ? new TypeError(`${what}: [${JSON.stringify(key)}]: ${error.message}`) : error;
	}
}

/** @internal Values in the shape of the argument: an array, or a record with its keys. */
export function shaped<V>(keys: readonly string[] | null, values: V[]): V[] | Record<string, V> {
	if (keys === null) return values;
	const record: Record<string, V> = {};
	for (let i = 0; i < keys.length; i++) record[keys[i] as string] = values[i] as V;
	return record;
}
