import workerpool from "workerpool";
import { fib, identity, sumSquares } from "../../lib/jobs.mjs";

workerpool.worker({ fib, identity, sumSquares });
