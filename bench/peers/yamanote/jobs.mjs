// What runs on the worker threads.
import { defineWorker } from "yamanote/threads";
import { fib, identity, sumSquares } from "../lib/jobs.mjs";

export const jobs = defineWorker(import.meta.url, { fib, identity, sumSquares });
