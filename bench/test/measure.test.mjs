import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { measure } from "../peers/lib/measure.mjs";

beforeEach(() => {
	vi.stubEnv("REPS", "3");
});
afterEach(() => {
	vi.unstubAllEnvs();
	vi.restoreAllMocks();
});

/** A clock that a workload moves. */
function clock() {
	let ms = 0;
	vi.spyOn(performance, "now").mockImplementation(() => ms);
	return (by) => {
		ms += by;
	};
}

describe("measure", () => {
	it("warms up with a tenth, then gives the median repetition in nanoseconds an operation", async () => {
		const spend = clock();
		const sizes = [];
		const costs = [999, 3, 1, 2];
		const line = await measure(
			"peer",
			"yield_many",
			async (n) => {
				sizes.push(n);
				spend(costs[sizes.length - 1]);
			},
			100,
		);
		expect(sizes).toEqual([10, 100, 100, 100]);
		expect(line).toMatchObject({
			peer: "peer",
			workload: "yield_many",
			n: 100,
			ns_per_op: 20_000,
			min: 10_000,
			max: 30_000,
		});
	});

	it("divides by the operations that were made, where the shape rounds n", async () => {
		const spend = clock();
		const run = async () => {
			spend(1);
			return 50;
		};
		expect((await measure("peer", "yield_many", run, 99)).ns_per_op).toBe(20_000);
	});

	it("sets up once before and tears down once after, with what was set up", async () => {
		const seen = [];
		const definition = {
			setup: async () => "pool",
			run: async (_, ctx) => void seen.push(ctx),
			teardown: async (ctx) => void seen.push(`end ${ctx}`),
		};
		await measure("peer", "yield_many", definition, 1);
		expect(seen).toEqual(["pool", "pool", "pool", "pool", "end pool"]);
	});

	it("tells the speed-up over the serial form, whatever that returns", async () => {
		const spend = clock();
		const serial = () => {
			spend(4);
			return 123_456_789;
		};
		const line = await measure("peer", "par_sum", { run: async () => void spend(1), serial }, 1000);
		expect(line).toMatchObject({ ns_per_op: 1000, serial_ns_per_op: 4000, speedup: 4 });
	});

	it("repeats a short workload until it has lasted", async () => {
		vi.stubEnv("BENCH_MIN_MS", "10");
		const spend = clock();
		let runs = 0;
		const line = await measure(
			"peer",
			"yield_many",
			async () => {
				runs++;
				spend(3);
			},
			1,
		);
		expect(runs).toBe(1 + 3 * 4);
		expect(line.ns_per_op).toBe(3_000_000);
	});

	it("warms up with so many operations at least when asked", async () => {
		vi.stubEnv("BENCH_WARM_OPS", "25");
		const sizes = [];
		await measure("peer", "yield_many", async (n) => void sizes.push(n), 100);
		expect(sizes).toEqual([10, 10, 10, 100, 100, 100]);
	});

	it("runs with a store active when asked, and says so", async () => {
		vi.stubEnv("BENCH_ALS", "1");
		const run = vi.spyOn(AsyncLocalStorage.prototype, "run");
		const line = await measure("peer", "yield_many", async () => {}, 1);
		expect(run).toHaveBeenCalledOnce();
		expect(line.als).toBe(true);
	});

	it("lets a workload that fails its own check fail the measurement", async () => {
		const run = async () => {
			throw new Error("sum: got 1, expected 2");
		};
		await expect(measure("peer", "yield_many", run, 1)).rejects.toThrow("expected 2");
	});

	it("refuses an idle_tasks that holds nothing: its tasks could be collected", async () => {
		await expect(measure("peer", "idle_tasks", async () => undefined, 10)).rejects.toThrow(/holds its tasks/);
	});

	it("gives bytes and no time for idle_tasks", async () => {
		const line = await measure("peer", "idle_tasks", async (n) => new Array(n).fill(0).map(() => ({})), 1000);
		expect(line.ns_per_op).toBeNull();
		expect(typeof line.bytes_per_task).toBe("number");
	});
});
