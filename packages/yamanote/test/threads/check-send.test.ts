import { describe, expect, it } from "vitest";
import { pending, spawn } from "yamanote";
import { checkSend, fromSend, NotSendError, sendable, toSend } from "yamanote/threads";
import { resizable } from "./support/resizable.ts";

class User {
	name = "Ada";
	greet(): void {}
}
class Circle {
	#r = 1;
	get area(): number {
		return this.#r ** 2 * Math.PI;
	}
}
class Tagged extends Map<string, number> {}
class Sick {
	[toSend](): never {
		return fail("it is sick");
	}
	static [fromSend](): Sick {
		return new Sick();
	}
}
sendable("test/Sick", Sick);

function fail(why: string | Error): never {
	throw why instanceof Error ? why : new Error(why);
}

const refused: readonly (readonly [name: string, make: () => unknown, message: string])[] = [
	["a function", () => () => 1, "value is a function: send data, and call a function of defineWorker there"],
	["a class", () => User, "value is a function: send data, and call a function of defineWorker there"],
	[
		"a method of an object",
		() => ({ a: { b: [0, { onClick() {} }] } }),
		"value.a.b[1].onClick is a function: send data, and call a function of defineWorker there",
	],
	[
		"a field with an odd name",
		() => ({ "on click": () => {} }),
		'value["on click"] is a function: send data, and call a function of defineWorker there',
	],
	["a symbol", () => ({ id: Symbol("id") }), "value.id is a symbol: send a string"],
	["a symbol as a key", () => ({ user: { [Symbol("k")]: 1 } }), "value.user has a symbol as a key: use a string"],
	[
		"a getter",
		() => ({
			get total() {
				return 1;
			},
		}),
		"value.total is a getter: send its value",
	],
	["a setter", () => ({ user: { set name(_: string) {} } }), "value.user.name is a setter: leave it out"],
	[
		"a symbol as a key of an array",
		() => ({ list: Object.assign([1], { [Symbol("k")]: 1 }) }),
		"value.list has a symbol as a key: use a string",
	],
	[
		"a hidden field of an array",
		() => Object.defineProperty([1], "secret", { value: 1 }),
		'value has a hidden field, "secret": make it enumerable, or leave it out',
	],
	[
		"a field of a boxed text",
		() => Object.assign(new String("ab"), { unit: "m" }),
		'value is a String with a field of its own, "unit": send them apart',
	],
	[
		"an odd place in a regular expression",
		() => Object.assign(/a/g, { lastIndex: "2" }),
		"value is a RegExp whose lastIndex is no number: set it to 0",
	],
	[
		"a DataView of a detached buffer",
		() => {
			const view = new DataView(new ArrayBuffer(8));
			structuredClone(view.buffer, { transfer: [view.buffer] });
			return { view };
		},
		"value.view is a view of a detached buffer: it was transferred before",
	],
	[
		"a proxy that throws",
		() => ({ list: [new Proxy({}, { ownKeys: () => fail("no keys for you") })] }),
		"value.list[0] cannot be read: no keys for you",
	],
	["what toSend throws", () => ({ sick: new Sick() }), "value.sick cannot be read: it is sick"],
	[
		"a hidden field",
		() => Object.defineProperty({}, "secret", { value: 1 }),
		'value has a hidden field, "secret": make it enumerable, or leave it out',
	],
	["a promise", () => ({ data: Promise.resolve(1) }), "value.data is a promise: await it, and send its value"],
	[
		"another thenable",
		() =>
			new (class Later {
				then(): void {}
			})(),
		"value is a promise: await it, and send its value",
	],
	["a future", () => [pending()], "value[0] is a future: wait for it, and send its value"],
	[
		"an instance of a class",
		() => ({ user: new User() }),
		"value.user is a User: register its class with sendable(), or send a plain object",
	],
	[
		"an instance without methods of its own",
		() => new Circle(),
		"value is a Circle: register its class with sendable(), or send a plain object",
	],
	[
		"a subclass of Map",
		() => ({ tags: new Tagged() }),
		"value.tags is a Tagged: register its class with sendable(), or send a plain object",
	],
	[
		"an error of a class that is not registered",
		() => new (class Oops extends Error {})(),
		"value is a Oops: register its class with sendable()",
	],
	[
		"a signal",
		() => ({ signal: new AbortController().signal }),
		"value.signal is an AbortSignal: a function of a worker has its own, abortSignal(); or send a CancellationToken",
	],
	[
		"a controller",
		() => new AbortController(),
		"value is an AbortController: a function of a worker has its own, abortSignal(); or send a CancellationToken",
	],
	["a weak map", () => new WeakMap(), "value is weak: weak references do not cross threads"],
	["a weak set", () => [new WeakSet()], "value[0] is weak: weak references do not cross threads"],
	["a weak reference", () => new WeakRef({}), "value is weak: weak references do not cross threads"],
	["a generator", () => (function* () {})(), "value is an iterator: send an array"],
	["an iterator", () => [1, 2][Symbol.iterator](), "value is an iterator: send an array"],
	[
		"a resource",
		() => ({
			lock: new (class Guard {
				[Symbol.dispose](): void {}
			})(),
		}),
		"value.lock is a resource of this thread: release it here, and send data",
	],
	[
		"a value of a map",
		() => new Map([["k", { f() {} }]]),
		'value.get("k").f is a function: send data, and call a function of defineWorker there',
	],
	["a key of a map", () => new Map([[Symbol("a"), 1]]), "(a key of value) is a symbol: send a string"],
	[
		"a member of a set",
		() => ({ all: new Set([() => {}]) }),
		"(a member of value.all) is a function: send data, and call a function of defineWorker there",
	],
	[
		"a date with a field of its own",
		() => Object.assign(new Date(), { zone: "UTC" }),
		'value is a Date with a field of its own, "zone": send them apart',
	],
	[
		"a field of an error",
		() => Object.assign(new Error("e"), { retry() {} }),
		"value.retry is a function: send data, and call a function of defineWorker there",
	],
	["a stream", () => new ReadableStream(), "value is a ReadableStream: it can only move, write transfer(it)"],
];

