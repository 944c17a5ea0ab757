// The timer wheel, beside a naive model: a list that is sorted.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Wheel, type WheelEntry } from "../../src/time/wheel.ts";

class Entry implements WheelEntry {
	slot = -1;
	before: WheelEntry | null = null;
	after: WheelEntry | null = null;
	readonly name: number;
	tick: number;
	readonly onFire: (entry: Entry) => void;

	constructor(name: number, tick: number, onFire: (entry: Entry) => void) {
		this.name = name;
		this.tick = tick;
		this.onFire = onFire;
	}

	fire(): void {
		this.onFire(this);
	}
}

/** What a wheel must do, written down without any cleverness. */
class Model {
	now = 0;
	readonly armed: { name: number; tick: number; order: number }[] = [];
	#order = 0;

	insert(name: number, tick: number): boolean {
		if (tick <= this.now) return false;
		this.armed.push({ name, tick, order: this.#order++ });
		return true;
	}

	remove(name: number): void {
		const at = this.armed.findIndex((one) => one.name === name);
		if (at >= 0) this.armed.splice(at, 1);
	}

	advance(tick: number): { name: number; tick: number }[] {
		const due = this.armed.filter((one) => one.tick <= tick).sort((a, b) => a.tick - b.tick || a.order - b.order);
		for (const one of due) this.remove(one.name);
		this.now = Math.max(this.now, tick);
		return due;
	}
}

const REACH = 64 ** 6;

// Delays near the borders of the levels, and anything between, up to beyond the wheel's reach.
const delay = fc.oneof(
	// Near ones, so that many fall on one tick.
	{ weight: 4, arbitrary: fc.integer({ min: 0, max: 6 }) },
	{ weight: 4, arbitrary: fc.integer({ min: 0, max: 200 }) },
	{ weight: 3, arbitrary: fc.integer({ min: 0, max: 300_000 }) },
	{
		weight: 3,
		arbitrary: fc
			.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 63 }), fc.integer({ min: -2, max: 2 }))
			.map(([level, times, off]) => Math.max(0, 64 ** level * times + off)),
	},
	{ weight: 1, arbitrary: fc.integer({ min: 0, max: 1000 }).map((n) => REACH * 2 + n) },
);

type Command =
	| { readonly do: "insert"; readonly delay: number }
	| { readonly do: "remove"; readonly which: number }
	| { readonly do: "advance"; readonly by: number }
	| { readonly do: "next" };

const command: fc.Arbitrary<Command> = fc.oneof(
	{ weight: 5, arbitrary: fc.record({ do: fc.constant("insert" as const), delay }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), which: fc.nat() }) },
	{ weight: 3, arbitrary: fc.record({ do: fc.constant("advance" as const), by: delay }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("next" as const) }) },
);

