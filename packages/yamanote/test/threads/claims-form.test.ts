// Needs the sources: what threads are told of an operation, and for how long they know it.
// @engines node20
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { claimsFormOf } from "../../src/threads/parallel/claims-form.ts";
import type { Common } from "../../src/threads/parallel/common.ts";
import type { PoolCore } from "../../src/threads/pool-core.ts";
import type { WorkerFunction } from "../../src/threads/worker-function.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

const fn: WorkerFunction = { source: "file:///w.mjs", table: "t", name: "f", local: () => 0, streams: false };
const other: WorkerFunction = { ...fn, name: "g" };
const whole = { n: 100, threads: 2, firstMost: 1_024 };
const over = (more: Partial<Common> = {}): Common => ({
	op: 3,
	whole: true,
	data: null,
	copied: false,
	args: [],
	claims: null,
	...more,
});

/** A pool that notes what its threads need not remember. */
function poolThatForgets() {
	const forgotten: WorkerFunction[] = [];
	const pool = { forget: (form: WorkerFunction) => void forgotten.push(form) } as unknown as PoolCore;
	const form = (common = over(), of = fn, size = whole) => claimsFormOf(pool, of, common, size, true);
	return { form, forgotten };
}

it("an operation that ended well leaves its form to the next one like it, which begins anew", () => {
	const { form, forgotten } = poolThatForgets();
	const data = new Float64Array(new SharedArrayBuffer(800));
	for (const common of [over(), over({ args: [1, "a"] }), over({ data })]) {
		const one = form(common);
		Atomics.store(one.claims?.words as BigInt64Array, 0, 100n);
		one.release(true);
		const view = common.data === null ? null : new Float64Array(data.buffer);
		const again = form({ ...common, data: view });
		expect(again).toBe(one);
		expect(again.claims?.words[0]).toBe(0n);
		// Two at the same time have nothing in common.
		expect(form(common)).not.toBe(one);
		again.release(true);
	}
	expect(forgotten).toEqual([]);
});

it("one that is in any way different has a form of its own", () => {
	const { form } = poolThatForgets();
	const memory = new SharedArrayBuffer(1_600);
	const common = over({ data: new Float64Array(memory, 0, 100), args: [0] });
	const one = form(common);
	one.release(true);
	const others = [
		form({ ...common, op: 4 }),
		form({ ...common, whole: false }),
		form({ ...common, data: null }),
		form({ ...common, data: new Float64Array(memory, 8, 100) }),
		form({ ...common, data: new Float64Array(memory, 0, 101) }),
		form({ ...common, data: new BigInt64Array(memory, 0, 100) as never }),
		form({ ...common, data: new Float64Array(new SharedArrayBuffer(800)) }),
		form({ ...common, args: [-0] }),
		form({ ...common, args: [0, 0] }),
		form(common, other),
		form(common, fn, { ...whole, n: 99 }),
		form(common, fn, { ...whole, threads: 3 }),
		form(common, fn, { ...whole, firstMost: 1 }),
	];
	expect(others).not.toContain(one);
	expect(form(common)).toBe(one);
});

it("threads forget the form of an operation that was stopped or has failed, and of items and arguments that were its own", () => {
	const { form, forgotten } = poolThatForgets();
	const copied = new Float64Array(new SharedArrayBuffer(800));
	const stopped = form();
	stopped.release(false);
	const own = [form(over({ data: copied, copied: true })), form(over({ args: [{}] }))];
	for (const one of own) one.release(true);
	expect(forgotten).toEqual([stopped.fn, ...own.map((one) => one.fn)]);
	expect(form()).not.toBe(stopped);
});

it("a pool keeps 16 forms: the oldest is forgotten", () => {
	const { form, forgotten } = poolThatForgets();
	const forms = Array.from({ length: 17 }, (_, i) => form(over({ args: [i] })));
	for (const one of forms) one.release(true);
	expect(forgotten).toEqual([forms[0]?.fn]);
	expect(form(over({ args: [1] }))).toBe(forms[1]);
});

it("memory that the user lets go is forgotten with its forms", async () => {
	const { form, forgotten } = poolThatForgets();
	const use = (): WorkerFunction => {
		const one = form(over({ data: new Float64Array(new SharedArrayBuffer(800)) }));
		expect(one.fn.chunks?.data?.length).toBe(100);
		one.release(true);
		return one.fn;
	};
	const fns = [use()];
	for (let i = 0; forgotten.length === 0 && i < 100; i++) {
		await new Promise((resolve) => setImmediate(resolve));
		gc();
	}
	expect(forgotten).toEqual(fns);
	expect(fns[0]?.chunks?.data).toBeNull();
});

it("memory that lives on knows of no form that is gone", () => {
	const noted = new Set<WeakKey | undefined>();
	const { register, unregister } = FinalizationRegistry.prototype;
	FinalizationRegistry.prototype.register = function (target, value, token) {
		noted.add(token);
		register.call(this, target, value, token);
	};
	FinalizationRegistry.prototype.unregister = function (token) {
		noted.delete(token);
		return unregister.call(this, token);
	};
	try {
		const { form } = poolThatForgets();
		const data = new Float64Array(new SharedArrayBuffer(800));
		for (let i = 0; i < 20; i++) form(over({ data, args: [i] })).release(i !== 3);
		expect(noted.size).toBe(16);
	} finally {
		Object.assign(FinalizationRegistry.prototype, { register, unregister });
	}
});