describe("checkSend", () => {
	for (const [name, make, message] of refused)
		it(`refuses ${name}, and says where and what to do`, () => {
			let caught: unknown;
			try {
				checkSend(make());
			} catch (error) {
				caught = error;
			}
			expect(caught).toBeInstanceOf(NotSendError);
			expect((caught as NotSendError).message).toBe(message);
			expect(message.startsWith((caught as NotSendError).path)).toBe(true);
			expect((caught as NotSendError).code).toBe("YAMANOTE_NOT_SEND");
		});

	it("refuses what is nested too deeply, and tells the way in", () => {
		let nested: unknown = null;
		for (let i = 0; i < 200_000; i++) nested = { a: nested };
		expect(() => checkSend(nested)).toThrow(/^value(\.a){10}… cannot be read: /);
	});

	it("gives what a getter of a proxy has thrown as the cause", () => {
		const cause = new Error("no");
		const proxy = new Proxy({ a: 1 }, { get: () => fail(cause) });
		expect(() => checkSend(proxy)).toThrow(expect.objectContaining({ name: "NotSendError", path: "value.a", cause }));
	});

	it("refuses a view of what its buffer has no more", () => {
		const buffer = resizable(8, 16);
		const view = new Uint8Array(buffer, 6);
		buffer.resize(4);
		expect(() => checkSend([view])).toThrow("value[0] is a view of what its buffer has no more: it was made smaller");
	});

	it("refuses a handle", async () => {
		const handle = spawn(() => Promise.resolve(1));
		expect(() => checkSend(handle)).toThrow("value is a future: wait for it, and send its value");
		await handle;
	});

	it("has a word for what has no name", () => {
		const Class = (() => class {})();
		expect(() => checkSend(new Class())).toThrow("value is an object: register its class");
	});

	it("names the value as it is told", () => {
		expect(() => checkSend(() => {}, "options.log")).toThrow("options.log is a function");
	});

	it("takes what may cross, and looks at all of it", () => {
		checkSend({ a: [1, "b", null, new Map([[1, new Set([new Date()])]])], e: new Error("x"), f: new Float32Array(2) });
	});

	it("does not copy what a proxy hides, only what it shows", () => {
		expect(() => checkSend(new Proxy({ a: 1 }, {}))).not.toThrow();
		expect(() => checkSend(new Proxy({ f() {} }, {}))).toThrow("value.f is a function");
	});
});
