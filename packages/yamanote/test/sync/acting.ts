// Random programs in which wakers act at once: a wake polls, drops, sends, releases and closes, three deep.
import { expect } from "vitest";
import { type Future, Pending, type Poll, type Waker } from "yamanote";
import type { Random } from "./support.ts";

/** A future that is polled by the program. */
export class Wait<T> implements Waker {
	woken = true;
	over = false;
	#polling = false;
	readonly #future: Future<T, unknown>;
	readonly #world: World;
	readonly #done: (value: T) => void;
	/** What it waits for. */
	readonly of: unknown;

	constructor(world: World, of: unknown, future: Future<T, unknown>, done: (value: T) => void = () => {}) {
		this.#world = world;
		this.of = of;
		this.#future = future;
		this.#done = done;
		world.waits.push(this as unknown as Wait<never>);
	}

	wake(): void {
		this.woken = true;
		this.#world.woken();
	}

	poll(): void {
		if (this.over || this.#polling) return;
		this.#polling = true;
		this.woken = false;
		let value: Poll<T> = Pending;
		try {
			value = this.#future.poll({ waker: this });
		} catch (error) {
			expect(error).toHaveProperty("code");
			this.over = true;
		} finally {
			this.#polling = false;
		}
		if (value === Pending) return;
		this.over = true;
		this.#done(value);
	}

	drop(): void {
		if (this.over || this.#polling) return;
		this.over = true;
		this.#future[Symbol.dispose]();
	}
}

/** What a program does beside polling and dropping, by chance; and what must hold when nobody who was woken is left. */
export interface Subject {
	act(): void;
	check(waiting: readonly Wait<never>[]): void;
}

export class World {
	readonly random: Random;
	readonly waits: Wait<never>[] = [];
	#depth = 0;
	readonly #subject: Subject;

	constructor(random: Random, make: (world: World) => Subject) {
		this.random = random;
		this.#subject = make(this);
	}

	woken(): void {
		if (this.#depth === 3 || !this.random.chance(1 / 3)) return;
		this.#depth++;
		for (let i = this.random.below(3); i >= 0; i--) this.#step();
		this.#depth--;
	}

	#step(): void {
		const waiting = this.waits.filter((wait) => !wait.over);
		const what = this.random.below(10);
		if (waiting.length > 0 && what < 4) this.random.pick(waiting).poll();
		else if (waiting.length > 0 && what === 4) this.random.pick(waiting).drop();
		else this.#subject.act();
	}

	/** Polls whoever was woken, until nobody is. */
	settle(): void {
		this.#depth = 3;
		for (;;) {
			const next = this.waits.find((wait) => wait.woken && !wait.over);
			if (next === undefined) return;
			next.poll();
		}
	}

	run(): void {
		for (let steps = 10 + this.random.below(40); steps > 0; steps--) this.#step();
		this.settle();
		this.#subject.check(this.waits.filter((wait) => !wait.over));
	}
}

/** What fails as it says, by a class of ours, does not matter here. */
export function tried(f: () => void): void {
	try {
		f();
	} catch (error) {
		expect(error).toHaveProperty("code");
	}
}
