import { defineWorker } from "yamanote/threads";
import { type Point, scale } from "./point.ts";

/** A worker that no tool has built. */
export const shapes = defineWorker(import.meta.url, {
	length: (point: Point): number => Math.hypot(point.x, point.y),
	scaled: (point: Point, by: number): Point => scale(point, by),
	async *steps(to: number) {
		for (let i = 1; i <= to; i++) yield i;
	},
});
