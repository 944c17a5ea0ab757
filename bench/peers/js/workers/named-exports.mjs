// piscina and tinypool take a module's named exports as the tasks
export { fib, identity, mandelbrotJob, sumSquares } from "../../lib/jobs.mjs";
