/** What a mock does, step by step, with pauses in between. */

import { type Duration, toMs } from "../core/duration.ts";
import { Notify } from "../sync/notify.ts";
import { Instant } from "../time/instant.ts";
import { sleepUntil } from "../time/sleep.ts";

/** @internal A pause. Its end is fixed when its turn comes, so that whoever is cancelled in it and comes back waits for the rest. */
export class Pause {
	readonly ms: number;
	until: Instant | undefined = undefined;

	constructor(duration: Duration) {
		this.ms = toMs(duration);
	}
}

/** @internal */
export class Script<S extends object> {
	readonly #steps: (S | Pause)[] = [];
	readonly #changed: Notify = new Notify();
	/** More steps may come. */
	#open: boolean;

	constructor(steps: readonly (S | Pause)[], open = false) {
		this.add(...steps);
		this.#open = open;
	}

	get open(): boolean {
		return this.#open;
	}

	/** The steps that are not done, without the pauses. */
	get left(): S[] {
		return this.#steps.filter((step) => !(step instanceof Pause)) as S[];
	}

	/** Copies: a script is played once, and what it was built from may be built again. */
	add(...steps: (S | Pause)[]): void {
		for (const step of steps) this.#steps.push(step instanceof Pause ? new Pause(step.ms) : { ...step });
		this.#changed.notifyWaiters();
	}

	close(): void {
		this.#open = false;
		this.#changed.notifyWaiters();
	}

	/** The first step that is not done, when its turn has come; `undefined` when there are no more. */
	*turn(): Generator<unknown, S | undefined> {
		for (;;) {
			const step = this.#steps[0];
			if (step instanceof Pause) {
				step.until ??= Instant.now().plus(step.ms);
				yield* sleepUntil(step.until);
				if (this.#steps[0] === step) this.done();
			} else if (step !== undefined || !this.#open) return step;
			else yield* this.changed();
		}
	}

	/** The step whose turn it was is done. */
	done(): void {
		this.#steps.shift();
		this.#changed.notifyWaiters();
	}

	/** Ready when a step is done, or added. */
	*changed(): Generator<unknown, void> {
		yield* this.#changed.notified();
	}
}
