// Rule 13: `undefined` is None.
import { describe, expect, it } from "vitest";
import { events, run } from "yamanote";
import { broadcast, mpmc, mpsc, OnceCell, oneshot, watch } from "yamanote/sync";

type Value = string | number | boolean | null;

interface Channel {
	send(value: unknown): unknown;
	recv(): unknown;
	close(): void;
}

const channels: Record<string, () => Channel> = {
	"mpsc.channel": () => {
		const [tx, rx] = mpsc.channel<Value>(4);
		return { send: (v) => run(tx.send(v as Value)), recv: () => run(rx.recv()), close: () => tx.release() };
	},
	"mpsc.unboundedChannel": () => {
		const [tx, rx] = mpsc.unboundedChannel<Value>();
		return { send: (v) => tx.send(v as Value), recv: () => run(rx.recv()), close: () => tx.release() };
	},
	"mpmc.channel": () => {
		const [tx, rx] = mpmc.channel<Value>(4);
		return { send: (v) => run(tx.send(v as Value)), recv: () => run(rx.recv()), close: () => tx.close() };
	},
	"broadcast.channel": () => {
		const [tx, rx] = broadcast.channel<Value>(4);
		return { send: (v) => tx.send(v as Value), recv: () => run(rx.recv()), close: () => tx.close() };
	},
};

describe("rule 13: recv() on a closed, drained channel gives undefined", () => {
	for (const [name, make] of Object.entries(channels)) {
		it(`${name}: after the last message, and from then on`, async () => {
			const { send, recv, close } = make();
			for (const value of [null, 0, "", false]) await send(value);
			close();
			// What is falsy is a message all the same.
			expect([await recv(), await recv(), await recv(), await recv()]).toEqual([null, 0, "", false]);
			expect([await recv(), await recv()]).toEqual([undefined, undefined]);
		});

		it(`${name}: to whoever waits already`, async () => {
			const { recv, close } = make();
			const waiting = recv();
			close();
			expect(await waiting).toBe(undefined);
		});
	}

	it("events, when they are ended", async () => {
		const source = events(new EventTarget(), "x");
		const waiting = run(source.recv());
		source[Symbol.dispose]();
		expect(await waiting).toBe(undefined);
		expect(await run(source.recv())).toBe(undefined);
	});
});

describe("rule 13: channels refuse undefined as a message, at send", () => {
	for (const [name, make] of Object.entries(channels)) {
		it(`${name}, at the call, and the channel works on`, async () => {
			const { send, recv, close } = make();
			expect(() => send(undefined)).toThrow(TypeError);
			expect(() => send(undefined)).toThrow(/undefined/);
			await send("next");
			expect(await recv()).toBe("next");
			close();
		});
	}

	it("by type: what is refused is an error of the compiler", () => {
		const [tx] = mpsc.channel<string>(1);
		// @ts-expect-error: no channel of undefined
		expect(() => tx.send(undefined)).toThrow(TypeError);
		const [one] = oneshot.channel<string>();
		// @ts-expect-error: nor a oneshot
		expect(() => one.send(undefined)).toThrow(TypeError);
		const [latest] = watch.channel("first");
		// @ts-expect-error: nor a watch
		expect(() => latest.send(undefined)).toThrow(TypeError);
		expect(latest.borrow()).toBe("first");
	});

	it("a OnceCell is empty as long as it holds undefined", () => {
		const cell = new OnceCell<string>();
		expect([cell.get(), cell.initialized]).toEqual([undefined, false]);
		expect(() => cell.set(undefined as never)).toThrow(/undefined/);
		cell.set("x");
		expect([cell.get(), cell.initialized]).toEqual(["x", true]);
	});
});
