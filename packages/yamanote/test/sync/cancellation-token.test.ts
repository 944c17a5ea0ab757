import { describe, expect, it } from "vitest";
import { CancelledError, fail, pending, ready, run, sleep, spawn, yieldNow } from "yamanote";
import { CancellationToken, Mutex } from "yamanote/sync";
import { counted } from "../support/counted-signal.ts";
import { catching, mock, now, Oops, onRuntime, same, seeds } from "./support.ts";

describe("CancellationToken", () => {
	it("wakes all who wait, and stays cancelled", () => {
		const token = new CancellationToken();
		expect(token.isCancelled).toBe(false);
		const [a, b] = [mock(token.cancelled()).pending(), mock(token.cancelled()).pending()];
		token.cancel();
		token.cancel();
		a.wokenReady();
		b.wokenReady();
		expect([a.wakes, token.isCancelled]).toEqual([1, true]);
		now(token.cancelled());
	});

	it("forgets who has left", () => {
		const token = new CancellationToken();
		const [gone, stays] = [mock(token.cancelled()).pending(), mock(token.cancelled()).pending()];
		gone.drop();
		token.cancel();
		expect(gone.wakes).toBe(0);
		stays.wokenReady();
	});

	it("cancels its children, and theirs, whoever waits where", () => {
		const token = new CancellationToken();
		const child = token.childToken();
		const grandchild = child.childToken();
		const waits = [token, child, grandchild].map((t) => mock(t.cancelled()).pending());
		const silent = child.childToken();
		token.cancel("done");
		for (const w of waits) w.wokenReady();
		expect([child.isCancelled, grandchild.isCancelled, silent.isCancelled]).toEqual([true, true, true]);
		expect([silent.reason, token.reason]).toEqual(["done", "done"]);
	});

	it("does not cancel its parent, nor the other children", () => {
		const token = new CancellationToken();
		const [a, b] = [token.childToken(), token.childToken()];
		const [parent, left, right] = [token, a, b].map((t) => mock(t.cancelled()).pending()) as [
			ReturnType<typeof mock<void>>,
			ReturnType<typeof mock<void>>,
			ReturnType<typeof mock<void>>,
		];
		a.cancel();
		left.wokenReady();
		expect([parent.isWoken, right.isWoken]).toEqual([false, false]);
		token.cancel();
		parent.wokenReady();
		right.wokenReady();
	});

	it("cancels a grandchild whose parent nobody holds any more", () => {
		const token = new CancellationToken();
		const grandchild = token.childToken().childToken();
		const wait = mock(grandchild.cancelled()).pending();
		token.cancel();
		wait.wokenReady();
	});

	it("leaves a child as it was that was cancelled before, for a reason of its own", () => {
		const token = new CancellationToken();
		const child = token.childToken();
		const wait = mock(child.cancelled()).pending();
		child.cancel("child");
		token.cancel("parent");
		expect([child.reason, token.reason, wait.wakes]).toEqual(["child", "parent", 1]);
	});

	it("has children that are born cancelled when it was", () => {
		const token = new CancellationToken();
		token.cancel();
		const child = token.childToken();
		expect(child.isCancelled).toBe(true);
		now(child.cancelled());
		now(child.childToken().cancelled());
	});

	it("cancels below only, in the middle of a tree", () => {
		const root = new CancellationToken();
		const tokens = [root];
		for (let i = 1; i < 31; i++) tokens.push((tokens[(i - 1) >> 1] as CancellationToken).childToken());
		const waits = tokens.map((t) => mock(t.cancelled()).pending());
		tokens[2]?.cancel();
		const below = (i: number): boolean => i === 2 || (i > 2 && below((i - 1) >> 1));
		expect(tokens.map((t) => t.isCancelled)).toEqual(tokens.map((_, i) => below(i)));
		expect(waits.map((w) => w.isWoken)).toEqual(tokens.map((_, i) => below(i)));
		root.cancel();
		expect(waits.every((w) => w.wakes === 1)).toBe(true);
	});

	it("says why: a CancelledError unless it was told", () => {
		const token = new CancellationToken();
		expect(token.reason).toBeUndefined();
		token.cancel();
		expect(token.reason).toBeInstanceOf(CancelledError);
		expect((token.reason as Error).name).toBe("AbortError");
		const told = new CancellationToken();
		const child = told.childToken();
		child.cancel("first");
		told.cancel("second");
		expect([child.reason, told.reason]).toEqual(["first", "second"]);
	});

	it("is cancelled by a chain of 100,000 parents, and leaves 100,000 children, without a deep stack", () => {
		const root = new CancellationToken();
		let leaf = root;
		for (let i = 0; i < 100_000; i++) leaf = leaf.childToken();
		const deep = mock(leaf.cancelled()).pending();
		const wide = Array.from({ length: 100_000 }, () => mock(root.childToken().cancelled()).pending());
		root.cancel();
		deep.wokenReady();
		expect(wide.every((w) => w.isWoken)).toBe(true);
		expect(leaf.isCancelled).toBe(true);
	});

	it("may be cancelled, and waited for, by a waker that it calls", () => {
		const token = new CancellationToken();
		let calls = 0;
		token.cancelled().poll({
			waker: {
				wake() {
					calls++;
					token.cancel();
					now(token.childToken().cancelled());
				},
			},
		});
		const other = mock(token.cancelled()).pending();
		token.cancel();
		expect(calls).toBe(1);
		other.wokenReady();
	});

	it("is the same whatever children come and go, in 1,000 random schedules", () => {
		seeds(1_000, (random) => {
			const tokens = [{ token: new CancellationToken(), parent: -1, cancelled: false }];
			const isCancelled = (i: number): boolean => {
				const t = tokens[i];
				return t !== undefined && (t.cancelled || isCancelled(t.parent));
			};
			let waits: { at: number; mock: ReturnType<typeof mock<void>> }[] = [];
			for (let step = 0; step < 60; step++) {
				const at = random.below(tokens.length);
				const { token } = tokens[at] as (typeof tokens)[0];
				const what = random.below(10);
				if (what < 3) tokens.push({ token: token.childToken(), parent: at, cancelled: false });
				else if (what < 7) {
					const wait = mock(token.cancelled());
					same(typeof wait.poll() !== "symbol", isCancelled(at));
					if (!isCancelled(at)) waits.push({ at, mock: wait });
				} else if (what < 9 && waits.length > 0) {
					const w = random.pick(waits);
					waits = waits.filter((x) => x !== w);
					w.mock.drop();
				} else if (random.chance(0.4)) {
					token.cancel();
					(tokens[at] as (typeof tokens)[0]).cancelled = true;
				}
				for (const w of waits) same(w.mock.isWoken, isCancelled(w.at));
				for (let i = 0; i < tokens.length; i++) same(tokens[i]?.token.isCancelled, isCancelled(i));
			}
		});
	});
});

