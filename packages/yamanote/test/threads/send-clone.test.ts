// Deno's URL has a field of its own, and Bun copies a port.
// @engines node20 node22 node24 node26 chromium
import { describe, expect, it } from "vitest";
import { fromSend, NotSendError, sendable, sendClone, toSend, transfer } from "yamanote/threads";
import { growable, resizable } from "./support/resizable.ts";

const bytes = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i & 255);

describe("sendClone carries", () => {
	const same: readonly (readonly [name: string, value: unknown])[] = [
		["undefined", undefined],
		["null", null],
		["booleans", [true, false]],
		["small whole numbers", [0, 1, 127, 128, -1, 255, 65_536]],
		["the ends of 32 bits", [2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32]],
		["fractions and the odd numbers", [0.1, -1.5, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE]],
		["bigints", [0n, 7n, -7n, 2n ** 64n, -(3n ** 200n), 36n ** 10n]],
		["the empty string", ""],
		["Latin text", "crème brûlée"],
		["other text", "山手線 🚃"],
		["broken surrogates", "\ud800 \udfff"],
		["long text", "é".repeat(5_000)],
		["long text of other letters", "線".repeat(3_000)],
		["plain objects", { a: 1, b: { c: "d" }, e: undefined }],
		["keys that are numbers, empty, or long", { 1: "a", "": "b", ["k".repeat(3_000)]: "c" }],
		["arrays", [1, "a", [2, [3]]]],
		["dates", new Date(1_234_567_890_123)],
		["regular expressions", /a+(?<name>b)/giu],
		[
			"maps",
			new Map<unknown, unknown>([
				["a", 1],
				[{ k: 1 }, new Map([[1, 2]])],
			]),
		],
		["sets", new Set([1, "a", { b: 2 }])],
		["boxed primitives", [Object(5), Object("text"), Object(true), Object(7n)]],
		["buffers", bytes(8).buffer],
		["large buffers", bytes(5_000).buffer],
		["bytes", bytes(100)],
		["many bytes", bytes(10_000)],
		["floats", new Float64Array([0.5, -0, NaN])],
		[
			"every kind of view",
			[
				new Int8Array(3),
				new Uint8ClampedArray(3),
				new Int16Array(3),
				new Uint16Array(3),
				new Int32Array(3),
				new Uint32Array(3),
				new Float32Array(3),
				new BigInt64Array(3),
				new BigUint64Array(3),
				new DataView(bytes(9).buffer, 2, 5),
			],
		],
		["URLs", new URL("https://example.org/a?b=c#d")],
		["parameters of URLs", new URLSearchParams("a=1&b=%20x&a=2")],
		["errors", [new Error("a"), new TypeError("b"), new RangeError("c"), new SyntaxError("d"), new URIError("e")]],
		["the result of a match", "yamanote".match(/ma(?<rest>.*)/)],
	];
	for (const [name, value] of same)
		it(`${name} as they are`, () => {
			expect(sendClone(value)).toEqual(value);
		});

	it("minus zero and not-a-number", () => {
		expect(Object.is(sendClone(-0), -0)).toBe(true);
		expect(sendClone(Number.NaN)).toBeNaN();
	});

	it("an invalid date", () => {
		expect(sendClone(new Date(Number.NaN)).getTime()).toBeNaN();
	});

	it("holes as holes", () => {
		const list = [1];
		list[2] = 3;
		const copy = sendClone(list);
		expect(copy).toEqual(list);
		expect(1 in copy).toBe(false);
	});

	it("few items among billions of holes", () => {
		const list: number[] = [];
		list[7] = 1;
		list[4_000_000_000] = 2;
		const copy = sendClone(list);
		expect([copy.length, copy[7], copy[4_000_000_000]]).toEqual([4_000_000_001, 1, 2]);
		expect(Object.keys(copy)).toEqual(["7", "4000000000"]);
		expect(Object.keys(sendClone(new Array(2 ** 32 - 1)))).toEqual([]);
	});

	it("named fields of an array", () => {
		expect(sendClone(Object.assign([1, 2], { unit: "m" }))).toEqual(Object.assign([1, 2], { unit: "m" }));
	});

	it("circles and shared objects", () => {
		const shared = { n: 1 };
		const circle: Record<string, unknown> = { shared, again: shared, list: [shared] };
		circle["self"] = circle;
		const copy = sendClone(circle) as typeof circle & { list: unknown[] };
		expect(copy["self"]).toBe(copy);
		expect(copy["shared"]).toBe(copy["again"]);
		expect(copy.list[0]).toBe(copy["shared"]);
	});

	it("many shared objects", () => {
		const all = Array.from({ length: 100 }, (_, i) => ({ i }));
		const copy = sendClone([all, [...all].reverse()]) as [object[], object[]];
		expect(copy[0].every((o, i) => o === copy[1][99 - i])).toBe(true);
	});

	it("objects without a prototype as such", () => {
		const bare = Object.assign(Object.create(null), { a: 1 });
		const copy = sendClone(bare);
		expect(Object.getPrototypeOf(copy)).toBe(null);
		expect(copy.a).toBe(1);
	});

	it("a field called __proto__ as a field", () => {
		const copy = sendClone(JSON.parse('{"__proto__":{"admin":true}}'));
		expect(Object.hasOwn(copy, "__proto__")).toBe(true);
		expect(copy.admin).toBe(undefined);
	});

	it("frozen, sealed and closed objects as such", () => {
		expect(Object.isFrozen(sendClone(Object.freeze({ a: 1 })))).toBe(true);
		expect(Object.isFrozen(sendClone(Object.freeze([1])))).toBe(true);
		const sealed = sendClone(Object.seal({ a: 1 }));
		expect([Object.isSealed(sealed), Object.isFrozen(sealed)]).toEqual([true, false]);
		const closed = sendClone(Object.preventExtensions({ a: 1 }));
		expect([Object.isExtensible(closed), Object.isSealed(closed)]).toEqual([false, false]);
		const built = [/a/, new Date(0), new Map([[1, 2]]), new Set([1]), new RangeError("a", { cause: "b" })];
		for (const one of built) {
			const copy = sendClone(Object.freeze(one));
			expect(copy).toEqual(one);
			expect(Object.isFrozen(copy)).toBe(true);
		}
	});

	it("where a regular expression stands", () => {
		const regexp = /a/g;
		regexp.lastIndex = 3;
		expect(sendClone(regexp).lastIndex).toBe(3);
	});

	it("a window of a large block as the window alone", () => {
		const copy = sendClone(new Uint8Array(bytes(10_000).buffer, 100, 10));
		expect([...copy]).toEqual([...bytes(110).subarray(100)]);
		expect(copy.buffer.byteLength).toBe(10);
	});

	it("a large window of a larger block as the window alone", () => {
		const copy = sendClone(new Uint16Array(bytes(10_000).buffer, 100, 2_000));
		expect([...new Uint8Array(copy.buffer)]).toEqual([...bytes(4_100).subarray(100)]);
		expect(copy.buffer.byteLength).toBe(4_000);
	});

	it("views of one block as views of one block", () => {
		const block = bytes(64).buffer;
		const copy = sendClone({ a: new Uint8Array(block, 0, 40), b: new Uint16Array(block, 8, 20), c: block });
		copy.a[8] = 0xff;
		copy.a[9] = 0xee;
		expect(copy.b[0]).toBe(0xeeff);
		expect(copy.a.buffer).toBe(copy.c);
	});

	it("views that follow the length of their buffer as such", () => {
		const buffer = resizable(8, 16);
		const copy = sendClone({ follows: new Uint8Array(buffer), fixed: new Uint8Array(buffer, 0, 8), buffer });
		copy.buffer.resize(16);
		expect([copy.follows.length, copy.fixed.length]).toEqual([16, 8]);
		const memory = growable(8, 16);
		const shared = sendClone(new Uint8Array(memory));
		memory.grow(16);
		expect(shared.length).toBe(16);
	});

	it("shared memory as the same memory", () => {
		if (typeof SharedArrayBuffer === "undefined") return;
		const memory = new Int32Array(new SharedArrayBuffer(8));
		const copy = sendClone({ memory, raw: memory.buffer });
		copy.memory[1] = 7;
		expect(memory[1]).toBe(7);
		expect(copy.memory.buffer).toBe(copy.raw);
	});

	it("a WebAssembly.Memory that is shared, and no other", () => {
		const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
		expect(sendClone({ shared }).shared.buffer).toBeInstanceOf(SharedArrayBuffer);
		expect(() => sendClone({ own: new WebAssembly.Memory({ initial: 1 }) })).toThrow(
			"value.own is a WebAssembly.Memory that is not shared: make it so, or send a copy of its bytes",
		);
	});

	it("dates and times of Temporal, where the engine has them", () => {
		const { Temporal } = globalThis as { Temporal?: Record<string, { from(text: string): object }> };
		if (Temporal === undefined) return;
		const texts = {
			Instant: "2026-12-01T04:05:06.007Z",
			PlainDate: "2026-12-01",
			Duration: "PT1H30M",
			ZonedDateTime: "2026-12-01T04:05:06+09:00[Asia/Tokyo]",
		};
		for (const [name, text] of Object.entries(texts)) {
			const time = (Temporal[name] as { from(text: string): object }).from(text);
			const copy = sendClone({ time, again: time });
			expect(String(copy.time)).toBe(String(time));
			expect(Object.getPrototypeOf(copy.time)).toBe(Object.getPrototypeOf(time));
			expect(copy.again).toBe(copy.time);
		}
	});

	it("what structured clone knows besides", async () => {
		expect(await sendClone(new Blob(["text"])).text()).toBe("text");
	});

	it("the cause, the list and the fields of errors", () => {
		const error = Object.assign(new TypeError("a", { cause: new RangeError("b", { cause: "c" }) }), {
			code: "E_A",
			at: { line: 3 },
		});
		const copy = sendClone(error);
		expect(copy).toBeInstanceOf(TypeError);
		expect([copy.code, copy.at]).toEqual(["E_A", { line: 3 }]);
		expect(copy.cause).toBeInstanceOf(RangeError);
		expect((copy.cause as Error).cause).toBe("c");
		expect(copy.stack).toBe(error.stack);
		const several = sendClone(new AggregateError([new EvalError("one"), 2], "several"));
		expect(several).toBeInstanceOf(AggregateError);
		expect(several.errors[0]).toBeInstanceOf(EvalError);
		expect(several.errors[1]).toBe(2);
		expect(Object.keys(several)).toEqual([]);
	});

	it("an error that is its own cause", () => {
		const error = new Error("round");
		error.cause = error;
		const copy = sendClone(error);
		expect(copy.cause).toBe(copy);
	});

	it("a DOMException with its name and code", () => {
		const copy = sendClone(new DOMException("stopped", "AbortError"));
		expect(copy).toBeInstanceOf(DOMException);
		expect([copy.name, copy.message, copy.code]).toEqual(["AbortError", "stopped", 20]);
	});
});