describe("the timer wheel", () => {
	it("fires what the model fires, in its order, whatever is armed and disarmed", () => {
		fc.assert(
			fc.property(fc.nat({ max: 2 ** 40 }), fc.array(command, { maxLength: 60, size: "max" }), (start, commands) => {
				const wheel = new Wheel();
				const model = new Model();
				wheel.now = model.now = start;
				const entries: Entry[] = [];
				let fired: { name: number; tick: number; now: number }[] = [];
				for (const one of commands) {
					if (one.do === "insert") {
						const entry = new Entry(entries.length, wheel.now + one.delay, (e) =>
							fired.push({ name: e.name, tick: e.tick, now: wheel.now }),
						);
						entries.push(entry);
						expect(wheel.insert(entry)).toBe(model.insert(entry.name, entry.tick));
					} else if (one.do === "remove") {
						const entry = entries[one.which % entries.length];
						if (entry === undefined) continue;
						wheel.remove(entry);
						model.remove(entry.name);
					} else if (one.do === "advance") {
						const to = wheel.now + one.by;
						fired = [];
						wheel.advance(to);
						const due = model.advance(to);
						expect(fired.map(({ name, tick }) => ({ name, tick }))).toEqual(
							due.map(({ name, tick }) => ({ name, tick })),
						);
						// Never early: when it fires, its tick is the wheel's now.
						expect(fired.filter(({ tick, now }) => tick !== now)).toEqual([]);
					} else {
						// It may ask to be looked at before anything is due, to spread a slot; never too late, and never in the past.
						const next = wheel.next();
						const first = Math.min(Infinity, ...model.armed.map(({ tick }) => tick));
						expect(next).toBeLessThanOrEqual(first);
						expect(next > model.now || next === Infinity).toBe(true);
						expect(next === Infinity).toBe(model.armed.length === 0);
					}
					expect([wheel.size, wheel.now]).toEqual([model.armed.length, model.now]);
				}
				fired = [];
				const end = wheel.now + REACH * 100;
				const due = model.advance(end);
				wheel.advance(end);
				expect(fired.map(({ name }) => name)).toEqual(due.map(({ name }) => name));
				expect([wheel.size, wheel.next()]).toEqual([0, Infinity]);
			}),
			{ numRuns: 300, seed: 20 },
		);
	});

	it("comes to each entry by a few looks, when it is advanced to next() only", () => {
		fc.assert(
			fc.property(fc.array(delay, { minLength: 1, maxLength: 20 }), (delays) => {
				const wheel = new Wheel();
				const fired: number[] = [];
				const ticks = delays.map((d) => Math.min(d, REACH - 1) + 1);
				for (const [i, tick] of ticks.entries()) wheel.insert(new Entry(i, tick, (e) => fired.push(e.tick)));
				let looks = 0;
				while (wheel.size > 0) {
					wheel.advance(wheel.next());
					looks++;
				}
				expect(fired).toEqual([...ticks].sort((a, b) => a - b));
				// An entry moves down at most once a level.
				expect(looks).toBeLessThanOrEqual(ticks.length * 6);
			}),
			{ numRuns: 300, seed: 21 },
		);
	});

	it("fires entries of one tick in the order in which they were armed, from whatever level they come", () => {
		const wheel = new Wheel();
		const fired: number[] = [];
		const arm = (name: number): void => {
			wheel.insert(new Entry(name, 5_000, (e) => fired.push(e.name)));
		};
		arm(0);
		arm(1);
		wheel.advance(4_500);
		arm(2);
		arm(3);
		wheel.advance(4_990);
		arm(4);
		wheel.advance(4_995);
		arm(5);
		arm(6);
		wheel.advance(5_000);
		expect(fired).toEqual([0, 1, 2, 3, 4, 5, 6]);
	});

	it("lets what fires disarm and arm others, of the same tick too", () => {
		const wheel = new Wheel();
		const log: string[] = [];
		const victim = new Entry(1, 10, () => log.push("victim"));
		const again = new Entry(2, 10, (e) => {
			log.push(`again at ${wheel.now}`);
			if (e.tick >= 30) return;
			e.tick += 10;
			wheel.insert(e);
		});
		const moved = new Entry(3, 10, () => log.push(`moved at ${wheel.now}`));
		const killer = new Entry(0, 10, () => {
			log.push("killer");
			wheel.remove(victim);
			moved.tick = 12;
			wheel.insert(moved);
		});
		for (const entry of [killer, victim, again, moved]) wheel.insert(entry);
		wheel.advance(100);
		expect(log).toEqual(["killer", "again at 10", "moved at 12", "again at 20", "again at 30"]);
		expect(wheel.size).toBe(0);
	});

	it("refuses what is due already, and does not mind a second removal", () => {
		const wheel = new Wheel();
		wheel.advance(100);
		const late = new Entry(0, 100, () => expect.unreachable());
		expect(wheel.insert(late)).toBe(false);
		expect([wheel.size, late.slot]).toEqual([0, -1]);
		const entry = new Entry(1, 101, () => expect.unreachable());
		expect(wheel.insert(entry)).toBe(true);
		wheel.remove(entry);
		wheel.remove(entry);
		expect(wheel.size).toBe(0);
		wheel.advance(1_000);
	});

	it("holds 100,000 entries, and ends empty", () => {
		const wheel = new Wheel();
		let fired = 0;
		let last = 0;
		for (let i = 0; i < 100_000; i++) {
			wheel.insert(
				new Entry(i, 1 + ((i * 7_919) % 60_000), (e) => {
					fired++;
					if (e.tick < last) throw new Error(`${e.tick} after ${last}`);
					last = e.tick;
				}),
			);
		}
		wheel.advance(60_000);
		expect([fired, wheel.size, wheel.next()]).toEqual([100_000, 0, Infinity]);
	});
});
