import { describe, expect, it } from "vitest";
import { fail, join, Pending, pending, pollFn, ready, run, sleep, spawn, timeout, yieldNow } from "yamanote";
import { OnceCell, SetError } from "yamanote/sync";
import { catching, mock, Oops, onRuntime, seeds, thrown } from "./support.ts";

describe("OnceCell", () => {
	it("is empty, then has what was set", () => {
		const cell = new OnceCell<number>();
		expect([cell.initialized, cell.get()]).toEqual([false, undefined]);
		cell.set(5);
		expect([cell.initialized, cell.get()]).toEqual([true, 5]);
		expect([new OnceCell(7).get(), new OnceCell<string | null>(null).initialized]).toEqual([7, true]);
	});

	it("is set once, and gives a second value back", () => {
		const cell = new OnceCell<{ n: number }>();
		cell.set({ n: 1 });
		const second = { n: 2 };
		const error = thrown(SetError, () => cell.set(second));
		expect([error.kind, error.value, error.code]).toEqual(["initialized", second, "YAMANOTE_SET"]);
		expect(cell.get()).toEqual({ n: 1 });
	});

	it("refuses undefined", async () => {
		const cell = new OnceCell<number>();
		expect(() => cell.set(undefined as never)).toThrow(TypeError);
		await expect(run(cell.getOrInit(async () => undefined as never as number))).rejects.toBeInstanceOf(TypeError);
		expect(cell.initialized).toBe(false);
	});

	it("gives its value up", async () => {
		const cell = new OnceCell(1);
		expect(cell.take()).toBe(1);
		expect(cell.take()).toBeUndefined();
		expect(await run(cell.getOrInit(ready(2)))).toBe(2);
		expect(cell.take()).toBe(2);
		cell.set(3);
		expect(cell.get()).toBe(3);
	});
});

describe("OnceCell.getOrInit", () => {
	it("makes the value once, for all who want it", async () => {
		await onRuntime(function* () {
			const cell = new OnceCell<number>();
			let made = 0;
			const make = () =>
				cell.getOrInit(function* () {
					yield* sleep(1);
					return ++made;
				});
			expect(yield* join([make(), make(), make()])).toEqual([1, 1, 1]);
			expect(yield* make()).toBe(1);
			expect(made).toBe(1);
		});
	});

	it("does not begin what it does not need", async () => {
		const cell = new OnceCell("there");
		let begun = false;
		const make = function* () {
			begun = true;
			yield* yieldNow();
			return "new";
		};
		expect(await run(cell.getOrInit(make))).toBe("there");
		expect(begun).toBe(false);
	});

	it("takes whatever can be waited for", async () => {
		expect(await run(new OnceCell<number>().getOrInit(async () => 1))).toBe(1);
		expect(await run(new OnceCell<number>().getOrInit(Promise.resolve(2)))).toBe(2);
		expect(await new OnceCell<number>().getOrInit(ready(3))).toBe(3);
	});

	it("lets the next make its own value when one fails, and leaves the cell empty", async () => {
		await onRuntime(function* () {
			const cell = new OnceCell<number>();
			const first = spawn(
				cell.getOrInit(function* () {
					yield* sleep(1);
					return yield* fail(new Oops("no"));
				}),
			);
			const second = spawn(
				cell.getOrInit(function* () {
					yield* sleep(1);
					return 2;
				}),
			);
			expect(((yield* catching(first)) as Error).message).toBe("no");
			expect(cell.initialized).toBe(false);
			expect(yield* second).toBe(2);
			expect(yield* catching(new OnceCell<number>().getOrInit(fail(new Oops("alone"))))).toBeInstanceOf(Error);
		});
	});

	it("lets the next make its own value when one is cancelled, while it makes it or waits for its turn", async () => {
		await onRuntime(function* () {
			const cell = new OnceCell<number>();
			const [first, second, third] = [
				spawn(cell.getOrInit(pending())),
				spawn(cell.getOrInit(ready(2))),
				spawn(cell.getOrInit(ready(3))),
			] as const;
			yield* yieldNow();
			second.abort();
			yield* catching(second);
			first.abort();
			yield* catching(first);
			expect(yield* third).toBe(3);
		});
	});

	it("waits for the cleanup of one that is cancelled before the next makes its own", async () => {
		const log: string[] = [];
		function* slow() {
			try {
				yield* sleep(60_000);
				return 1;
			} finally {
				yield* sleep(5);
				log.push("cleaned up");
			}
		}
		const makers = { "a generator function": () => slow, "a generator": slow };
		for (const maker of Object.values(makers)) {
			await onRuntime(function* () {
				const cell = new OnceCell<number>();
				const first = spawn(cell.getOrInit(maker() as () => ReturnType<typeof slow>));
				const second = spawn(
					cell.getOrInit(function* () {
						log.push("made");
						return 2;
					}),
				);
				yield* sleep(1);
				first.abort();
				expect(yield* catching(first)).toMatchObject({ name: "AbortError", suppressed: undefined });
				expect(yield* second).toBe(2);
				expect(log.splice(0)).toEqual(["cleaned up", "made"]);
			});
		}
	});

	it("cannot be overtaken by set while one makes the value", async () => {
		await onRuntime(function* () {
			const cell = new OnceCell<number>();
			const making = spawn(
				cell.getOrInit(function* () {
					yield* sleep(1);
					return 1;
				}),
			);
			yield* yieldNow();
			const error = thrown(SetError, () => cell.set(2));
			expect([error.kind, error.value]).toEqual(["initializing", 2]);
			expect(yield* making).toBe(1);
		});
	});

	it("gives the value that was set while it waited for its turn", async () => {
		await onRuntime(function* () {
			const cell = new OnceCell<number>();
			const [making, waiting] = [
				spawn(
					cell.getOrInit(function* () {
						yield* sleep(1);
						return 1;
					}),
				),
				spawn(cell.getOrInit(ready(2))),
			] as const;
			expect([yield* making, yield* waiting]).toEqual([1, 1]);
			// Taken before one who waits has looked: it makes its own.
			const again = new OnceCell<number>();
			const [a, b] = [
				spawn(
					again.getOrInit(function* () {
						yield* yieldNow();
						return 1;
					}),
				),
				spawn(again.getOrInit(ready(2))),
			] as const;
			const taker = spawn(function* () {
				yield* a;
				return again.take();
			});
			expect([yield* taker, yield* b]).toEqual([1, expect.any(Number)]);
		});
	});

	it("waits for itself when the body wants the value of its own cell", async () => {
		await onRuntime(function* () {
			const cell = new OnceCell<number>();
			const error = yield* catching(
				timeout(
					5,
					cell.getOrInit(function* () {
						return yield* cell.getOrInit(ready(1));
					}),
				),
			);
			expect((error as Error).name).toBe("TimeoutError");
			expect(yield* cell.getOrInit(ready(2))).toBe(2);
		});
	});
});

