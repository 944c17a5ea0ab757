/**
 * Which seeds run. `npm run test:random 100000` tries so many instead of the usual number; `npm run test:random 100000 7000` begins at 7000;
 * `npm run test:random 1 7011` replays one.
 */

interface Wanted {
	/** How many; undefined: as many as the test has by default. */
	readonly count: number | undefined;
	readonly from: number;
}

function wanted(): Wanted {
	const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
	const { YAMANOTE_SEEDS: count, YAMANOTE_SEED: from } = process?.env ?? {};
	return { count: count === undefined ? undefined : Number(count), from: Number(from ?? 1) };
}

/** Runs `f` for each seed, and throws what it says of those for which it says something. */
export async function eachSeed(usual: number, f: (seed: number) => Promise<string>): Promise<void> {
	const { count = usual, from } = wanted();
	const failures: string[] = [];
	for (let seed = from; seed < from + count && failures.length < 10; seed++) {
		const text = await f(seed).catch((error: unknown) => String((error as Error).stack ?? error));
		if (text !== "") failures.push(`seed ${seed}: ${text}`);
	}
	if (failures.length > 0)
		throw new Error(`replay it by \`npm run test:random 1 SEED [FILE]\`\n${failures.join("\n\n")}`);
}

/** Many seeds take long. */
export const LONG: number = 600_000;
