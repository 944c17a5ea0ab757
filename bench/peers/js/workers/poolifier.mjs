import { ThreadWorker } from "poolifier";
import { fib, identity, mandelbrotJob, sumSquares } from "../../lib/jobs.mjs";

export default new ThreadWorker({ fib, identity, mandelbrotJob, sumSquares });
