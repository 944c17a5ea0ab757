import { describe, expect, it } from "vitest";
import { Held, type Tied } from "../../src/core/held.ts";

function close(held: Held): void {
	for (const _ of held.closing(true, undefined)) throw new Error("it need not wait");
}

describe("the resources of a frame", () => {
	it("are disposed of in reverse order, each once", () => {
		const log: number[] = [];
		const held = new Held();
		const all = Array.from(
			{ length: 100 },
			(_, i): Tied => ({ [Symbol.asyncDispose]: () => void log.push(i) as never }),
		);
		for (const one of [...all, ...all]) held.add(one);
		close(held);
		expect(log).toEqual(all.map((_, i) => 99 - i));
	});

	it("are forgotten when they are over, however many a loop ties", () => {
		const held = new Held();
		let disposed = 0;
		let kept = 0;
		for (let i = 0; i < 10_000; i++) {
			const lasts = i % 1_000 === 0;
			held.add({ over: !lasts, [Symbol.asyncDispose]: () => void (lasts ? kept++ : disposed++) as never });
		}
		close(held);
		expect(kept).toBe(10);
		expect(disposed).toBeLessThan(40);
	});
});
