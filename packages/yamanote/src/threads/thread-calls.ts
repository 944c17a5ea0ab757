/** The calls that a thread runs: from the board or from a message, to how they end. */
import { hostNow } from "../core/host.ts";
import { BUSY, RESERVED } from "./board-memory.ts";
import { Decoder } from "./codec/decode.ts";
import { readArguments, unpackArguments } from "./codec/pack.ts";
import type * as protocol from "./protocol.ts";
import type { ThreadBoard } from "./thread-board.ts";
import { Ending } from "./thread-ending.ts";
import { type AnyFunction, type Entry, load, lookUp } from "./thread-functions.ts";
import { ItemPump } from "./thread-pump.ts";
import { printing, ThreadResults } from "./thread-results.ts";
import { kindOfFunction, type Outcome, runFunction } from "./thread-run.ts";
import type { ThreadSide } from "./thread-side.ts";
import { Running, type ThreadState, tellApart } from "./thread-state.ts";

/** What stands behind the kind of a {@link protocol.CALL}. */
type CallMessage = [
	slot: number,
	serial: number,
	fn: number,
	bytes: Uint8Array,
	extras: unknown[],
	checked: boolean,
	links: number[] | null,
];

/** What calls need of the loop that has begun them. */
export interface Loop {
	/** Its module is loaded, and it has not ended. */
	readonly started: boolean;
	/** It is on the stack. */
	readonly working: boolean;
	/** Takes one message that has come; false if there is none. */
	receive(): boolean;
	/** A call has ended: there may be time for another. */
	becomeIdle(): void;
	/** Looks for work. */
	readonly work: () => void;
}

/** @internal */
export class ThreadCalls {
	readonly #loop: Loop;
	readonly #side: ThreadSide;
	readonly #state: ThreadState;
	readonly #most: number;
	readonly #decoder: Decoder | null;
	readonly #results: ThreadResults;
	readonly #functions: Map<number, Entry> = new Map();
	readonly #pumps: Map<number, ItemPump> = new Map();
	readonly #bySlot: Map<number, Running> = new Map();
	/** Slots whose function this thread has not been told of yet, or before which it has to hear of channels and tokens. */
	#early: number[] = [];
	/** How many messages about channels and tokens it has heard. */
	#heard = 0;

	constructor(loop: Loop, side: ThreadSide, state: ThreadState, init: protocol.Init) {
		this.#loop = loop;
		this.#side = side;
		this.#state = state;
		this.#most = init.callsPerThread;
		this.#decoder = side.board === null ? null : new Decoder(side.board.bytes);
		this.#results = new ThreadResults(side);
		for (const definition of init.definitions) this.#functions.set(definition.id, { definition, f: null });
		if (init.callsPerThread > 1) tellApart(state);
	}

	/** How many it has, those among them for which it has yet to hear something. */
	get size(): number {
		return this.#state.active.size + this.#early.length;
	}

	/** How many of them have begun. */
	get running(): number {
		return this.#state.active.size;
	}

	/** It takes no more just now. */
	get isFull(): boolean {
		return this.size >= this.#most;
	}

	// ---- what the pool says

	define(definition: protocol.Definition): void {
		this.#functions.set(definition.id, { definition, f: null });
		this.#again();
	}

