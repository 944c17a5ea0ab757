// The run queue, beside a naive model: an array from which the first is taken, and to which whatever is woken is added, once.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Queue } from "../../src/core/queue.ts";
import { RuntimeCore } from "../../src/core/runtime-core.ts";
import { S } from "../../src/core/shared.ts";
import { Task, whenEnded } from "../../src/core/task.ts";
import { readyTasks } from "../../src/diagnostics/ready-tasks.ts";
import { moveToHead } from "../../src/testing/run-queue.ts";
import { hostTurn, microtasks, until } from "../support/host.ts";

/** What a task does in one poll. */
interface Turn {
	/** Tasks that it wakes, itself too, by their numbers. */
	readonly wakes: readonly number[];
	readonly spawns: readonly (readonly Turn[])[];
	readonly aborts: readonly number[];
}

const turn = (depth: number): fc.Arbitrary<Turn> =>
	fc.record({
		wakes: fc.array(fc.nat({ max: 11 }), { maxLength: 3 }),
		spawns: depth === 0 ? fc.constant([]) : fc.array(fc.array(turn(depth - 1), { maxLength: 3 }), { maxLength: 1 }),
		aborts: fc.oneof(
			{ weight: 5, arbitrary: fc.constant([]) },
			{ weight: 1, arbitrary: fc.array(fc.nat({ max: 11 }), { maxLength: 1 }) },
		),
	});

const program = fc.array(fc.array(turn(1), { maxLength: 4 }), { minLength: 1, maxLength: 8 });

/** The naive model: who is polled, in order. A task that was aborted ends in its next poll. */
function model(scripts: readonly (readonly Turn[])[], kicks: readonly number[]): string[] {
	const tasks: { script: readonly Turn[]; at: number; queued: boolean; done: boolean; aborted: boolean }[] = [];
	const queue: number[] = [];
	const log: string[] = [];
	const spawn = (script: readonly Turn[]): void => {
		tasks.push({ script, at: 0, queued: true, done: false, aborted: false });
		queue.push(tasks.length - 1);
	};
	const wake = (n: number): void => {
		const task = tasks[n];
		if (task === undefined || task.queued || task.done) return;
		task.queued = true;
		queue.push(n);
	};
	const drain = (): void => {
		for (let n = queue.shift(); n !== undefined; n = queue.shift()) {
			const task = tasks[n] as (typeof tasks)[number];
			task.queued = false;
			if (task.done) continue;
			if (task.aborted) {
				task.done = true;
				log.push(`${n} ends`);
				continue;
			}
			const now = task.script[task.at++];
			if (now === undefined) {
				task.done = true;
				log.push(`${n} ends`);
				continue;
			}
			log.push(`${n}`);
			for (const other of now.wakes) wake(other);
			for (const script of now.spawns) spawn(script);
			for (const other of now.aborts) {
				const victim = tasks[other];
				if (victim === undefined || victim.done || victim.aborted) continue;
				victim.aborted = true;
				wake(other);
			}
			if (task.aborted) {
				task.done = true;
				log.push(`${n} ends`);
			}
		}
	};
	for (const script of scripts) spawn(script);
	drain();
	for (const n of kicks) {
		wake(n);
		drain();
	}
	return log;
}

/** The same on a runtime. */
async function real(scripts: readonly (readonly Turn[])[], kicks: readonly number[]): Promise<string[]> {
	const runtime = new RuntimeCore("queue");
	const tasks: Task[] = [];
	const log: string[] = [];
	const spawn = (script: readonly Turn[]): void => {
		const n = tasks.length;
		let at = 0;
		const root: Iterator<unknown, unknown> = {
			next() {
				const now = script[at++];
				if (now === undefined) return { done: true, value: undefined };
				log.push(`${n}`);
				for (const other of now.wakes) tasks[other]?.wake();
				for (const one of now.spawns) spawn(one);
				for (const other of now.aborts) tasks[other]?.abort();
				S.suspended = this;
				return { done: false, value: undefined };
			},
			return: (value) => ({ done: true, value }),
		};
		const task = new Task(root, runtime);
		tasks.push(task);
		whenEnded(task, () => log.push(`${n} ends`));
	};
	for (const script of scripts) spawn(script);
	await until(() => runtime.queue.size === 0);
	for (const n of kicks) {
		tasks[n]?.wake();
		await until(() => runtime.queue.size === 0);
	}
	expect(readyTasks(runtime.queue)).toEqual([]);
	for (const task of tasks) {
		task.drop();
		task.abort();
	}
	await until(() => runtime.alive === 0);
	expect([runtime.queue.size, runtime.live]).toEqual([0, null]);
	S.runtimes.delete(runtime);
	return log;
}

