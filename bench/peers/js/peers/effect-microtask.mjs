// The same Effect programs on its microtask scheduler, new MixedScheduler("sync"): not the default.
import { Effect, Scheduler } from "effect";
import { make } from "./effect.mjs";

const { idle_tasks, sleep_many, stream_map, ...rest } = make((program) =>
	Effect.runPromise(program, { scheduler: new Scheduler.MixedScheduler("sync") }),
);
export const workloads = rest;
