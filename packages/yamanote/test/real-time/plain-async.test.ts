/** What a plain async function keeps after an `await`, where there is an AsyncLocalStorage and where there is none: the table of the guide's page. */
import { describe, expect, it } from "vitest";
import {
	attempt,
	CancelledError,
	currentTask,
	Elapsed,
	Runtime,
	run,
	sleep,
	spawn,
	timeout,
	withLimits,
} from "yamanote";

/** Node, Bun and Deno have one; pages have not. */
const carried = "process" in globalThis;

describe("rule 11: a plain async body, after an await of something foreign", () => {
	it("knows its runtime where there is an AsyncLocalStorage, and nothing of it where there is none; no task runs it", async () => {
		const own = new Runtime({ name: "own", startPaused: true });
		const seen = await own.blockOn(async () => {
			const before = [currentTask() !== undefined, Runtime.current().name];
			await Promise.resolve();
			const spawned = await spawn(function* () {
				return Runtime.current().name;
			});
			return [...before, currentTask(), Runtime.current().name, spawned];
		});
		await own.shutdown();
		const after = carried ? ["own", "own"] : ["default", "default"];
		expect(seen).toEqual([true, "own", undefined, ...after]);
	});

	/** Ends it at 5 ms; tells whether its wait was cancelled. */
	async function timedOut(body: Parameters<typeof withLimits>[1], waited: Promise<boolean>): Promise<boolean> {
		const outcome = await run(
			attempt(timeout(5, withLimits({ cleanupGrace: 1 }, body as () => Promise<void>)), Elapsed),
		);
		expect(outcome.ok).toBe(false);
		return waited;
	}

	/** A wait, and whether it was cancelled. */
	function told(): { wait: (f: PromiseLike<void>) => Promise<void>; cancelled: Promise<boolean> } {
		let tell = (_: boolean): void => {};
		const cancelled = new Promise<boolean>((resolve) => {
			tell = resolve;
		});
		const wait = async (f: PromiseLike<void>): Promise<void> => {
			try {
				await f;
				tell(false);
			} catch (error) {
				tell(error instanceof CancelledError);
				throw error;
			}
		};
		return { wait, cancelled };
	}

	it("owns the futures that it awaits where there is an AsyncLocalStorage; elsewhere they are nobody's", async () => {
		const { wait, cancelled } = told();
		const plain = async (): Promise<void> => {
			await Promise.resolve();
			await wait(sleep(30));
		};
		expect(await timedOut(plain, cancelled)).toBe(carried);
	});

	it("owns everywhere what it waits for by the `run` that it is given: the portable form", async () => {
		const { wait, cancelled } = told();
		const portable = async ({ run: own }: { run: typeof run }): Promise<void> => {
			await Promise.resolve();
			await wait(own(sleep(30)));
		};
		expect(await timedOut(portable as never, cancelled)).toBe(true);
	});
});
