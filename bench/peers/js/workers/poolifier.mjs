import { ThreadWorker } from "poolifier";
import { fib, identity, sumSquares } from "../../lib/jobs.mjs";

export default new ThreadWorker({ fib, identity, sumSquares });
