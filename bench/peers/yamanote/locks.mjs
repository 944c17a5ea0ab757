import { asyncFn, spawn, yieldNow } from "yamanote";
import { Mutex, Semaphore } from "yamanote/sync";
import { check, per } from "../lib/checks.mjs";
import { programs } from "./program.mjs";

/** `count` tasks of the same kind, awaited to their end. */
const tasks = asyncFn(function* (count, body) {
	const handles = Array.from({ length: count }, () => spawn(body));
	for (const handle of handles) yield* handle;
});

export const workloads = programs({
	mutex_uncontended: asyncFn(function* (n) {
		const mutex = new Mutex(0);
		for (let i = 0; i < n; i++) {
			const guard = yield* mutex.lock();
			guard.value++;
			guard.release();
		}
		const guard = yield* mutex.lock();
		check("count", guard.value, n);
		guard.release();
	}),

	mutex_contended: asyncFn(function* (n) {
		const each = per(n, 10);
		const mutex = new Mutex(0);
		yield* tasks(10, function* () {
			for (let i = 0; i < each; i++) {
				const guard = yield* mutex.lock();
				try {
					const before = guard.value;
					yield* yieldNow();
					guard.value = before + 1;
				} finally {
					guard.release();
				}
			}
		});
		const guard = yield* mutex.lock();
		check("count", guard.value, each * 10);
		guard.release();
		return each * 10;
	}),

	semaphore_contended: asyncFn(function* (n) {
		const each = per(n, 20);
		const semaphore = new Semaphore(4);
		let inside = 0;
		let most = 0;
		let count = 0;
		yield* tasks(20, function* () {
			for (let i = 0; i < each; i++) {
				const permit = yield* semaphore.acquire();
				try {
					most = Math.max(most, ++inside);
					yield* yieldNow();
					inside--;
					count++;
				} finally {
					permit.release();
				}
			}
		});
		check("inside at once", most, 4);
		check("count", count, each * 20);
		return count;
	}),
});