describe("CancellationToken.dropGuard", () => {
	it("cancels when it is disposed, once, and not when it is disarmed", () => {
		const token = new CancellationToken();
		const child = token.childToken();
		{
			using guard = child.dropGuard();
			expect(guard.token).toBe(child);
			expect(child.isCancelled).toBe(false);
		}
		expect([child.isCancelled, token.isCancelled]).toEqual([true, false]);
		{
			using guard = token.dropGuard();
			expect(guard.disarm()).toBe(token);
		}
		expect(token.isCancelled).toBe(false);
	});

	it("cancels when nobody receives it", async () => {
		await onRuntime(function* () {
			const token = new CancellationToken();
			const handle = spawn(function* () {
				yield* yieldNow();
				return token.dropGuard();
			});
			handle[Symbol.dispose]();
			yield* token.cancelled();
		});
	});
});

describe("CancellationToken.runUntilCancelled", () => {
	it("gives the value of a future that is ready first", async () => {
		const token = new CancellationToken();
		expect(await run(token.runUntilCancelled(ready(1)))).toBe(1);
		expect(await run(token.runUntilCancelled(async () => "async"))).toBe("async");
		expect(token.listeners).toBe(0);
		expect(() => token.runUntilCancelled(5 as never)).toThrow(TypeError);
	});

	it("gives undefined when it is cancelled first, after the cleanup of the future", async () => {
		await onRuntime(function* () {
			const token = new CancellationToken();
			const log: string[] = [];
			const task = spawn(
				token.childToken().runUntilCancelled(function* () {
					try {
						yield* pending();
					} finally {
						yield* sleep(5);
						log.push("cleaned up");
					}
				}),
			);
			yield* yieldNow();
			token.cancel();
			expect(yield* task).toBeUndefined();
			expect(log).toEqual(["cleaned up"]);
		});
	});

	it("begins nothing on a token that is cancelled", async () => {
		const token = new CancellationToken();
		token.cancel();
		let begun = false;
		const value = await run(
			token.runUntilCancelled(function* () {
				begun = true;
				yield* yieldNow();
				return 1;
			}),
		);
		expect([value, begun]).toEqual([undefined, false]);
	});

	it("prefers a value that is ready in the same poll", () => {
		const token = new CancellationToken();
		const mutex = new Mutex(0);
		const guard = mutex.tryLock();
		const both = mock(token.runUntilCancelled(mutex.lock()), 2).pending();
		token.cancel();
		guard.release();
		const got = both.wokenReady();
		expect(got).toBeDefined();
		expect(mutex.isLocked).toBe(true);
	});

	it("fails as the future fails", async () => {
		const token = new CancellationToken();
		await expect(run(token.runUntilCancelled(fail(new Oops("no"))))).rejects.toThrow("no");
		expect(token.listeners).toBe(0);
	});

	it("drops the future when it is dropped itself", async () => {
		await onRuntime(function* () {
			const token = new CancellationToken();
			const mutex = new Mutex(0);
			using _guard = yield* mutex.lock();
			const task = spawn(token.runUntilCancelled(mutex.lock()));
			yield* yieldNow();
			task.abort();
			yield* catching(task);
			expect(token.listeners).toBe(0);
			_guard.release();
			expect(mutex.isLocked).toBe(false);
		});
	});
});