describe("sendClone moves", () => {
	it("a buffer that is marked, and empties it here", () => {
		const block = bytes(2_000);
		const copy = sendClone(transfer(block));
		expect(copy.length).toBe(2_000);
		expect(block.length).toBe(0);
	});

	it("a port that is marked, and refuses one that is not", () => {
		const { port1, port2 } = new MessageChannel();
		expect(() => sendClone({ port: port1 })).toThrow(
			"value.port is a MessagePort: it can only move, write transfer(it)",
		);
		const moved = sendClone({ port: transfer(port1) });
		expect(moved.port).not.toBe(port1);
		moved.port.close();
		port2.close();
	});

	it("nothing when the walk fails: the mark stays for another time", () => {
		const block = bytes(100);
		expect(() => sendClone([transfer(block), () => {}])).toThrow(NotSendError);
		expect(block.length).toBe(100);
		expect(sendClone(block).length).toBe(100);
		expect(block.length).toBe(0);
	});

	it("a buffer that can be resized, and no view of it, whose length may follow", () => {
		const buffer = resizable(8, 16);
		const view = transfer(new Uint8Array(buffer));
		expect(() => sendClone({ view })).toThrow(
			"value.view is a view of a buffer that can be resized: transfer the buffer, and make the view there",
		);
		const copy = sendClone(transfer(buffer));
		expect([copy.resizable, copy.byteLength, buffer.byteLength]).toEqual([true, 8, 0]);
	});

	it("refuses to mark what cannot move", () => {
		expect(() => transfer({ a: 1 })).toThrow("transfer: an object cannot move: send it as it is");
		expect(() => transfer(7 as never)).toThrow(TypeError);
	});

	it("refuses what has moved already", () => {
		const block = bytes(100);
		sendClone(transfer(block));
		expect(() => sendClone({ block })).toThrow("value.block is a view of a detached buffer: it was transferred before");
		expect(() => sendClone(block.buffer)).toThrow("value is a detached buffer: it was transferred before");
	});
});

