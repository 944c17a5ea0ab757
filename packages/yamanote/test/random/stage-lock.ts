/**
 * Users of a Mutex, an RwLock or a Semaphore. Never more inside than may be; who waits gets in in the order in which they came, but for those who
 * give up; and everything is free afterwards.
 */
import { type Async, type Future, Instant } from "yamanote";
import { Mutex, RwLock, Semaphore, TryAcquireError, TryLockError } from "yamanote/sync";
import type { Random } from "../sync/support.ts";
import { differ, hold, type Role, type Stage, type Step, waitAs } from "./actors.ts";

interface Lock {
	readonly what: string;
	readonly ops: readonly string[];
	/** How much there is of it. */
	readonly whole: number;
	/** How much a step takes, by waiting, and without. */
	parts(step: Step): number;
	take(step: Step): Future<Disposable, unknown>;
	tryTake(step: Step): Disposable;
	/** What is left when all have left. */
	left(): string[];
}

const MANY_READERS = 1_000;

function mutex(): Lock {
	const lock = new Mutex(0);
	return {
		what: "Mutex",
		ops: ["lock", "lock", "lock", "try"],
		whole: 1,
		parts: () => 1,
		take: () => lock.lock(),
		tryTake: () => lock.tryLock(),
		left: () => differ("locked", lock.isLocked, false),
	};
}

function rwLock(): Lock {
	const lock = new RwLock(0);
	const writes = ({ op }: Step): boolean => op.endsWith("write");
	return {
		what: "RwLock",
		ops: ["read", "read", "write", "try read", "try write"],
		whole: MANY_READERS,
		parts: (step) => (writes(step) ? MANY_READERS : 1),
		take: (step) => (writes(step) ? lock.write() : lock.read()),
		tryTake: (step) => (writes(step) ? lock.tryWrite() : lock.tryRead()),
		left() {
			lock.tryWrite().release();
			return [];
		},
	};
}

function semaphore(permits: number): Lock {
	const semaphore = new Semaphore(permits);
	const parts = ({ count }: Step): number => Math.min(count, permits);
	return {
		what: `Semaphore of ${permits}`,
		ops: ["acquire", "acquire", "acquire", "try"],
		whole: permits,
		parts,
		take: (step) => semaphore.acquireMany(parts(step)),
		tryTake: (step) => semaphore.tryAcquireMany(parts(step)),
		left: () => differ("free permits", semaphore.availablePermits, permits),
	};
}

export function lockStage(random: Random): { what: string; roles: Role[]; stage: Stage } {
	const lock = random.pick([mutex, rwLock, () => semaphore(1 + random.below(4))])();
	const wrong: string[] = [];
	let tickets = 0;
	/** Those who wait; and when one who came later got in first. */
	const waiting = new Map<number, Instant | null>();
	let inside = 0;

	/** Two who are let in together may come in any order, if both come then; but never is anybody overtaken. */
	const enter = (ticket: number): void => {
		const overtaken = waiting.get(ticket) ?? null;
		waiting.delete(ticket);
		if (overtaken !== null && (lock.whole === 1 || overtaken.elapsed() > 0))
			wrong.push(`number ${ticket} was overtaken`);
		for (const [other, since] of waiting) if (other < ticket && since === null) waiting.set(other, Instant.now());
	};

	function* use(step: Step, guard: Disposable): Async<void> {
		const parts = lock.parts(step);
		inside += parts;
		if (inside > lock.whole) wrong.push(`${inside} of ${lock.whole} are inside`);
		try {
			yield* hold(step);
		} finally {
			inside -= parts;
			guard[Symbol.dispose]();
		}
	}

	const stage: Stage = {
		*act(_, step) {
			if (step.op.startsWith("try")) {
				let guard: Disposable;
				try {
					guard = lock.tryTake(step);
				} catch (error) {
					if (!(error instanceof TryLockError) && !(error instanceof TryAcquireError)) throw error;
					return yield* hold(step);
				}
				return yield* use(step, guard);
			}
			const ticket = tickets++;
			waiting.set(ticket, null);
			let guard: { readonly value: Disposable } | null = null;
			try {
				guard = yield* waitAs(step, lock.take(step));
			} finally {
				if (guard === null) waiting.delete(ticket);
			}
			if (guard === null) return;
			enter(ticket);
			yield* use(step, guard.value);
		},
		check: () => [...wrong, ...differ("inside", inside, 0), ...lock.left()],
	};
	return { what: lock.what, roles: [{ name: "user", ops: lock.ops, actors: 2 + random.below(5) }], stage };
}
