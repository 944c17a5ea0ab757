import { describe, expect, it } from "vitest";
import {
	CancelledError,
	currentTask,
	Future,
	type JoinHandle,
	join,
	lazy,
	pending,
	Runtime,
	RuntimeClosedError,
	race,
	ready,
	run,
	spawn,
	tryJoin,
	yieldNow,
} from "yamanote";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

describe("spawn", () => {
	it("queues the task, and gives its handle", async () => {
		let ran = false;
		const handle = spawn(
			lazy(() => {
				ran = true;
			}),
		);
		expect(ran).toBe(false);
		expect(handle).toBeInstanceOf(Future);
		expect(handle.isFinished).toBe(false);
		await handle;
		expect([ran, handle.isFinished]).toEqual([true, true]);
	});

	it("starts an independent task: it runs on when whoever spawned it ends, fails or is cancelled (rule 8)", async () => {
		const doors = [gate<string>(), gate<string>(), gate<string>()] as const;
		const children: JoinHandle<string>[] = [];
		await run(function* () {
			children.push(spawn(doors[0]));
		});
		await run(async () => {
			children.push(spawn(doors[1]));
			throw new Error("parent failed");
		}).catch(() => {});
		const parent = spawn(function* () {
			children.push(spawn(doors[2]));
			yield* pending();
		});
		await microtasks();
		parent.abort();
		await expect(parent).rejects.toThrow();
		for (const [i, door] of doors.entries()) door.open(`child ${i}`);
		expect(await run(join(children))).toEqual(["child 0", "child 1", "child 2"]);
	});

	it("gives each task a number of its own, and a name if it is given one", async () => {
		const tasks = [spawn(ready(1)), spawn(ready(2), { name: "second" }), spawn(ready(3))];
		const ids = tasks.map((t) => t.id);
		expect(new Set(ids).size).toBe(3);
		for (const id of ids) expect(Number.isInteger(id) && id > 0).toBe(true);
		expect(tasks.map((t) => t.name)).toEqual([undefined, "second", undefined]);
		for (const t of tasks) await t;
		expect(tasks.map((t) => t.id)).toEqual(ids);
		expect(tasks[1]?.name).toBe("second");
	});

	it("tells the task its own number and name", async () => {
		const handle = spawn(async ({ id, name }) => ({ id, name, current: currentTask() }), { name: "worker" });
		expect(await handle).toEqual({ id: handle.id, name: "worker", current: { id: handle.id, name: "worker" } });
	});

	it("with a signal, is cancelled by it; aborted already, before it begins (rule 14)", async () => {
		let ran = 0;
		const stop = new AbortController();
		const later = spawn(pending(), { signal: stop.signal });
		const never = spawn(
			lazy(() => ran++),
			{ signal: AbortSignal.abort("before") },
		);
		await microtasks();
		stop.abort("later");
		await expect(later).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED", reason: "later" });
		await expect(never).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED", reason: "before" });
		expect(ran).toBe(0);
	});

	it("on another runtime, if it is told so", async () => {
		const runtime = new Runtime({ name: "elsewhere" });
		const before = runtime.metrics.tasksSpawned;
		const handle = spawn(ready("there"), { runtime });
		expect(runtime.metrics.tasksSpawned).toBe(before + 1);
		expect(await handle).toBe("there");
		await runtime.shutdown();
		expect(() => spawn(ready(1), { runtime })).toThrow(RuntimeClosedError);
	});

	it("inside a task, spawns on the task's runtime", async () => {
		const runtime = new Runtime();
		const before = runtime.metrics.tasksSpawned;
		await runtime.blockOn(function* () {
			yield* spawn(ready(1));
		});
		expect(runtime.metrics.tasksSpawned - before).toBe(2);
		await runtime.shutdown();
	});

	it("refuses what is no future, at the call", () => {
		for (const bad of [5, "text", null, undefined, {}, [], Symbol("x"), new Map()])
			expect(() => spawn(bad as never)).toThrow(/no future/);
	});

	it("tells what a function gave that is none, in the task", async () => {
		await expect(spawn((() => 5) as never)).rejects.toThrow(/returned 5/);
		await expect(spawn((() => undefined) as never)).rejects.toThrow(/a task body is/);
		await expect(
			spawn(async function* () {
				yield 1;
			} as never),
		).rejects.toThrow(TypeError);
	});
});

