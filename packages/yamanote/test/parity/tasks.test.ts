// What the upstream tests ask of tasks, sets and select, and no other test here shows.
import { describe, expect, it } from "vitest";
import {
	asyncFn,
	byRef,
	CancelledError,
	currentTask,
	type JoinHandle,
	JoinSet,
	join,
	pending,
	Runtime,
	ready,
	run,
	select,
	spawn,
	yieldNow,
} from "yamanote";
import { mpsc, Notify } from "yamanote/sync";

describe("currentTask", () => {
	it("is the task itself in its cleanup, when it ends and when it is aborted", async () => {
		const seen: (number | undefined)[] = [];
		const body = (gate: Notify) =>
			asyncFn(function* () {
				try {
					yield* gate.notified();
				} finally {
					seen.push(currentTask()?.id);
					yield* yieldNow();
					seen.push(currentTask()?.id);
				}
			});
		const gate = new Notify();
		const ended = spawn(body(gate)());
		const aborted = spawn(body(new Notify())());
		await run(yieldNow());
		gate.notifyWaiters();
		await ended;
		expect(seen).toEqual([ended.id, ended.id]);
		aborted.abort();
		await aborted.catch(() => {});
		expect(seen.slice(2)).toEqual([aborted.id, aborted.id]);
	});
});

describe("a JoinSet", () => {
	it("gives the cancellations of tasks whose runtime has ended", async () => {
		const runtime = new Runtime();
		const set = new JoinSet<number>();
		set.spawn(pending(), { runtime });
		set.spawn(ready(1));
		expect(await set.joinNext()).toBe(1);
		await runtime.shutdown();
		await expect(Promise.resolve(set.joinNext())).rejects.toThrow(CancelledError);
		expect(await set.joinNext()).toBeUndefined();
	});

	it("tells by tryJoinNextWithId whose outcome it is, and nothing while none has ended", async () => {
		const set = new JoinSet<string>();
		const gate = new Notify();
		const failure = new Error("second");
		const first = set.spawn(function* () {
			yield* gate.notified();
			return "first";
		});
		const second = set.spawn(function* () {
			yield* yieldNow();
			throw failure;
		});
		expect(set.tryJoinNextWithId()).toBeUndefined();
		for (let i = 0; i < 3; i++) await run(yieldNow());
		expect(set.tryJoinNextWithId()).toEqual({ id: second.id, status: "rejected", reason: failure });
		expect(set.tryJoinNextWithId()).toBeUndefined();
		gate.notifyWaiters();
		await run(yieldNow());
		expect(set.tryJoinNextWithId()).toEqual({ id: first.id, status: "fulfilled", value: "first" });
		expect([set.tryJoinNextWithId(), set.size]).toEqual([undefined, 0]);
	});
});

describe("select", () => {
	it("waits for a join in a branch, round by round", async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		const [a, b] = [new Notify(), new Notify()];
		const task: JoinHandle<unknown[]> = spawn(function* () {
			const log: unknown[] = [];
			const both = byRef(
				join([
					(function* () {
						yield* a.notified();
						return "a";
					})(),
					(function* () {
						yield* b.notified();
						return "b";
					})(),
				]),
			);
			for (;;) {
				const won = yield* select({ both, n: rx.recv() });
				log.push(won.value);
				if (won.key === "both") return log;
			}
		});
		await run(tx.send(1));
		for (let i = 0; i < 3; i++) await run(yieldNow());
		b.notifyOne();
		await run(tx.send(2));
		for (let i = 0; i < 3; i++) await run(yieldNow());
		a.notifyOne();
		expect(await task).toEqual([1, 2, ["a", "b"]]);
	});

	it("has no limit of branches", async () => {
		const branches: Record<string, ReturnType<typeof ready<number>> | ReturnType<typeof pending>> = {};
		for (let i = 0; i < 2_000; i++) branches[`b${i}`] = i === 1_234 ? ready(i) : pending();
		expect(await run(select(branches))).toEqual({ key: "b1234", value: 1_234 });
	});

	it("gives way in a loop of select whose branches are always ready", async () => {
		let turns = 0;
		const busy = spawn(function* () {
			for (let i = 0; i < 1_000; i++) yield* select({ a: ready(1), n: rx.recv() }, { biased: i % 2 === 0 });
			return turns;
		});
		const [tx, rx] = mpsc.unboundedChannel<number>();
		for (let i = 0; i < 1_000; i++) tx.send(i);
		const other = spawn(function* () {
			for (;;) {
				turns++;
				yield* yieldNow();
			}
		});
		expect(await busy).toBeGreaterThan(2);
		other.abort();
		await other.catch(() => {});
	});
});
