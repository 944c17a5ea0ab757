// startup.mjs <peer>: milliseconds to import a library and to run its first task to the end, in a fresh process.
const FIRST = {
	empty: async () => async () => {},
	native: async () => async () => (async () => 1)(),
	yamanote: async () => {
		const { run, spawn } = await import("yamanote");
		return () =>
			run(function* () {
				return yield* spawn(function* () {
					return 1;
				});
			});
	},
	effect: async () => {
		const { Effect, Fiber } = await import("effect");
		return () =>
			Effect.runPromise(
				Effect.gen(function* () {
					return yield* Fiber.join(yield* Effect.forkChild(Effect.succeed(1)));
				}),
			);
	},
	effection: async () => {
		const { run, spawn } = await import("effection");
		return () =>
			run(function* () {
				return yield* yield* spawn(function* () {
					return 1;
				});
			});
	},
	rxjs: async () => {
		const { lastValueFrom, of } = await import("rxjs");
		return () => lastValueFrom(of(1));
	},
};

const t0 = performance.now();
const first = await FIRST[process.argv[2]]();
const t1 = performance.now();
await first();
const t2 = performance.now();
console.log(JSON.stringify({ import_ms: t1 - t0, first_ms: t2 - t1 }));