describe("registered classes", () => {
	class Money {
		readonly #cents: bigint;
		constructor(cents: bigint) {
			this.#cents = cents;
		}
		get cents(): bigint {
			return this.#cents;
		}
		[toSend](): { cents: bigint } {
			return { cents: this.#cents };
		}
		static [fromSend](data: { cents: bigint }): Money {
			return new Money(data.cents);
		}
	}

	it("cross as what they are", () => {
		sendable("test/Money", Money);
		const copy = sendClone({ price: new Money(7n), prices: [new Money(8n)] });
		expect(copy.price).toBeInstanceOf(Money);
		expect(copy.price.cents).toBe(7n);
		expect(copy.prices[0]?.cents).toBe(8n);
	});

	it("cross as one object when there is one", () => {
		sendable("test/Money", Money);
		const money = new Money(1n);
		const copy = sendClone([money, money]);
		expect(copy[0]).toBe(copy[1]);
	});

	it("of others cross by two functions", () => {
		class Point {
			readonly x: number;
			readonly y: number;
			constructor(x: number, y: number) {
				this.x = x;
				this.y = y;
			}
		}
		sendable("test/Point", Point, { toSend: (p) => [p.x, p.y] as const, fromSend: ([x, y]) => new Point(x, y) });
		expect(sendClone(new Point(3, 4))).toEqual(new Point(3, 4));
		expect(sendClone(new Point(3, 4))).toBeInstanceOf(Point);
	});

	it("of errors cross by themselves, and their constructors do not run", () => {
		let made = 0;
		class NotFound extends TypeError {
			readonly code = "NOT_FOUND";
			readonly id: number;
			constructor(id: number) {
				super(`nothing has the number ${id}`);
				made++;
				this.id = id;
				this.name = "NotFound";
			}
			get twice(): number {
				return this.id * 2;
			}
		}
		sendable("test/NotFound", NotFound);
		const error = new NotFound(21);
		const copy = sendClone(error);
		expect(copy).toBeInstanceOf(NotFound);
		expect([copy.id, copy.twice, copy.name, copy.message, copy.code]).toEqual([
			21,
			42,
			"NotFound",
			error.message,
			"NOT_FOUND",
		]);
		expect(made).toBe(1);
	});

	it("say with a path what of them cannot cross", () => {
		class Handler {
			[toSend](): object {
				return { run: () => {} };
			}
			static [fromSend](): Handler {
				return new Handler();
			}
		}
		sendable("test/Handler", Handler as never);
		expect(() => sendClone({ h: new Handler() })).toThrow(
			"(toSend of value.h).run is a function: send data, and call a function of defineWorker there",
		);
	});

	it("that send themselves are refused", () => {
		class Loop {
			[toSend](): object {
				return { me: this };
			}
			static [fromSend](): Loop {
				return new Loop();
			}
		}
		sendable("test/Loop", Loop as never);
		expect(() => sendClone(new Loop())).toThrow("contains itself: toSend cannot send a circle");
	});

	it("need a name of their own", () => {
		class A extends Error {}
		class B extends Error {}
		sendable("test/name", A);
		sendable("test/name", A);
		expect(() => sendable("test/name", B)).toThrow('sendable: the name "test/name" is taken by another class');
		expect(() => sendable("", A)).toThrow(TypeError);
	});

	it("need to say how they cross", () => {
		class Silent {}
		expect(() => sendable("test/Silent", Silent as never)).toThrow(
			"sendable: Silent needs [toSend]() and static [fromSend](data)",
		);
		expect(() => sendable("test/Silent", Silent, {} as never)).toThrow(
			"sendable: give { toSend, fromSend } for Silent",
		);
		expect(() => sendable("test/no", 7 as never)).toThrow("sendable: give a class, not 7");
	});
});
