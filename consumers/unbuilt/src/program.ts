import { colors } from "./colors.worker.ts";
import { shapes } from "./shapes.worker.ts";

const steps: number[] = [];
for await (const step of shapes.steps(3)) steps.push(step);
console.log(await shapes.length({ x: 3, y: 4 }), await shapes.scaled({ x: 1, y: 2 }, 2), steps, await colors.green());
