// What may cross to another thread: `Send<T>` is `T`.
import type { Send, SendableClasses } from "yamanote/threads";
import { fromSend, toSend } from "yamanote/threads";
import { equal } from "./equal.ts";

declare function send<const T>(value: Send<T>): void;

class Money {
	readonly cents: bigint;
	constructor(cents: bigint) {
		this.cents = cents;
	}
	[toSend]() {
		return this.cents;
	}
	static [fromSend](cents: bigint) {
		return new Money(cents);
	}
	plus(other: Money) {
		return new Money(this.cents + other.cents);
	}
}

class Decimal {
	plus(other: Decimal) {
		return other;
	}
}

declare module "yamanote/threads" {
	interface SendableClasses {
		decimal: Decimal;
	}
}

class NotFound extends Error {
	readonly code = "NOT_FOUND";
	retry() {}
}

class Point {
	readonly x = 1;
	readonly y = 2;
}

interface Tree {
	readonly value: number;
	readonly parent: Tree | null;
	readonly children: readonly Tree[];
}

interface Settings {
	readonly depth?: number;
	readonly names?: readonly string[] | undefined;
	readonly nested: { readonly at?: Date };
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type UserId = string & { readonly brand: "UserId" };
const Color = { Red: 0, Green: 1 } as const;
type Shape = { kind: "circle"; r: number } | { kind: "square"; side: number };

declare const some: {
	tree: Tree;
	settings: Settings;
	json: Json;
	id: UserId;
	shape: Shape;
	// biome-ignore lint/suspicious/noExplicitAny: it is about any
	anything: any;
	unknown: unknown;
	maybe: string | undefined;
	void: void;
	record: Record<string, number>;
	numbered: Record<number, string>;
	bytes: Uint8Array;
	view: ArrayBufferView;
	// biome-ignore lint/suspicious/noExplicitAny: it is about any
	anythings: any[];
	memory: WebAssembly.Memory;
	fn: never;
	tuple: readonly [a: string, b?: number, ...rest: Date[]];
	template: `id-${number}`;
	object: object;
	// biome-ignore lint/complexity/noBannedTypes: it is about {}
	empty: {};
	plainDate: { readonly [Symbol.toStringTag]: "Temporal.PlainDate"; add(): void };
};

// 1 to 10: primitives
send(1);
send("text");
send(true);
send(10n);
send(null);
send(undefined);
send(some.void);
send(some.maybe);
send(some.id);
send(some.template);
// 11 to 20: objects and lists
send({ a: 1, b: { c: "d" } });
send([1, "a", null]);
send(some.tuple);
send(some.tree);
send(some.settings);
send(some.json);
send(some.shape);
send(some.record);
send(some.numbered);
send(Color.Red);
// 21 to 30: built-in classes
send(new Date());
send(/a/);
send(new Map([["a", { at: new Date() }]]));
send(new Set([1, 2]));
send(new Map<string, Map<number, Set<Date>>>());
send(new Error("x"));
send(new TypeError("x", { cause: new Error("y") }));
send(new AggregateError([new Error("a")]));
send(new URL("https://example.org"));
send(new URLSearchParams());
// 31 to 40: memory
send(new ArrayBuffer(8));
send(new SharedArrayBuffer(8));
send(some.bytes);
send(some.view);
send(new Float64Array(8));
send(new BigUint64Array(8));
send(new DataView(new ArrayBuffer(8)));
send(new Uint8Array(new SharedArrayBuffer(8)));
send(Buffer.from("x"));
send({ chunks: [some.bytes, some.bytes] });
// 41 to 50: host objects
send(new Blob([]));
send(new MessageChannel().port1);
send(new ReadableStream<string>());
send(new WritableStream<string>());
send(new TransformStream<string, string>());
send(new DOMException("a", "AbortError"));
send({ ports: [new MessageChannel().port1] });
send(some.plainDate);
send(undefined as unknown as CryptoKey);
send(undefined as unknown as ImageBitmap);
// 51 to 60: classes of one's own, and what only the run-time check sees
send(new Money(7n));
send({ price: new Money(7n), prices: [new Money(8n)] });
send(new Decimal());
send(new Map([["total", new Decimal()]]));
send(new NotFound());
send(new Point());
send(some.anything);
send(some.unknown);
send(some.anythings);
send(some.fn);
// and more
send(some.object);
send(some.empty);

equal<Send<Tree>, Tree>(true);
equal<Send<string | Date>, string | Date>(true);
equal<Send<unknown>, unknown>(true);
equal<SendableClasses["decimal"], Decimal>(true);
