// Lines of the sources: a page is given a bundle, which has others.
// @engines node20 node22 node24 node26 bun deno
import { describe, expect, it } from "vitest";
import { YamanoteError } from "yamanote";
import {
	AcquireError,
	Barrier,
	broadcast,
	ForgottenGuardError,
	GuardAcrossWaitError,
	LaggedError,
	LockHeldError,
	mpmc,
	mpsc,
	oneshot,
	RecvError,
	ReleasedError,
	RwLock,
	Semaphore,
	SendError,
	SetError,
	TryAcquireError,
	TryLockError,
	TryRecvError,
	TrySendError,
	watch,
} from "yamanote/sync";

describe("the errors of locks and channels", () => {
	const errors: [YamanoteError, string][] = [
		[new AcquireError(), "ACQUIRE"],
		[new ForgottenGuardError("guard", "here"), "FORGOTTEN_GUARD"],
		[new GuardAcrossWaitError("lock", "here", "there"), "GUARD_ACROSS_WAIT"],
		[new LaggedError(3), "LAGGED"],
		[new LockHeldError("lock", "here"), "LOCK_HELD"],
		[new RecvError(), "RECV"],
		[new ReleasedError("guard"), "RELEASED"],
		[new SendError(1), "SEND"],
		[new SetError("initialized", 1), "SET"],
		[new TryAcquireError("closed"), "TRY_ACQUIRE"],
		[new TryLockError(), "TRY_LOCK"],
		[new TryRecvError("empty"), "TRY_RECV"],
		[new TrySendError("full", 1), "TRY_SEND"],
	];
	for (const [error, code] of errors) {
		it(`${error.name} has its name, its code, and a message in lower case`, () => {
			expect(error).toBeInstanceOf(YamanoteError);
			expect(error.name).toBe(error.constructor.name);
			expect(error.code).toBe(`YAMANOTE_${code}`);
			expect(error.message).toMatch(/^[a-z].*[^.]$/);
			// Another copy of the library made it: only the code is the same.
			const foreign = Object.assign(new Error(error.message), { code: error.code });
			expect(foreign).toBeInstanceOf(error.constructor);
			expect(new Error("other")).not.toBeInstanceOf(error.constructor);
		});
	}

	it("have a code each", () => {
		expect(new Set(errors.map(([error]) => error.code)).size).toBe(errors.length);
	});

	it("are the same classes in the namespaces of the channels", () => {
		expect([mpsc.SendError, mpmc.SendError, oneshot.SendError, broadcast.SendError, watch.SendError]).toEqual(
			Array(5).fill(SendError),
		);
		expect([mpsc.TryRecvError, mpmc.TryRecvError, oneshot.TryRecvError, broadcast.TryRecvError]).toEqual(
			Array(4).fill(TryRecvError),
		);
		expect([oneshot.RecvError, watch.RecvError]).toEqual([RecvError, RecvError]);
		expect([mpsc.TrySendError, mpmc.TrySendError]).toEqual([TrySendError, TrySendError]);
	});
});

describe("a bad argument", () => {
	const calls: [string, () => unknown][] = [
		["a capacity of mpsc", () => mpsc.channel(-1)],
		["a capacity of mpmc", () => mpmc.channel(0.5)],
		["a capacity of broadcast", () => broadcast.channel(0)],
		["a number of readers", () => RwLock.withMaxReaders(0, 0)],
		["a number of permits", () => new Semaphore(-1)],
		["the size of a barrier", () => new Barrier(-1)],
		["a permit of another semaphore", () => new Semaphore(1).tryAcquire().merge(new Semaphore(1).tryAcquire())],
		["undefined as a message", () => watch.channel(undefined as unknown as number)],
	];
	for (const [what, call] of calls) {
		it(`is refused at the line of the caller: ${what}`, () => {
			let error: Error | undefined;
			try {
				call();
			} catch (e) {
				error = e as Error;
			}
			expect(error instanceof RangeError || error instanceof TypeError).toBe(true);
			const frames = (error?.stack ?? "").split("\n").filter((line) => /:\d+:\d+/.test(line));
			const first = frames.find((line) => !/[\\/](?:src|dist)[\\/]sync[\\/]/.test(line));
			expect(first).toContain("errors.test");
		});
	}
});
