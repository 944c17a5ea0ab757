// piscina and tinypool take a module's named exports as the tasks
export { fib, identity, sumSquares } from "../../lib/jobs.mjs";