describe("OnceCell under random schedules", () => {
	it("has its value made once, whoever fails or is cancelled when, in 1,000 schedules", () => {
		seeds(1_000, (random) => {
			const cell = new OnceCell<number>();
			let made = 0;
			const makeWant = () => {
				const work = { steps: random.below(3), wake: null as (() => void) | null };
				const body = pollFn<number, RangeError>((cx) => {
					work.wake = null;
					if (work.steps-- > 0) {
						work.wake = () => cx.waker.wake();
						return Pending;
					}
					if (random.chance(0.3)) throw new RangeError("not made");
					return ++made;
				});
				return { mock: mock(cell.getOrInit(body)), work, begun: false };
			};
			let wants = Array.from({ length: 1 + random.below(6) }, makeWant);
			for (let step = 0; wants.length > 0; step++) {
				expect(step, "steps").toBeLessThan(1_000);
				const runnable = wants.filter(({ mock: m, begun }) => !begun || m.isWoken);
				if (runnable.length === 0) {
					// One is at work, and the others wait for it.
					const [maker, ...others] = wants.filter(({ work }) => work.wake !== null);
					expect([maker === undefined, others.length]).toEqual([false, 0]);
					maker?.work.wake?.();
					continue;
				}
				const want = random.pick(runnable);
				want.begun = true;
				let over = random.chance(0.15);
				if (over) want.mock.drop();
				else
					try {
						const value = want.mock.poll();
						over = value !== Pending;
						if (over) expect(value).toBe(1);
					} catch (error) {
						expect(error).toBeInstanceOf(RangeError);
						over = true;
					}
				if (over) wants = wants.filter((x) => x !== want);
				expect(made).toBeLessThanOrEqual(1);
				expect(cell.get()).toBe(made === 1 ? 1 : undefined);
			}
		});
	});
});
