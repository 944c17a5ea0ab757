/** The ring of the run queue against an array, by random programs: it grows, wraps round, shrinks, and forgets. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Queue } from "../../src/core/queue.ts";
import type { Task } from "../../src/core/task.ts";
import { readyTasks } from "../../src/diagnostics/ready-tasks.ts";
import { moveToHead } from "../../src/testing/run-queue.ts";

type Op = { push: number } | { shift: number } | { front: number } | "clear";

const op: fc.Arbitrary<Op> = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 90 }) }) },
	{ weight: 6, arbitrary: fc.record({ shift: fc.integer({ min: 1, max: 90 }) }) },
	{ weight: 2, arbitrary: fc.record({ front: fc.nat({ max: 500 }) }) },
	{ weight: 1, arbitrary: fc.constant("clear" as const) },
);

describe("the ring of the run queue", () => {
	it("does what an array would do", () => {
		fc.assert(
			fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
				const queue = new Queue<Task>(64);
				let model: Task[] = [];
				let n = 0;
				for (const o of ops) {
					if (o === "clear") {
						queue.clear();
						model = [];
					} else if ("push" in o) {
						for (let i = 0; i < o.push; i++) {
							const task = { n: n++ } as unknown as Task;
							queue.push(task);
							model.push(task);
						}
					} else if ("shift" in o) {
						for (let i = 0; i < o.shift && model.length > 0; i++) expect(queue.shift()).toBe(model.shift());
					} else if (model.length > 0) {
						const [task] = model.splice(o.front % model.length, 1) as [Task];
						moveToHead(queue, task);
						model.unshift(task);
					}
					expect(queue.size).toBe(model.length);
					if (model.length > 0) expect(queue.peek()).toBe(model[0]);
				}
				expect(readyTasks(queue)).toEqual(model);
				expect(readyTasks(queue, 3)).toEqual(model.slice(0, 3));
			}),
			{ numRuns: 300, seed: 5 },
		);
	});

	it("gives the memory of a burst back when it is empty", () => {
		const queue = new Queue<Task>(64);
		const task = {} as Task;
		for (let i = 0; i < 100_000; i++) queue.push(task);
		const before = queue.slots.length;
		while (queue.size > 0) queue.shift();
		expect([before, queue.slots.length]).toEqual([131_072, 64]);
	});
});
