import workerpool from "workerpool";
import { fib, identity, mandelbrotJob, sumSquares } from "../../lib/jobs.mjs";

workerpool.worker({ fib, identity, mandelbrotJob, sumSquares });
