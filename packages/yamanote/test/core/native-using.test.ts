// @engines node24 node26
// `using` as the engine has it: elsewhere, and in all other tests, the compiler writes it as try and finally. The code is a text, which none rewrites.
import { describe, expect, it } from "vitest";
import * as yamanote from "yamanote";
import { Mutex } from "yamanote/sync";
import { deferred } from "../support/gate.ts";
import { hostTurn } from "../support/host.ts";

const { run, spawn } = yamanote;

/** A function of the given text, which has the library at hand. */
function written<T>(text: string, more: object = {}): T {
	const names = { ...yamanote, ...more };
	return new Function(...Object.keys(names), `return (${text});`)(...Object.values(names)) as T;
}

/** Something that logs its end. */
const resource = (log: string[], name: string, end: () => unknown = () => {}): object => ({
	[Symbol.dispose]: () => {
		log.push(name);
		return end();
	},
	[Symbol.asyncDispose]: async () => {
		await end();
		log.push(name);
	},
});

describe("native `using`", () => {
	it("is no syntax that a compiler has taken away", () => {
		expect(String(written("function* () { using x = null; }"))).toContain("using");
	});

	it("disposes in reverse order when a task is cancelled, frame by frame", async () => {
		const log: string[] = [];
		const body = written<() => Generator<never, void>>(
			`function* () {
				using a = resource(log, "outer first");
				using b = resource(log, "outer second");
				yield* inner();
			}`,
			{
				log,
				resource,
				inner: written(`asyncFn(function* () { using c = resource(log, "inner"); yield* pending(); })`, {
					log,
					resource,
				}),
			},
		);
		const task = spawn(body);
		await hostTurn();
		task.abort();
		await expect(task).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED", suppressed: undefined });
		expect(log).toEqual(["inner", "outer second", "outer first"]);
	});

	it("what a dispose throws is kept, and the others are disposed", async () => {
		const log: string[] = [];
		const bad = new Error("cannot be disposed");
		const fails = (): never => {
			throw bad;
		};
		const task = spawn(
			written<() => Generator<never, void>>(
				`function* () { using a = resource(log, "first"); using b = resource(log, "bad", fails); yield* pending(); }`,
				{ log, resource, fails },
			),
		);
		await hostTurn();
		task.abort();
		await expect(task).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED", suppressed: bad });
		expect(log).toEqual(["bad", "first"]);
	});

	it("releases a guard that was held across a wait", async () => {
		const lock = new Mutex(0);
		const task = spawn(
			written<() => Generator<never, void>>(
				"function* () { using guard = yield* lock.lock(); guard.value++; yield* pending(); }",
				{ lock },
			),
		);
		await hostTurn();
		expect(() => lock.tryLock()).toThrow("taken");
		task.abort();
		await expect(task).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED" });
		expect(await run(lock.withLock((n: { value: number }) => n.value))).toBe(1);
	});

	it("`await using` in an async function is waited for", async () => {
		const log: string[] = [];
		const door = deferred();
		const task = spawn(
			written<() => Promise<void>>(
				`async ({ run }) => { await using a = resource(log, "disposed", () => door.promise); await run(pending()); }`,
				{ log, resource, door },
			),
		);
		await hostTurn();
		task.abort();
		await hostTurn();
		expect([task.isFinished, log]).toEqual([false, []]);
		door.resolve();
		await expect(task).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED" });
		expect(log).toEqual(["disposed"]);
	});

	it("acquire beside it is released when the call ends, however it ends", async () => {
		const log: string[] = [];
		const call = written<() => PromiseLike<string>>(
			`asyncFn(function* () { using a = resource(log, "using"); yield* acquire(resource(log, "acquired")); return "value"; })`,
			{ log, resource },
		);
		expect(await call()).toBe("value");
		expect(log).toEqual(["using", "acquired"]);
	});
});
