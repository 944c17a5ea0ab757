/**
 * Who holds a lock, and since when: for the one who looks for a deadlock.
 *
 * Guards and permits are noted when they are made and struck out when they are released, as long as somebody tracks them. Neither the lock
 * nor the guard is kept alive by it.
 */
import { checkOptions, describe } from "../core/error.ts";
import { hostNow } from "../core/host.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import { runningTask } from "../core/shared.ts";
import { clean } from "../core/stack-lines.ts";
import { stackBelow } from "../core/trace.ts";
import { ForgottenGuardError } from "./error/forgotten-guard-error.ts";
import { type ResourceEvent, watch } from "./tell.ts";

/** Who holds a lock or permits: what {@link holdersOf} gives. */
export interface Holder {
	/** The kind of what is held, as `MutexGuard`. */
	readonly what: string;
	/** The task that took it, as `"worker" (#7)`; `undefined` for code outside of tasks. */
	readonly task: string | undefined;
	/** For how many milliseconds, by the host's clock. */
	readonly forMs: number;
	/** Where it was taken. */
	readonly at: string;
}

/** Options of {@link trackHolders}. */
export interface TrackHoldersOptions {
	/** Told when a guard was collected that had never been released. Default, if no other tracker has one: the runtime's `onUnhandled`. */
	readonly onForgotten?: ((error: ForgottenGuardError) => void) | undefined;
}

interface Note {
	readonly what: string;
	readonly task: string | undefined;
	readonly since: number;
	readonly at: string;
	/** The stretch of tracking in which it was made: what happened after that is not known. */
	readonly stretch: number;
	/** Which end of a channel it is; null for a guard or permit. */
	readonly receives: boolean | null;
}

const notes = new WeakMap<object, Map<object, Note>>();
const keys = new WeakMap<object, object>();
const trackers = /* @__PURE__ */ new Set<TrackHoldersOptions>();
let stretch = 0;

const registry = /* @__PURE__ */ new FinalizationRegistry<Note>(({ what, task, at, stretch: then }) => {
	if (then !== stretch) return;
	const error = new ForgottenGuardError(what, at);
	const told = [...trackers].filter(({ onForgotten }) => onForgotten !== undefined);
	for (const { onForgotten } of told) onForgotten?.(error);
	if (told.length === 0) currentRuntime().report(error, task ?? "(outside of tasks)", "collected");
});

function note(event: ResourceEvent, of: object, detail: object): void {
	if (event === "release" || event === "shut") {
		const key = keys.get(detail);
		if (key === undefined) return;
		keys.delete(detail);
		notes.get(of)?.delete(key);
		registry.unregister(detail);
	} else if (event === "hold" || event === "open") {
		const [, place = ""] = clean(`\n${stackBelow(note, 12)}`).split("\n");
		const entry = {
			what: detail.constructor.name,
			task: runningTask()?.label(),
			since: hostNow(),
			at: place.replace(/^\s*at /, ""),
			stretch,
			receives: event === "open" ? !("send" in detail) : null,
		};
		let held = notes.get(of);
		if (held === undefined) {
			held = new Map();
			notes.set(of, held);
		}
		const key = {};
		keys.set(detail, key);
		held.set(key, entry);
		// An end that was forgotten is told of by whoever waits for it: many a program leaves them to the collector when all is over.
		if (event === "hold") registry.register(detail, entry, detail);
	}
}

/**
 * Notes from now on who takes locks and permits, and where, so that {@link holdersOf} can tell; and reports guards that were forgotten (collected
 * without having been released). It costs a stack for each guard: switch it on to look for something. Dispose what it gives to switch it off.
 *
 * @source none: Tokio's console shows it
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, sleep, spawn } from "yamanote";
 * import { holdersOf, Mutex, trackHolders } from "yamanote/sync";
 *
 * using _tracking = trackHolders();
 * const mutex = new Mutex(0);
 * await run(function* () {
 *   const task = spawn(function* () {
 *     using _guard = yield* mutex.lock();
 *     yield* sleep(5);
 *   }, { name: "slow" });
 *   yield* sleep(1);
 *   assert.match(holdersOf(mutex)[0]?.task ?? "", /slow/);
 *   yield* task;
 *   assert.deepEqual(holdersOf(mutex), []);
 * });
 * ```
 */
export function trackHolders(options: TrackHoldersOptions = {}): Disposable {
	checkOptions("trackHolders", options);
	const tracker = { onForgotten: options.onForgotten };
	trackers.add(tracker);
	watch(note);
	return {
		[Symbol.dispose]() {
			if (!trackers.delete(tracker) || trackers.size > 0) return;
			watch(null);
			stretch++;
		},
	};
}

/**
 * Who holds a lock, or a semaphore's permits, those who took them first coming first. Asked about an end of a channel, it gives who can end a
 * wait there: for a receiver the live senders, for a sender the live receivers, and for both the permits that are out. It knows of what was
 * taken or made since it is tracked ({@link trackHolders}).
 *
 * @param lock - a `Mutex`, `RwLock`, `Semaphore` or `SyncMutex`, or an end of a channel
 * @throws {@link TypeError} if it is no object
 * @source none: Tokio's console shows it
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run } from "yamanote";
 * import { holdersOf, mpsc, Semaphore, trackHolders } from "yamanote/sync";
 *
 * using _tracking = trackHolders();
 * const slots = new Semaphore(2);
 * using _permit = await run(slots.acquire());
 * assert.equal(holdersOf(slots)[0]?.what, "SemaphorePermit");
 *
 * const [tx, rx] = mpsc.channel<string>(1);
 * assert.equal(holdersOf(rx)[0]?.what, "Sender"); // as long as it lives, a `recv` can wait
 * tx.close();
 * assert.deepEqual(holdersOf(rx), []);
 * ```
 */
export function holdersOf(lock: object): readonly Holder[] {
	if (typeof lock !== "object" || lock === null)
		throw new TypeError(`holdersOf: give a lock or an end of a channel, not ${describe(lock)}`);
	const now = hostNow();
	const { chan, ring, cell, rx } = lock as Record<"chan" | "ring" | "cell" | "rx", object | undefined>;
	const receives = !("send" in lock);
	const held = [...(notes.get(chan ?? ring ?? cell ?? rx ?? lock)?.values() ?? [])].filter(
		(entry) => entry.stretch === stretch && entry.receives !== receives,
	);
	return held.map(({ what, task, since, at }) => ({ what, task, forMs: now - since, at }));
}
