import { describe, expect, it } from "vitest";
import { attempt, run, yieldNow } from "yamanote";
import { Mutex, Semaphore, SyncMutex } from "yamanote/sync";
import { collect, expectWellFormed, here, placeOf } from "./collect.ts";
import { collected, gc } from "./garbage.ts";

describe("a guard that is held across a wait", () => {
	it("is told with the wait, and where it was taken", async () => {
		using found = collect({ guardAcrossWait: true });
		const lock = new SyncMutex(0, { name: "hits" });
		let taken = "";
		let waited = "";
		await run(
			function* () {
				yield* attempt(function* () {
					taken = here(1);
					using _guard = lock.lock();
					waited = here(1);
					yield* yieldNow();
				});
			},
			{ name: "holder" },
		);
		const [first, ...others] = found.all;
		expect(others).toEqual([]);
		expectWellFormed(first);
		expect(first?.code).toBe("YAMANOTE_GUARD_ACROSS_WAIT");
		expect(first?.severity).toBe("error");
		expect(first?.name).toBe("holder");
		expect(first?.message).toContain('"hits"');
		expect(placeOf(first?.place)).toBe(waited);
		expect(placeOf(first?.details["takenAt"] as never)).toBe(taken);
	});

	it("is told of native code, which awaits", async () => {
		using found = collect({ guardAcrossWait: true });
		const lock = new SyncMutex(0);
		const taken = here(1);
		const guard = lock.lock();
		await null;
		expect(() => guard.release()).toThrow();
		expect(found.of("YAMANOTE_GUARD_ACROSS_WAIT").map((d) => placeOf(d.place))).toEqual([taken]);
	});

	it("is not told if it was released before", async () => {
		using found = collect({ guardAcrossWait: true });
		const lock = new SyncMutex(0);
		await run(function* () {
			{
				using guard = lock.lock();
				guard.value++;
			}
			yield* yieldNow();
			lock.withLock((guard) => guard.value++);
			using _mutex = yield* new Mutex(0).lock();
			yield* yieldNow();
		});
		lock.lock().release();
		await null;
		expect(found.all).toEqual([]);
	});
});

describe.runIf(gc !== null)("a guard that was never released", () => {
	it("is told when it is collected, with the place where it was taken", { timeout: 30_000 }, async () => {
		using found = collect({ forgottenGuard: true });
		const mutex = new Mutex(0);
		const semaphore = new Semaphore(2);
		const lines: string[] = [];
		await run(
			function* () {
				lines.push(here(1));
				yield* mutex.lock();
				lines.push(here(1));
				semaphore.tryAcquire();
			},
			{ name: "careless" },
		);
		await collected(() => found.all.length === 2);
		expect(found.all.map((d) => placeOf(d.place)).sort()).toEqual(lines.sort());
		expect(found.all.map((d) => d.name)).toEqual(["careless", "careless"]);
		expect(
			found
				.of("YAMANOTE_FORGOTTEN_GUARD")
				.map((d) => d.message)
				.join(),
		).toMatch(/MutexGuard/);
		expectWellFormed(found.all[0]);
	});

	it("is not told of those that were released, forgotten on purpose, or are still held", {
		timeout: 30_000,
	}, async () => {
		using found = collect({ forgottenGuard: true });
		const mutex = new Mutex(0);
		const semaphore = new Semaphore(3);
		const kept = semaphore.tryAcquire();
		await run(function* () {
			// They hold nothing.
			semaphore.tryAcquireMany(0);
			semaphore.tryAcquire().split(1)?.release();
			(yield* mutex.lock()).release();
			yield* mutex.withLock(() => 0);
			(yield* semaphore.acquire()).forget();
			using _guard = yield* mutex.lock();
			yield* yieldNow();
		});
		await collected(() => false, 400);
		expect(found.all).toEqual([]);
		kept.release();
	});
});