describe("CancellationToken and AbortSignal", () => {
	it("has a signal that is aborted with it, with its reason", () => {
		const token = new CancellationToken();
		const { signal } = token;
		expect(token.signal).toBe(signal);
		let heard = 0;
		signal.addEventListener("abort", () => heard++);
		expect(signal.aborted).toBe(false);
		token.cancel("because");
		expect([signal.aborted, signal.reason, heard]).toEqual([true, "because", 1]);
		expect(token.signal.aborted).toBe(true);
	});

	it("has a signal that is aborted already when it was cancelled before", () => {
		const token = new CancellationToken();
		const child = token.childToken();
		token.cancel("why");
		expect([child.signal.aborted, child.signal.reason]).toEqual([true, "why"]);
		expect(child.signal.aborted).toBe(true);
	});

	it("aborts the signals of the children, not that of the parent", () => {
		const token = new CancellationToken();
		const [a, b] = [token.childToken(), token.childToken()];
		const signals = [token.signal, a.signal, b.signal];
		a.cancel(1);
		expect(signals.map((s) => s.aborted)).toEqual([false, true, false]);
		token.cancel(2);
		expect(signals.map((s) => s.reason)).toEqual([2, 1, 2]);
	});

	it("follows a signal, and listens to it only while somebody waits", () => {
		const { controller, listeners } = counted();
		const { signal } = controller;
		const token = CancellationToken.fromSignal(signal);
		expect(listeners()).toBe(0);
		const [own, below] = [mock(token.cancelled()).pending(), mock(token.childToken().cancelled()).pending()];
		expect(listeners()).toBe(1);
		own.drop();
		below.drop();
		expect(listeners()).toBe(0);
		const wait = mock(token.childToken().cancelled()).pending();
		controller.abort("gone");
		wait.wokenReady();
		expect([token.isCancelled, token.reason, listeners()]).toEqual([true, "gone", 0]);
	});

	it("follows a signal that is aborted while nobody waits, or was aborted before", () => {
		const controller = new AbortController();
		const token = CancellationToken.fromSignal(controller.signal);
		expect(token.isCancelled).toBe(false);
		controller.abort("later");
		expect([token.isCancelled, token.childToken().reason]).toEqual([true, "later"]);
		expect(CancellationToken.fromSignal(AbortSignal.abort()).isCancelled).toBe(true);
		now(CancellationToken.fromSignal(AbortSignal.abort()).cancelled());
		expect(() => CancellationToken.fromSignal({} as never)).toThrow(TypeError);
	});

	it("can be cancelled on its own though it follows a signal", () => {
		const controller = new AbortController();
		const token = CancellationToken.fromSignal(controller.signal);
		const { signal } = token;
		token.cancel(1);
		expect([signal.aborted, signal.reason, controller.signal.aborted]).toEqual([true, 1, false]);
		const other = CancellationToken.fromSignal(controller.signal);
		const followed = other.signal;
		controller.abort(2);
		expect([followed.aborted, followed.reason, other.isCancelled]).toEqual([true, 2, true]);
	});

	it("keeps the reason it was cancelled with when the signal that it follows is aborted before who waits has left", () => {
		const controller = new AbortController();
		const token = CancellationToken.fromSignal(controller.signal);
		const child = token.childToken();
		mock(token.cancelled()).pending();
		mock(child.cancelled()).pending();
		child.cancel("child");
		token.cancel("token");
		controller.abort("signal");
		expect([child.reason, token.reason]).toEqual(["child", "token"]);
	});

	it("wakes who waits though an earlier listener of the signal has looked already", () => {
		const controller = new AbortController();
		const token = CancellationToken.fromSignal(controller.signal);
		const seen: unknown[] = [];
		controller.signal.addEventListener("abort", () => {
			token.cancel("too late");
			seen.push(token.reason);
		});
		const waits = [mock(token.cancelled()).pending(), mock(token.childToken().cancelled()).pending()];
		controller.abort("signal");
		for (const wait of waits) wait.wokenReady();
		expect(seen).toEqual(["signal"]);
	});

	it("has signals below very many parents, without a deep stack or time that grows with the square of them", () => {
		// Deno's `AbortSignal.any` takes time that grows with the square of the signals it is given.
		const depth = "Deno" in globalThis ? 3_000 : 100_000;
		const root = new CancellationToken();
		let leaf = root;
		const line = [root];
		for (let i = 0; i < depth; i++) {
			leaf = leaf.childToken();
			line.push(leaf);
		}
		const signals = [
			leaf.signal,
			leaf.childToken().signal,
			(line[depth * 0.5] as CancellationToken).signal,
			root.signal,
		];
		expect(signals.map((s) => s.aborted)).toEqual([false, false, false, false]);
		(line[depth * 0.7] as CancellationToken).cancel("below");
		expect(signals.map((s) => s.reason)).toEqual(["below", "below", undefined, undefined]);
		expect(leaf.childToken().signal.reason).toBe("below");
		root.cancel("all");
		expect(signals.map((s) => s.reason)).toEqual(["below", "below", "all", "all"]);
	});

	it("listens to a signal once, however many tokens follow it", () => {
		const { controller, listeners } = counted();
		const { signal } = controller;
		const tokens = Array.from({ length: 100 }, () => CancellationToken.fromSignal(signal));
		const waits = tokens.map((token) => mock(token.cancelled()).pending());
		expect(listeners()).toBe(1);
		for (const wait of waits.splice(0, 99)) wait.drop();
		expect(listeners()).toBe(1);
		controller.abort("gone");
		waits[0]?.wokenReady();
		expect(listeners()).toBe(0);
	});
});