	/** The pool has said something of a channel or token. */
	link(message: protocol.Message): void {
		this.#side.links.hear(message);
		this.#heard = (this.#heard + 1) | 0;
		if (this.#early.length > 0) this.#again();
	}

	#again(): void {
		for (const slot of this.#early.splice(0)) this.posted(slot);
	}

	forget(id: number): void {
		this.#functions.delete(id);
	}

	abort(slot: number, serial: number): void {
		const call = this.#bySlot.get(slot);
		if (call?.serial === serial) call.abort();
	}

	credit(slot: number, serial: number, n: number): void {
		if (this.#bySlot.get(slot)?.serial === serial) this.#pumps.get(slot)?.credit(n);
	}

	/** A call from the board. */
	posted(slot: number): void {
		const board = this.#side.board as ThreadBoard;
		const word = board.fn(slot);
		const entry = this.#hasHeard(board) ? this.#entry(word >> 1) : undefined;
		const call = new Running(slot, board.serial(slot), entry?.definition.table ?? "", board, this.#side.me);
		if (entry === undefined) {
			// What it needs is on the way.
			this.#early.push(slot);
			return;
		}
		this.#begin(call);
		const decoder = this.#decoder as Decoder;
		const read = (): unknown[] => {
			decoder.start(board.at(slot), null);
			return readArguments(decoder);
		};
		this.#run(call, entry, read, (word & 1) === 1);
	}

	/** A call from a message. */
	message([slot, serial, fn, bytes, extras, checked, ids]: CallMessage): void {
		const entry = this.#functions.get(fn) as Entry;
		const { board, me, links } = this.#side;
		const call = new Running(slot, serial, entry.definition.table, board, me);
		call.links = ids;
		links.announce(ids);
		board?.change(me, RESERVED, BUSY);
		this.#begin(call);
		this.#run(call, entry, () => unpackArguments({ bytes, extras }, links), checked);
		if (this.#state.active.size < this.#most) this.#loop.becomeIdle();
	}

	/** Whether it has heard what the pool had said before it posted a call. */
	#hasHeard(board: ThreadBoard): boolean {
		while (this.#heard !== board.said(this.#side.me)) if (!this.#loop.receive()) return false;
		return true;
	}

	/** The definition of a function comes as a message, before the first call of it. */
	#entry(id: number): Entry | undefined {
		for (;;) {
			const entry = this.#functions.get(id);
			if (entry !== undefined || !this.#loop.receive()) return entry;
		}
	}

	#begin(call: Running): void {
		this.#state.active.add(call);
		this.#bySlot.set(call.slot, call);
	}

	#end(call: Running): void {
		this.#state.active.delete(call);
		if (this.#bySlot.get(call.slot) === call) this.#bySlot.delete(call.slot);
		this.#pumps.delete(call.slot);
	}

	#run(call: Running, entry: Entry, read: () => unknown[], checked: boolean): void {
		const outcome = new Ending(hostNow(), (ok, value, micros) => this.#finish(call, ok, value, checked, micros));
		outcome.streams = (items) => this.#stream(call, entry, items, checked, outcome);
		const f = (entry.f ??= lookUp(entry.definition, this.#state));
		if (f !== null) return this.#call(call, f, read, outcome);
		load(entry.definition, this.#state).then(
			(f) => {
				entry.f = f;
				this.#call(call, f, read, outcome);
				this.#loop.work();
			},
			(error) => outcome.threw(error),
		);
	}

	#call(call: Running, f: AnyFunction, read: () => unknown[], outcome: Outcome): void {
		let args: unknown[];
		try {
			args = read();
		} catch (error) {
			return outcome.threw(error);
		}
		const { store } = this.#state;
		if (store === null) runFunction(this.#state, call, f, args, outcome);
		else store.run(call, () => runFunction(this.#state, call, f, args, outcome));
	}

	#stream(call: Running, entry: Entry, items: AsyncIterator<unknown>, checked: boolean, outcome: Outcome): void {
		if (kindOfFunction(entry.f) !== "AsyncGeneratorFunction") {
			void items.return?.();
			outcome.threw(
				new TypeError(`${entry.definition.name} streams: write it as \`async *${entry.definition.name}()\``),
			);
			return;
		}
		const pump = new ItemPump(items, outcome, (item) => this.#results.item(call, item, checked));
		this.#pumps.set(call.slot, pump);
		call.onAbort = () => pump.close();
		if (call.isAborted) pump.close();
		else pump.start();
	}

	#finish(call: Running, ok: boolean, value: unknown, checked: boolean, micros: number): void {
		const { board, me, links } = this.#side;
		const loop = this.#loop;
		const late = !loop.working;
		// What it has printed, the items of a stream, and what was said of channels and tokens are messages, which the result must not overtake.
		const behind = this.#pumps.has(call.slot) || links.told || printing();
		links.told = false;
		this.#end(call);
		links.drop(call.links);
		// Its slot may be another's by now.
		if (!loop.started || board?.isLost(me) === true) return;
		this.#results.tell(call, ok, value, checked, micros, behind);
		loop.becomeIdle();
		if (late) loop.work();
	}
}
