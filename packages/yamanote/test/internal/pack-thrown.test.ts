// What a function of a worker throws arrives in some form; what was written of it before it turned out that it cannot cross does not.
import { expect, it } from "vitest";
import { sendable } from "yamanote/threads";
import { packThrown, unpackValue } from "../../src/threads/codec/pack.ts";

const refused = (thrown: unknown): unknown => {
	const { bytes, extras, transfers, ends } = packThrown(thrown);
	expect([extras, transfers, ends]).toEqual([null, null, null]);
	return unpackValue({ bytes, extras });
};

it("what cannot cross is left behind with all that was packed of it", () => {
	const why = new TypeError(
		"a function threw what cannot cross: the error.run is a function: send data, and call a function of defineWorker there",
	);
	expect(refused({ large: new Uint8Array(5_000), text: "x".repeat(5_000), run() {} })).toEqual(why);
});

/** An error as it arrives. Nothing of it needs more than bytes. */
function arrived<E extends Error>(error: E): E {
	const { bytes, extras, transfers } = packThrown(error);
	expect([extras, transfers]).toEqual([null, null]);
	return unpackValue({ bytes, extras }) as E;
}

for (const before of [0, 20])
	it(`so are fields of an error: those that can cross do (behind ${before} others)`, () => {
		const shared = { n: 1 };
		const half = { n: 2 };
		const copy = arrived(
			Object.assign(new RangeError("odd"), {
				others: Array.from({ length: before }, (_, i) => ({ i })),
				first: shared,
				bad: { key: { half, other: {} }, large: new Uint8Array(5_000), deep: { run() {} } } as unknown,
				again: shared,
				worse: (() => {}) as unknown,
				last: { key: 3, list: [shared, half, half] },
			}),
		);
		expect(copy).toBeInstanceOf(RangeError);
		expect(copy.others.length).toBe(before);
		expect(copy.first).toEqual({ n: 1 });
		expect(copy.bad).toMatch(/^\[the error\.bad\.deep\.run is a function/);
		expect(copy.again).toBe(copy.first);
		expect(copy.worse).toMatch(/^\[the error\.worse is a function/);
		expect(copy.last).toEqual({ key: 3, list: [{ n: 1 }, { n: 2 }, { n: 2 }] });
		expect(copy.last.list[0]).toBe(copy.first);
		expect(copy.last.list[1]).toBe(copy.last.list[2]);
	});

it("so are fields of an error within what a registered class sends", () => {
	class Box {
		readonly inner: object;
		constructor(inner: object) {
			this.inner = inner;
		}
	}
	sendable("test/Box", Box, { toSend: (box) => box.inner, fromSend: (inner) => new Box(inner) });
	const inner = Object.assign(new Error("inner"), { fine: 1, bad: (() => {}) as unknown });
	const { box } = arrived(Object.assign(new Error("outer"), { box: new Box(inner) }));
	expect(box).toBeInstanceOf(Box);
	expect(box.inner).toMatchObject({ message: "inner", fine: 1 });
	expect((box.inner as typeof inner).bad).toMatch(/is a function/);
});
