import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import {
	asyncFn,
	EventOverflowError,
	each,
	events,
	join,
	lazy,
	once,
	race,
	run,
	select,
	spawn,
	yieldNow,
} from "yamanote";
import { microtasks } from "../support/host.ts";

describe("once", () => {
	it("gives the Event of an EventTarget", async () => {
		const target = new EventTarget();
		const [event] = await run(join([once(target, "go"), lazy(() => target.dispatchEvent(new Event("go")))]));
		expect(event).toBeInstanceOf(Event);
		expect((event as Event).type).toBe("go");
	});

	it("gives the arguments of an EventEmitter", async () => {
		const emitter = new EventEmitter();
		const [args] = await run(join([once(emitter, "go"), lazy(() => emitter.emit("go", 1, "two"))]));
		expect(args).toEqual([1, "two"]);
	});

	it("listens from the first poll on, and no longer than it waits", async () => {
		const emitter = new EventEmitter();
		const future = once(emitter, "go");
		expect(emitter.listenerCount("go")).toBe(0);
		const task = spawn(future);
		await microtasks();
		expect([emitter.listenerCount("go"), emitter.listenerCount("error")]).toEqual([1, 1]);
		emitter.emit("go");
		await task;
		expect([emitter.listenerCount("go"), emitter.listenerCount("error")]).toEqual([0, 0]);
	});

	it("is cancel safe: it stops listening", async () => {
		const emitter = new EventEmitter();
		await run(race([once(emitter, "go"), yieldNow()]));
		expect(emitter.eventNames()).toEqual([]);
	});

	it("fails if an emitter emits error first", async () => {
		const emitter = new EventEmitter();
		const task = spawn(once(emitter, "go"));
		await microtasks();
		emitter.emit("error", new Error("broken"));
		await expect(task).rejects.toThrow("broken");
		expect(emitter.eventNames()).toEqual([]);
	});

	it("gives an error event that it waits for", async () => {
		const emitter = new EventEmitter();
		const task = spawn(once(emitter, "error"));
		await microtasks();
		emitter.emit("error", "expected");
		expect(await task).toEqual(["expected"]);
		expect(emitter.eventNames()).toEqual([]);
	});

	it("takes the first of two events of one turn", async () => {
		const emitter = new EventEmitter();
		const task = spawn(once(emitter, "go"));
		await microtasks();
		emitter.emit("go", 1);
		emitter.emit("go", 2);
		expect(await task).toEqual([1]);
	});

	it("refuses what has no events, at the call", () => {
		expect(() => once({} as never, "go")).toThrow(/neither an EventTarget nor an EventEmitter/);
		expect(() => once(null as never, "go")).toThrow(TypeError);
		expect(() => events(5 as never, "go")).toThrow(TypeError);
	});
});

