import { describe, expect, it } from "vitest";
import { asyncFn, Instant, join, run, select, sleep, spawn } from "yamanote";
import {
	AssertionError,
	assertElapsed,
	assertPending,
	assertReady,
	type MockIo,
	mockIo,
	mockTask,
	paused,
} from "yamanote/testing";

const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

/** Everything to the end. */
const readAll = asyncFn(function* (io: MockIo) {
	let all = "";
	for (let part = yield* io.read(); part !== undefined; part = yield* io.read()) all += text(part);
	return all;
});

describe("mockIo: reading", () => {
	it("gives each step to one read, and then the end", async () => {
		using io = mockIo().read("hello ").read(new TextEncoder().encode("world!")).build();
		expect(text(await io.read())).toBe("hello ");
		expect(text(await io.read())).toBe("world!");
		expect(await io.read()).toBe(undefined);
		expect(await io.read()).toBe(undefined);
	});

	it("leaves what is more than a read takes for the next", async () => {
		using io = mockIo().read("hello").read("!").build();
		expect(text(await io.read(2))).toBe("he");
		expect(text(await io.read(2))).toBe("ll");
		expect(text(await io.read(2))).toBe("o");
		expect(text(await io.read(2))).toBe("!");
		for (const bad of [0, -1, 1.5, Number.NaN]) expect(() => io.read(bad)).toThrow(RangeError);
		expect(() => io.read("2" as never)).toThrow(TypeError);
	});

	it("fails where the script says so, once", async () => {
		const reset = new Error("reset");
		using io = mockIo().read("a").readError(reset).read("b").build();
		expect(text(await io.read())).toBe("a");
		await expect(run(io.read())).rejects.toBe(reset);
		expect(text(await io.read())).toBe("b");
	});

	it("owns its bytes: what the test does with its own, or with what it was given, changes nothing", async () => {
		// A Buffer where there is one: its `slice` does not copy.
		const encode = (text: string) => globalThis.Buffer?.from(text) ?? new TextEncoder().encode(text);
		const mine = encode("abc");
		const script = mockIo().read(mine);
		mine.fill(0);
		using one = script.build();
		(await one.read(1))?.fill(0);
		expect(text(await one.read())).toBe("bc");
		using two = script.build();
		expect(text(await two.read())).toBe("abc");
	});

	it("waits for the writes before it", () => {
		using io = mockIo().write("ping").read("pong").build();
		const reading = mockTask(io.read());
		assertPending(reading.poll());
		assertReady(mockTask(io.write("pi")).poll());
		assertPending(reading.poll());
		assertReady(mockTask(io.write("ng")).poll());
		expect(reading.isWoken).toBe(true);
		expect(text(assertReady(reading.poll()))).toBe("pong");
	});
});

describe("mockIo: writing", () => {
	it("takes the bytes of the script, however they are cut", async () => {
		using io = mockIo().write("hello ").write("world!").build();
		await io.write("hel");
		await io.write("");
		await io.write("lo wor");
		await io.write("ld!");
	});

	it("fails for other bytes, with both", async () => {
		const io = mockIo().name("the socket").write("PING").build();
		const error = await run(io.write("PONG")).catch((e) => e);
		expect(error).toBeInstanceOf(AssertionError);
		expect(error.message).toBe('the socket: "PING" is to be written, not "PONG"');
		expect(text(error.actual)).toBe("PONG");
		expect(text(error.expected)).toBe("PING");
	});

	it("fails for more bytes than the script has, and before its turn", async () => {
		using io = mockIo().write("a").build();
		await expect(run(io.write("ab"))).rejects.toThrow('nothing is to be written now, but "b" is. Next: the end');
		const other = mockIo().read("first").write("then").build();
		await expect(run(other.write("then"))).rejects.toThrow('but "then" is. Next: read "first"');
	});

	it("fails where the script says so, once", async () => {
		const broken = new Error("broken pipe");
		using io = mockIo().write("a").writeError(broken).write("b").build();
		await expect(run(io.write("ab"))).rejects.toBe(broken);
		await io.write("b");
	});

	it("refuses what are no bytes", () => {
		const io = mockIo().build();
		for (const bad of [1, null, undefined, {}, [1, 2]]) {
			expect(() => io.write(bad as never)).toThrow(TypeError);
			expect(() => mockIo().write(bad as never)).toThrow(TypeError);
			expect(() => mockIo().read(bad as never)).toThrow(TypeError);
		}
	});
});

describe("mockIo: pauses", () => {
	it(
		"come before what is read and written after them, one after the other",
		paused(function* () {
			using io = mockIo().wait(1_000).read("a").wait(500).wait(500).write("b").build();
			const start = Instant.now();
			expect(text(yield* io.read())).toBe("a");
			assertElapsed(start, 1_000);
			yield* io.write("b");
			assertElapsed(start, 2_000);
		}),
	);

	it(
		"begin anew in each stream that is built",
		paused(function* () {
			const script = mockIo().wait(100).read("a");
			for (const io of [script.build(), script.build()]) {
				const start = Instant.now();
				yield* io.read();
				assertElapsed(start, 100);
			}
		}),
	);

	it(
		"go on when whoever waited is cancelled",
		paused(function* () {
			using io = mockIo().wait(100).read("a").build();
			const start = Instant.now();
			expect((yield* select({ bytes: io.read(), time: sleep(60) })).key).toBe("time");
			expect(text(yield* io.read())).toBe("a");
			assertElapsed(start, 100);
		}),
	);
});

