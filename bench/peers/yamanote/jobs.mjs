// What runs on the worker threads.
import { defineWorker } from "yamanote/threads";
import { fib, identity, mandelbrotRow, squares } from "../lib/jobs.mjs";

export const jobs = defineWorker(import.meta.url, { fib, identity, mandelbrotRow, squares });
