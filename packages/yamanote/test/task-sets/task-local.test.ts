import { describe, expect, it } from "vitest";
import {
	asyncFn,
	join,
	pending,
	Runtime,
	run,
	scope,
	sleep,
	spawn,
	TaskLocalError,
	taskLocal,
	yieldNow,
} from "yamanote";
import { assertPending, assertReady, mockTask, paused } from "yamanote/testing";

describe("taskLocal", () => {
	it(
		"has its value where its scope is polled, and nowhere else",
		paused(function* () {
			const user = taskLocal<string>();
			const seen: (string | undefined)[] = [];
			const look = asyncFn(function* () {
				yield* sleep(1);
				seen.push(user.tryGet());
			});
			yield* join([user.scope("Ada", look()), look(), user.scope("Bob", look())]);
			expect(seen).toEqual(["Ada", undefined, "Bob"]);
			expect(user.tryGet()).toBe(undefined);
		}),
	);

	it("refuses to be read where it has no value, by its name", () => {
		const user = taskLocal<string>({ name: "user" });
		expect(() => user.get()).toThrow(TaskLocalError);
		expect(() => user.get()).toThrow(/^user has no value here/);
		expect(() => user.with(() => 1)).toThrow(TaskLocalError);
	});

	it(
		"is shadowed by an inner scope, and back after it",
		paused(function* () {
			const level = taskLocal<number>();
			const seen: number[] = [];
			yield* level.scope(1, function* () {
				seen.push(level.get());
				yield* level.scope(2, function* () {
					yield* sleep(1);
					seen.push(level.get());
				});
				seen.push(level.get());
			});
			expect(seen).toEqual([1, 2, 1]);
		}),
	);

	it("has its value in a function that is called with one, without waits", () => {
		const user = taskLocal<string>();
		expect(user.syncScope("Ada", () => user.with((name) => name.length))).toBe(3);
		expect(user.tryGet()).toBe(undefined);
		expect(() =>
			user.syncScope("Ada", () => {
				throw new Error("no");
			}),
		).toThrow("no");
		expect(user.tryGet()).toBe(undefined);
	});

	it("has its value in the cleanup of a future that is dropped", () => {
		const user = taskLocal<string>();
		const seen: (string | undefined)[] = [];
		const task = mockTask(
			user.scope("Ada", function* () {
				try {
					yield* pending();
				} finally {
					seen.push(user.tryGet());
					yield* yieldNow();
					seen.push(user.tryGet());
				}
			}),
		);
		assertPending(task.poll());
		expect(task.drop()).toBe(false);
		expect(task.drop()).toBe(true);
		expect(seen).toEqual(["Ada", "Ada"]);
	});

	it(
		"has its value when its task is aborted",
		paused(function* () {
			const user = taskLocal<string>();
			let seen: string | undefined;
			const task = spawn(
				user.scope("Ada", function* () {
					try {
						yield* pending();
					} finally {
						seen = user.tryGet();
					}
				}),
			);
			yield* yieldNow();
			task.abort();
			yield* yieldNow();
			expect(seen).toBe("Ada");
		}),
	);

	it("lets its value be taken out of the scope", () => {
		const user = taskLocal<string>();
		const seen: (string | undefined)[] = [];
		const scoped = user.scope("Ada", function* () {
			seen.push(user.tryGet());
			yield* yieldNow();
			seen.push(user.tryGet());
		});
		const task = mockTask(scoped);
		assertPending(task.poll());
		expect(scoped.takeValue()).toBe("Ada");
		expect(scoped.takeValue()).toBe(undefined);
		assertReady(task.poll());
		expect(seen).toEqual(["Ada", undefined]);
	});

	it(
		"is not known in a task that is spawned, unless it is inherited",
		paused(function* () {
			const plain = taskLocal<string>();
			const inherited = taskLocal<string>({ inherit: true });
			const seen: unknown[] = [];
			const child = asyncFn(function* () {
				yield* sleep(1);
				seen.push([plain.tryGet(), inherited.tryGet()]);
				yield* spawn(function* () {
					yield* sleep(1);
					seen.push([plain.tryGet(), inherited.tryGet()]);
				});
			});
			yield* plain.scope(
				"p",
				inherited.scope("i", function* () {
					yield* spawn(child());
					yield* scope(function* (s) {
						s.spawn(child());
					});
				}),
			);
			expect(seen).toEqual(Array.from({ length: 4 }, () => [undefined, "i"]));
			yield* spawn(child());
			expect(seen[4]).toEqual([undefined, undefined]);
		}),
	);

	it(
		"gives each task the values of the place where it was spawned",
		paused(function* () {
			const request = taskLocal<number>({ inherit: true });
			const tenant = taskLocal<string>({ inherit: true });
			const seen: string[] = [];
			const handler = function* () {
				for (let i = 0; i < 3; i++) yield* yieldNow();
				seen.push(`${tenant.get()}${request.get()}`);
			};
			yield* tenant.scope("t", function* () {
				const tasks = [];
				for (let n = 0; n < 5; n++) {
					tasks.push(
						yield* request.scope(n, function* () {
							return { task: spawn(handler) };
						}),
					);
				}
				for (const { task } of tasks) yield* task;
			});
			expect(seen).toEqual(["t0", "t1", "t2", "t3", "t4"]);
		}),
	);

	it("stands for an AsyncLocalStorage where one is taken", () => {
		const user = taskLocal<string>();
		expect(user.run("Ada", () => user.getStore())).toBe("Ada");
	});

	it("refuses a storage that is none, and what is no future", () => {
		expect(() => taskLocal({ storage: {} as never })).toThrow(TypeError);
		expect(() => taskLocal<string>().scope("x", 7 as never)).toThrow(TypeError);
	});

	it("passes values and failures on", async () => {
		const user = taskLocal<string>();
		const error = new Error("no");
		await expect(
			run(
				user.scope("Ada", function* () {
					throw error;
				}),
			),
		).rejects.toBe(error);
	});
});

describe("a task that is spawned on another runtime", () => {
	it("takes an inherited value over as well", async () => {
		const other = new Runtime();
		const user = taskLocal<string>({ inherit: true });
		const read = asyncFn(function* () {
			yield* sleep(1);
			return user.tryGet();
		});
		const [byOption, byHandle] = await run(
			user.scope("Ada", join([() => spawn(read(), { runtime: other }), () => other.spawn(read())])),
		);
		expect([byOption, byHandle]).toEqual(["Ada", "Ada"]);
		expect(await other.spawn(read())).toBe(undefined);
		await other.shutdown();
	});
});