describe("mockIo: a handle", () => {
	it(
		"adds steps while it is in use, and ends it",
		paused(function* () {
			const { io, handle } = mockIo().write("hello").buildWithHandle();
			const all = spawn(readAll(io));
			yield* io.write("hello");
			handle.read("one ").wait(5).read("two");
			yield* sleep(10);
			expect(all.isFinished).toBe(false);
			handle.close();
			expect(yield* all).toBe("one two");
			expect(() => handle.read("late")).toThrow(TypeError);
			io[Symbol.dispose]();
		}),
	);

	it("adds failures as well", async () => {
		const { io, handle } = mockIo().buildWithHandle();
		const [reset, broken] = [new Error("reset"), new Error("broken pipe")];
		handle.readError(reset).writeError(broken);
		await expect(run(io.read())).rejects.toBe(reset);
		await expect(run(io.write("a"))).rejects.toBe(broken);
	});

	it(
		"lets a write wait for its step, until it is closed",
		paused(function* () {
			const { io, handle } = mockIo().buildWithHandle();
			const first = spawn(io.write("a"));
			yield* sleep(1);
			expect(first.isFinished).toBe(false);
			handle.write("a");
			yield* first;
			const second = spawn(io.write("b"));
			yield* sleep(1);
			handle[Symbol.dispose]();
			try {
				yield* second;
				expect.unreachable();
			} catch (error) {
				expect(error).toBeInstanceOf(AssertionError);
			}
		}),
	);
});

describe("mockIo: its end", () => {
	it("refuses a name that is no string, undefined too", () => {
		for (const [name, what] of [
			[undefined, "undefined"],
			[null, "null"],
			[5, "5"],
			[Symbol("s"), "Symbol(s)"],
		] as const)
			expect(() => mockIo().name(name as never)).toThrow(new TypeError(`name: give a string, not ${what}`));
	});

	it("fails when it is disposed with steps left, and names them", () => {
		const io = mockIo().name("peer").read("to read").write("x".repeat(50)).readError(new Error("no")).wait(5).build();
		expect(() => io[Symbol.dispose]()).toThrow(
			`peer: the script was not played to its end. Left: read "to read", write "${"x".repeat(40)}"… (50 bytes), read fails with`,
		);
		const partly = mockIo().read("abc").build();
		assertReady(mockTask(partly.read(2)).poll());
		expect(() => partly[Symbol.dispose]()).toThrow('Left: read "c"');
		mockIo().wait(5).build()[Symbol.dispose]();
	});
});

describe("mockIo: streams of the web", () => {
	it("are read and written in place of the futures", async () => {
		using io = mockIo().write("GET").read("200 ").read("OK").build();
		const writer = io.writable.getWriter();
		const reader = io.readable.getReader();
		expect(io.readable).toBe(io.readable);
		const first = reader.read();
		await writer.write("GET");
		expect(text((await first).value)).toBe("200 ");
		expect(text((await reader.read()).value)).toBe("OK");
		expect((await reader.read()).done).toBe(true);
		await writer.close();
	});

	it("fail as the script does, and as it is broken", async () => {
		const reset = new Error("reset");
		const io = mockIo().readError(reset).write("a").build();
		await expect(io.readable.getReader().read()).rejects.toBe(reset);
		await expect(io.writable.getWriter().write("b")).rejects.toThrow(AssertionError);
	});

	it("ask for nothing before somebody reads, and leave off when their reader is cancelled", async () => {
		const { io, handle } = mockIo().read("a").buildWithHandle();
		const { readable } = io;
		for (let i = 0; i < 10; i++) await null;
		expect(text(await io.read())).toBe("a");
		const reader = readable.getReader();
		const waits = reader.read();
		await reader.cancel();
		expect((await waits).done).toBe(true);
		handle.read("b").close();
		expect(text(await io.read())).toBe("b");
	});
});

describe("mockIo: a stream of the web whose write waits", () => {
	it("ends when it is aborted, and the script goes on", async () => {
		const { io, handle } = mockIo().buildWithHandle();
		const writer = io.writable.getWriter();
		const waits = writer.write("a").catch((error) => error.reason);
		for (let i = 0; i < 10; i++) await null;
		await writer.abort("no more");
		expect(await waits).toBe("no more");
		handle.write("b").close();
		await io.write("b");
		io[Symbol.dispose]();
	});
});

describe("mockIo: steps without bytes", () => {
	it("are none: nobody could do them", async () => {
		using io = mockIo().write("").read("").read("a").write(new Uint8Array()).build();
		expect(text(await io.read())).toBe("a");
		expect(await io.read()).toBe(undefined);
	});
});

describe("mockIo: both ways at once", () => {
	it(
		"plays a conversation between a client and what it is given",
		paused(function* () {
			using io = mockIo().write("1+1\n").wait(20).read("2\n").write("2+2\n").wait(20).read("4\n").build();
			const ask = asyncFn(function* (question: string) {
				yield* io.write(`${question}\n`);
				return text(yield* io.read())?.trim();
			});
			const start = Instant.now();
			const [answers] = yield* join([
				asyncFn(function* () {
					return [yield* ask("1+1"), yield* ask("2+2")];
				})(),
				sleep(10),
			]);
			expect(answers).toEqual(["2", "4"]);
			assertElapsed(start, 40);
		}),
	);
});