describe("a join handle", () => {
	it("dropped, detaches its task, which runs on (rule 8)", async () => {
		const doors = [gate(), gate(), gate()] as const;
		const log: number[] = [];
		const make = (i: 0 | 1 | 2) =>
			spawn(function* () {
				yield* doors[i];
				log.push(i);
			});
		await run(race([make(0), yieldNow()]));
		make(1)[Symbol.dispose]();
		make(2).detach();
		await hostTurn();
		for (const door of doors) door.open();
		await hostTurn();
		expect(log).toEqual([0, 1, 2]);
	});

	it("abort cancels: once, with the first reason", async () => {
		const handle = spawn(pending());
		await microtasks();
		handle.abort("first");
		handle.abort("second");
		await expect(handle).rejects.toMatchObject({ reason: "first" });
		handle.abort("third");
		await expect(handle).rejects.toMatchObject({ reason: "first" });
	});

	it("abortHandle aborts and cannot wait, and knows what it aborts", async () => {
		const handle = spawn(pending());
		const abort = handle.abortHandle();
		expect([abort.id, abort.isFinished]).toEqual([handle.id, false]);
		expect("then" in abort).toBe(false);
		abort.abort("by its handle");
		await expect(handle).rejects.toMatchObject({ reason: "by its handle" });
		expect(abort.isFinished).toBe(true);
		abort.abort();
	});

	it("isFinished tells of the end, not of what it was", async () => {
		const failed = spawn(async () => Promise.reject(new Error("failed")));
		await expect(failed).rejects.toThrow("failed");
		expect(failed.isFinished).toBe(true);
	});

	it("is a promise's then, catch and finally as well", async () => {
		expect(await spawn(ready(1)).then((v) => v + 1)).toBe(2);
		expect(await spawn(ready(1)).then()).toBe(1);
		expect(await spawn(async () => Promise.reject(new Error("x"))).catch((e: unknown) => (e as Error).message)).toBe(
			"x",
		);
		let ended = 0;
		expect(await spawn(ready(1)).finally(() => ended++)).toBe(1);
		expect(ended).toBe(1);
	});

	it("cannot be awaited by its own task: that waits until it is cancelled", async () => {
		const handle: JoinHandle<void> = spawn(function* () {
			yield* handle;
		});
		await hostTurn();
		expect(handle.isFinished).toBe(false);
		handle.abort();
		await expect(handle).rejects.toBeInstanceOf(CancelledError);
	});

	it("awaited in a cancelled task, does not cancel what it waits for", async () => {
		const door = gate<number>();
		const inner = spawn(door);
		const outer = spawn(function* () {
			return yield* inner;
		});
		await microtasks();
		outer.abort();
		await expect(outer).rejects.toThrow();
		door.open(1);
		expect(await inner).toBe(1);
	});
});

describe("abortOnDrop", () => {
	it("gives the outcome, as the handle does", async () => {
		expect(await run(spawn(ready(1)).abortOnDrop())).toBe(1);
		expect(await spawn(ready(2)).abortOnDrop()).toBe(2);
		await expect(run(spawn(async () => Promise.reject(new Error("x"))).abortOnDrop())).rejects.toThrow("x");
		expect(
			await spawn(async () => Promise.reject(new Error("y")))
				.abortOnDrop()
				.catch((e: unknown) => (e as Error).message),
		).toBe("y");
		expect(
			await spawn(ready(3))
				.abortOnDrop()
				.finally(() => {}),
		).toBe(3);
	});

	it("dropped, aborts the task, and waits for its cleanup", async () => {
		const log: string[] = [];
		const handle = spawn(function* () {
			try {
				yield* pending();
			} finally {
				yield* yieldNow();
				log.push("cleaned");
			}
		});
		await run(race([handle.abortOnDrop(), yieldNow()]));
		log.push("raced");
		expect(log).toEqual(["cleaned", "raced"]);
		expect(handle.isFinished).toBe(true);
	});

	it("dropped, aborts the task with the reason of its owner: what that was aborted with, or the failure that another threw", async () => {
		const first = spawn(pending());
		const owner = spawn(tryJoin([first.abortOnDrop(), pending()]));
		await microtasks();
		owner.abort("why");
		await expect(owner).rejects.toMatchObject({ reason: "why" });
		await expect(first).rejects.toMatchObject({ reason: "why" });
		const error = new Error("of another");
		const second = spawn(pending());
		await expect(run(tryJoin([second.abortOnDrop(), async () => Promise.reject(error)]))).rejects.toBe(error);
		await expect(second).rejects.toMatchObject({ name: "AbortError", reason: error });
	});

	it("disposed, aborts the task without waiting", async () => {
		const handle = spawn(pending());
		await microtasks();
		handle.abortOnDrop()[Symbol.dispose]();
		expect(handle.isFinished).toBe(false);
		await expect(handle).rejects.toBeInstanceOf(CancelledError);
	});

	it("dropped after the end, does nothing", async () => {
		const handle = spawn(ready(1));
		const owned = handle.abortOnDrop();
		await handle;
		owned[Symbol.dispose]();
		expect(await handle).toBe(1);
	});

	it("can be polled by hand", async () => {
		const handle = spawn(ready(1));
		const owned = handle.abortOnDrop();
		await handle;
		expect(owned.poll({ waker: { wake() {} } })).toBe(1);
	});
});