describe("events", () => {
	it("keeps events from the call on until they are received", async () => {
		const emitter = new EventEmitter();
		using clicks = events(emitter, "click");
		emitter.emit("click", 1);
		emitter.emit("click", 2, 3);
		expect(await run(clicks.recv())).toEqual([1]);
		expect(await run(clicks.recv())).toEqual([2, 3]);
		const later = spawn(clicks.recv());
		await microtasks();
		emitter.emit("click", 4);
		expect(await later).toEqual([4]);
	});

	it("gives Events of an EventTarget", async () => {
		const target = new EventTarget();
		using all = events(target, "go");
		target.dispatchEvent(new Event("go"));
		expect((await run(all.recv()))?.type).toBe("go");
	});

	it("is bounded, and full, fails after the events that came before (rule 9)", async () => {
		const emitter = new EventEmitter();
		using data = events(emitter, "data", { capacity: 2 });
		for (let i = 0; i < 5; i++) emitter.emit("data", i);
		expect(await run(data.recv())).toEqual([0]);
		expect(await run(data.recv())).toEqual([1]);
		await expect(run(data.recv())).rejects.toBeInstanceOf(EventOverflowError);
		expect(emitter.eventNames()).toEqual([]);
		await expect(run(data.recv())).rejects.toThrow(/"data".*faster/);
	});

	it("drops the oldest or the newest, and counts it, if told so", async () => {
		const emitter = new EventEmitter();
		using oldest = events(emitter, "data", { capacity: 2, overflow: "drop-oldest" });
		using newest = events(emitter, "data", { capacity: 2, overflow: "drop-newest" });
		for (let i = 0; i < 5; i++) emitter.emit("data", i);
		expect([await run(oldest.recv()), await run(oldest.recv()), oldest.lost]).toEqual([[3], [4], 3]);
		expect([await run(newest.recv()), await run(newest.recv()), newest.lost]).toEqual([[0], [1], 3]);
	});

	it("keeps 64 by default", () => {
		const emitter = new EventEmitter();
		using all = events(emitter, "data", { overflow: "drop-newest" });
		for (let i = 0; i < 70; i++) emitter.emit("data", i);
		expect(all.lost).toBe(6);
	});

	it("an error event of an emitter fails it, after the events that came before", async () => {
		const emitter = new EventEmitter();
		using data = events(emitter, "data");
		emitter.emit("data", 1);
		emitter.emit("error", new Error("broken"));
		expect(await run(data.recv())).toEqual([1]);
		await expect(run(data.recv())).rejects.toThrow("broken");
		expect(emitter.eventNames()).toEqual([]);
	});

	it("disposed, stops listening, and gives what is there, then undefined (rule 13)", async () => {
		const emitter = new EventEmitter();
		const data = events(emitter, "data");
		emitter.emit("data", 1);
		data[Symbol.dispose]();
		expect(emitter.eventNames()).toEqual([]);
		emitter.emit("data", 2);
		expect(await run(data.recv())).toEqual([1]);
		expect(await run(data.recv())).toBe(undefined);
		data[Symbol.dispose]();
	});

	it("disposed, wakes whoever waits", async () => {
		const emitter = new EventEmitter();
		const data = events(emitter, "data");
		const waiting = spawn(data.recv());
		await microtasks();
		data[Symbol.dispose]();
		expect(await waiting).toBe(undefined);
	});

	it("recv is cancel safe: no event is lost", async () => {
		const emitter = new EventEmitter();
		using data = events(emitter, "data");
		const leaves = spawn(data.recv());
		const stays = spawn(data.recv());
		await microtasks();
		emitter.emit("data", 1);
		leaves.abort();
		await expect(leaves).rejects.toThrow();
		expect(await stays).toEqual([1]);
		for (let i = 0; i < 3; i++) await run(select({ event: data.recv(), tick: yieldNow() }));
		emitter.emit("data", 2);
		expect(await run(data.recv())).toEqual([2]);
	});

	it("works with each, and with for await, which stops listening when it is left", async () => {
		const emitter = new EventEmitter();
		const data = events(emitter, "data");
		for (let i = 0; i < 3; i++) emitter.emit("data", i);
		const seen: unknown[] = [];
		await run(
			each(data, function* (args) {
				seen.push(args);
				return seen.length < 2;
			}),
		);
		for await (const args of data) {
			seen.push(args);
			break;
		}
		expect(seen).toEqual([[0], [1], [2]]);
		expect(emitter.eventNames()).toEqual([]);
	});

	it("made in a task or asyncFn call, stops listening when that ends", async () => {
		const emitter = new EventEmitter();
		await run(function* () {
			events(emitter, "data");
			yield* yieldNow();
			expect(emitter.listenerCount("data")).toBe(1);
		});
		expect(emitter.eventNames()).toEqual([]);
		const inner = asyncFn(function* () {
			events(emitter, "data");
			yield* yieldNow();
		});
		await run(function* () {
			yield* inner();
			expect(emitter.listenerCount("data")).toBe(0);
		});
	});

	it("refuses a target that can be listened to, but not left, at the call", () => {
		for (const target of [{ on() {} }, { addEventListener() {} }])
			for (const make of [events, once] as ((target: never, name: string) => unknown)[])
				expect(() => make(target as never, "click")).toThrow(/neither an EventTarget nor an EventEmitter/);
	});

	it("refuses a capacity below 1", () => {
		const emitter = new EventEmitter();
		for (const capacity of [0, -1, Number.NaN]) expect(() => events(emitter, "data", { capacity })).toThrow(RangeError);
		expect(emitter.eventNames()).toEqual([]);
	});
});