describe("the ring", () => {
	it("is made young again without a change of order, from any slot on", () => {
		fc.assert(
			fc.property(fc.nat({ max: 80 }), fc.nat({ max: 150 }), (before, size) => {
				const queue = new Queue<Task>(64);
				for (let i = 0; i < before; i++) {
					queue.push(i as never);
					queue.shift();
				}
				for (let i = 0; i < size; i++) queue.push(i as never);
				const { slots } = queue;
				queue.renew();
				expect(queue.slots).not.toBe(slots);
				expect(queue.size).toBe(size);
				for (let i = 0; i < size; i++) expect(queue.shift()).toBe(i);
			}),
		);
	});

	it("is left as it is when it is large", () => {
		const queue = new Queue<Task>(64);
		for (let i = 0; i < 1025; i++) queue.push(i as never);
		const { slots } = queue;
		queue.renew();
		expect(queue.slots).toBe(slots);
	});
});

describe("the run queue", () => {
	it("polls whom the model polls, in its order, whoever wakes, spawns and aborts whom", async () => {
		await fc.assert(
			fc.asyncProperty(program, fc.array(fc.nat({ max: 11 }), { maxLength: 6 }), async (scripts, kicks) => {
				const log = await real(scripts, kicks);
				// What the end of the test clears away is not of the model.
				const expected = model(scripts, kicks);
				expect(log.slice(0, expected.length)).toEqual(expected);
				expect(log.slice(expected.length).filter((entry) => !entry.endsWith("ends"))).toEqual([]);
			}),
			{ numRuns: 200, seed: 22 },
		);
	});

	it("does not queue an ended task again, whoever still holds its waker", async () => {
		const runtime = new RuntimeCore("ended");
		const task = new Task({ next: () => ({ done: true, value: 1 }) }, runtime);
		await microtasks();
		const { polls } = runtime;
		for (let i = 0; i < 3; i++) task.wake();
		expect(runtime.queue.size).toBe(0);
		await microtasks();
		expect(runtime.polls).toBe(polls);
		S.runtimes.delete(runtime);
	});

	it("polls whom `pick` chooses, and only once", async () => {
		const runtime = new RuntimeCore("picked");
		const log: number[] = [];
		// The last first: the order is turned round, whatever is queued meanwhile.
		runtime.pick = () => {
			moveToHead(runtime.queue, readyTasks(runtime.queue).at(-1) as Task);
			return null;
		};
		const spawn = (n: number, then?: () => void): Task =>
			new Task(
				{
					next() {
						log.push(n);
						then?.();
						return { done: true, value: undefined };
					},
				},
				runtime,
			);
		spawn(0);
		spawn(1);
		spawn(2, () => spawn(3));
		await microtasks();
		expect(log).toEqual([2, 3, 1, 0]);
		expect([runtime.queue.size, runtime.alive]).toEqual([0, 0]);
		S.runtimes.delete(runtime);
	});

	it("asks `pick` again when that wants to be asked", async () => {
		const runtime = new RuntimeCore("hesitant");
		let asked = 0;
		let ran = false;
		runtime.pick = () => (asked++ >= 3 ? null : (drain) => void hostTurn().then(drain));
		new Task(
			{
				next() {
					ran = true;
					return { done: true, value: undefined };
				},
			},
			runtime,
		);
		await microtasks();
		expect([asked, ran]).toEqual([1, false]);
		await hostTurn();
		await until(() => ran);
		expect(asked).toBe(4);
		S.runtimes.delete(runtime);
	});
});
