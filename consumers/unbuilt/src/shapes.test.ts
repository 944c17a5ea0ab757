import { afterAll, expect, test } from "vitest";
import { ThreadPool, WorkerLost } from "yamanote/threads";
import { colors } from "./colors.worker.ts";
import { shapes } from "./shapes.worker.ts";

// vitest transforms what it imports itself; what a thread loads, Node has to understand. Since 22.18 it strips types, before that tsx loads it.
test("a worker in TypeScript runs unbuilt", async () => {
	expect(await shapes.length({ x: 3, y: 4 })).toBe(5);
	expect(await shapes.scaled({ x: 1, y: 2 }, 2)).toEqual({ x: 2, y: 4 });
	const seen: number[] = [];
	for await (const step of shapes.steps(3)) seen.push(step);
	expect(seen).toEqual([1, 2, 3]);
});

test("what cannot be stripped fails with what to do", async () => {
	const outcome = await colors.green().then(
		(value) => value,
		(error) => error,
	);
	if (!process.features.typescript) return expect(outcome).toBe(1);
	expect(outcome).toBeInstanceOf(WorkerLost);
	expect(String(outcome)).toContain(
		"Node only strips types: enums, namespaces and parameter properties need a build, or tsx",
	);
});

test("tsx loads that, too, if the pool is told so", async () => {
	const pool = new ThreadPool({ execArgv: ["--import", "tsx"] });
	afterAll(() => pool[Symbol.asyncDispose]());
	expect(await pool.bind(colors).green()).toBe(1);
	expect(await pool.bind(shapes).length({ x: 3, y: 4 })).toBe(5);
});
