/**
 * The life of a thread of a pool: takes calls from the board or from messages, runs them, writes the results.
 *
 * When there is nothing to do it looks out for a few tens of microseconds, lets its event loop turn once, sleeps for two milliseconds on
 * a word of shared memory, and then parks: it goes back to its event loop, costs nothing, and is woken by a message. While functions of it
 * wait, it never blocks its loop.
 */
import { hostModule, hostNow, hostProcess, hostTurn } from "../core/host.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import {
	BUSY,
	FINISHING,
	OK,
	PARKED,
	RESERVED,
	RETIRED,
	ROOM,
	SLEEPING,
	SPINNING,
	STARTING,
	THREW,
} from "./board-memory.ts";
import { Decoder } from "./codec/decode.ts";
import { copy, type Packed, packInto, packThrown, packValue, readArguments, unpackArguments } from "./codec/pack.ts";
import type { Parent } from "./host-worker.ts";
import { activate } from "./links/links.ts";
import { detach, ThreadLinks } from "./links/moved.ts";
import { Patience } from "./patience.ts";
import * as protocol from "./protocol.ts";
import { ThreadBoard } from "./thread-board.ts";
import { Ending } from "./thread-ending.ts";
import { type AnyFunction, type Entry, load, lookUp } from "./thread-functions.ts";
import { ItemPump } from "./thread-pump.ts";
import { kindOfFunction, type Outcome, runFunction } from "./thread-run.ts";
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

const SLEEP_MS = 2;
/** How long it may go from call to call before its event loop turns. */
const BREATHE_MS = 5;
/** How long it may be without a turn before it sleeps. */
const BREATHE_EVERY_MS = 1;
const HEAP_EVERY_MS = 50;

/** @internal */
export class ThreadLoop {
	readonly #parent: Parent;
	readonly #state: ThreadState;
	readonly #init: protocol.Init;
	readonly #board: ThreadBoard | null;
	readonly #decoder: Decoder | null;
	readonly #me: number;
	readonly #functions: Map<number, Entry> = new Map();
	readonly #pumps: Map<number, ItemPump> = new Map();
	readonly #bySlot: Map<number, Running> = new Map();
	/** Slots whose function this thread has not been told of yet. */
	#unknown: number[] = [];
	#working = false;
	/** Its module is loaded. */
	#started = false;
	/** When its event loop turned last, as far as known. */
	#breathedAt = 0;
	readonly #patience: Patience;
	#heapAt = 0;
	readonly #links: ThreadLinks = new ThreadLinks(
		1,
		currentRuntime(),
		(message, transfer) => this.#post(message, transfer),
		() => {},
	);

	constructor(parent: Parent, state: ThreadState, init: protocol.Init) {
		this.#parent = parent;
		this.#state = state;
		this.#init = init;
		this.#me = init.id;
		this.#patience = new Patience(init.spinMs);
		this.#board = init.memory === null ? null : new ThreadBoard(init.memory);
		this.#decoder = this.#board === null ? null : new Decoder(this.#board.bytes);
		for (const definition of init.definitions) this.#functions.set(definition.id, { definition, f: null });
		if (init.callsPerThread > 1) tellApart(state);
	}

	/** The module is loaded: says so, and begins. */
	start(): void {
		// It was lost while it loaded.
		if (this.#board?.change(this.#me, STARTING, SPINNING) === false) return;
		this.#started = true;
		// In Deno `process.exit` returns, and the thread runs until it comes to its event loop: it takes and tells nothing more.
		hostProcess()?.on("exit", () => {
			this.#started = false;
		});
		this.#post([protocol.MARK, protocol.READY], []);
		this.#work();
	}

	#post(message: protocol.Message | string, transfer: readonly object[]): void {
		this.#parent.post(message, transfer);
	}

	/** A message of the pool. */
	hear(message: protocol.Message): void {
		const working = this.#working;
		this.#working = true;
		try {
			this.#handle(message);
		} finally {
			this.#working = working;
		}
		this.#work();
	}

	#handle([, kind, ...rest]: protocol.Message): void {
		if (kind === protocol.CALL) return this.#message(rest as never);
		if (kind === protocol.DEFINE) {
			const [definition] = rest as [protocol.Definition];
			this.#functions.set(definition.id, { definition, f: null });
			for (const slot of this.#unknown.splice(0)) this.#posted(slot);
			return;
		}
		if (kind === protocol.LINK) return this.#links.hear([protocol.MARK, kind, ...rest]);
		if (kind === protocol.FORGET) return void this.#functions.delete(rest[0] as number);
		const [slot, serial, n] = rest as [number, number, number];
		const call = this.#bySlot.get(slot);
		if (call === undefined || call.serial !== serial) return;
		if (kind === protocol.ABORT) call.abort();
		else if (kind === protocol.CREDIT) this.#pumps.get(slot)?.credit(n);
	}

	// ---- looking for work

	#work = (): void => {
		const board = this.#board;
		if (board === null || this.#working || !this.#started) return;
		this.#working = true;
		try {
			this.#loop(board);
		} finally {
			this.#working = false;
		}
	};

	/** It takes no more just now. A call whose function it has yet to hear of is one that it has. */
	get #isFull(): boolean {
		return this.#state.active.size + this.#unknown.length >= this.#init.callsPerThread;
	}

	#loop(board: ThreadBoard): void {
		const me = this.#me;
		const { active } = this.#state;
		const began = hostNow();
		if (this.#isFull) return;
		// A message has come while it was parked, and it was no call.
		board.change(me, PARKED, SPINNING);
		for (;;) {
			if (!this.#started) return;
			if (board.shouldRetire(me)) {
				// Calls that wait go on, in turns of the event loop.
				const waits = active.size + this.#unknown.length > 0;
				if (waits ? board.status(me) >= RETIRED : this.#retire(board)) return;
			}
			const posted = board.posted;
			const slot = board.take(me, SPINNING);
			if (slot >= 0) {
				this.#posted(slot);
				if (this.#isFull) return;
				// It has only begun.
				if (board.status(me) === BUSY) this.#becomeIdle();
				if (hostNow() - began > BREATHE_MS) return this.#breathe();
				continue;
			}
			if (board.status(me) === RESERVED) {
				const message = this.#parent.receive();
				// Where messages cannot be taken, or it is not here yet, it comes as an event.
				if (message === undefined) return;
				this.#handle(message);
				if (this.#isFull) return;
				continue;
			}
			if (active.size > 0 || this.#links.open > 0) {
				if (this.#park(board, posted)) return;
				continue;
			}
			if (this.#lookOut(board, posted)) continue;
			if (hostNow() - this.#breathedAt > BREATHE_EVERY_MS) return this.#breathe();
			if (this.#sleep(board, posted)) continue;
			if (this.#park(board, posted)) return;
		}
	}

	#becomeIdle(): void {
		if (this.#board?.becomeIdle(this.#me) === true) this.#post(protocol.WAKE_UP, []);
	}

	/** Goes on in the next turn of the event loop. */
	#breathe(): void {
		this.#breathedAt = hostNow();
		hostTurn(this.#work)?.ref(true);
	}

	/** Looks for a moment whether something is posted. True if something has happened. */
	#lookOut(board: ThreadBoard, posted: number): boolean {
		const me = this.#me;
		const { ms } = this.#patience;
		if (ms === 0 || board.othersSpin(me)) return false;
		const until = hostNow() + ms;
		for (let i = 1; ; i++) {
			if (board.posted !== posted || board.status(me) !== SPINNING) {
				this.#patience.won();
				return true;
			}
			if ((i & 63) === 0 && hostNow() > until) break;
		}
		this.#patience.lost();
		return false;
	}

	/** True if something has happened, or may have. */
	#sleep(board: ThreadBoard, posted: number): boolean {
		const me = this.#me;
		// Node writes what this thread prints only while its loop turns.
		if (printing()) return false;
		const wakeups = board.wakeups(me);
		if (!board.change(me, SPINNING, SLEEPING)) return true;
		const asleep = hostNow();
		if (board.posted === posted) board.sleep(me, wakeups, SLEEP_MS);
		if (board.posted !== posted) this.#patience.missed(hostNow() - asleep);
		// Roused: somebody else has changed it already.
		if (!board.change(me, SLEEPING, SPINNING)) return true;
		return board.posted !== posted;
	}

	/** Back to the event loop, until a message comes. False if something has happened. */
	#park(board: ThreadBoard, posted: number): boolean {
		const me = this.#me;
		if (!board.change(me, SPINNING, PARKED)) return false;
		if (board.posted === posted) return true;
		return !board.change(me, PARKED, SPINNING);
	}

	/** Takes nothing more. False if it is kept for a call that comes. */
	#retire(board: ThreadBoard): boolean {
		if (!board.change(this.#me, SPINNING, RETIRED) && board.status(this.#me) === RESERVED) return false;
		this.#post(protocol.WAKE_UP, []);
		return true;
	}

	// ---- running

	/** A call from the board. */
	#posted(slot: number): void {
		const board = this.#board as ThreadBoard;
		const word = board.fn(slot);
		const entry = this.#entry(word >> 1);
		const call = new Running(slot, board.serial(slot), entry?.definition.table ?? "", board, this.#me);
		if (entry === undefined) {
			// Its definition is on the way.
			this.#unknown.push(slot);
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
	#message([slot, serial, fn, bytes, extras, checked, links]: CallMessage): void {
		const entry = this.#functions.get(fn) as Entry;
		const call = new Running(slot, serial, entry.definition.table, this.#board, this.#me);
		call.links = links;
		this.#links.announce(links);
		this.#board?.change(this.#me, RESERVED, BUSY);
		this.#begin(call);
		this.#run(call, entry, () => unpackArguments({ bytes, extras }, this.#links), checked);
		if (this.#state.active.size < this.#init.callsPerThread) this.#becomeIdle();
	}

	/** The definition of a function comes as a message, before the first call of it. */
	#entry(id: number): Entry | undefined {
		for (;;) {
			const entry = this.#functions.get(id);
			if (entry !== undefined) return entry;
			const message = this.#parent.receive();
			if (message === undefined) return undefined;
			this.#handle(message);
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
				this.#work();
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
		const pump = new ItemPump(items, outcome, (item) => {
			const packed = detach(packValue(item, "the item", checked));
			const { bytes, extras } = packed;
			const links = this.#links.bind(packed);
			const message = [protocol.MARK, protocol.ITEM, call.slot, call.serial, bytes, extras, links] as const;
			this.#post(message, protocol.listed(packed));
			activate(packed);
		});
		this.#pumps.set(call.slot, pump);
		call.onAbort = () => pump.close();
		if (call.isAborted) pump.close();
		else pump.start();
	}

	#finish(call: Running, ok: boolean, value: unknown, checked: boolean, micros: number): void {
		const board = this.#board;
		const late = !this.#working;
		// What it has printed, the items of a stream, and cancelled tokens come as messages, which the result must not overtake.
		const behind = this.#pumps.has(call.slot) || this.#links.toldCancel || printing();
		this.#links.toldCancel = false;
		this.#end(call);
		this.#links.drop(call.links);
		// Its slot may be another's by now.
		if (!this.#started || board?.isLost(this.#me) === true) return;
		const packed = ok ? this.#pack(call, value, checked, behind) : { threw: packThrown(value) };
		// Before the result is seen: whoever calls again at once has a thread.
		board?.change(this.#me, BUSY, FINISHING);
		if (typeof packed === "number") this.#told(call.slot, OK, micros);
		else if ("threw" in packed) this.#send(call, THREW, packed.threw, micros, behind);
		else this.#send(call, OK, packed, micros, behind);
		this.#becomeIdle();
		if (late) this.#work();
	}

	/** The result: in its slot if it fits there, and need not come behind something. */
	#pack(
		call: Running,
		value: unknown,
		checked: boolean,
		behind: boolean,
	): number | Packed | { readonly threw: Packed } {
		try {
			const board = this.#board;
			if (board === null || behind) return packValue(value, "the result", checked);
			return packInto(value, checked, board.bytes, board.at(call.slot), ROOM);
		} catch (error) {
			return { threw: packThrown(error) };
		}
	}

	#send(call: Running, outcome: number, made: Packed, micros: number, behind: boolean): void {
		const packed = detach(made);
		const { bytes, extras } = packed;
		const board = this.#board;
		if (board !== null && !behind && extras === null && bytes.length <= ROOM) {
			copy(bytes, bytes.length, board.bytes, board.at(call.slot));
			return this.#told(call.slot, outcome, micros);
		}
		this.#measure();
		const { slot, serial } = call;
		const links = this.#links.bind(packed);
		const message = [protocol.MARK, protocol.RESULT, slot, serial, outcome, bytes, extras, micros, links] as const;
		this.#post(message, protocol.listed(packed));
		activate(packed);
	}

	#told(slot: number, outcome: number, micros: number): void {
		this.#measure();
		if ((this.#board as ThreadBoard).finish(slot, this.#me, outcome, micros)) this.#post(protocol.WAKE_UP, []);
	}

	/** Tells now and then how big the heap is. */
	#measure(): void {
		if (this.#board === null) return;
		const now = hostNow();
		if (now - this.#heapAt < HEAP_EVERY_MS) return;
		this.#heapAt = now;
		const v8 = hostModule("node:v8") as { getHeapStatistics?(): { used_heap_size: number } } | undefined;
		const used = v8?.getHeapStatistics?.().used_heap_size;
		if (used !== undefined) this.#board.setHeap(this.#me, Math.round(used / 2 ** 20));
	}
}

function printing(): boolean {
	const { stdout, stderr } = (hostProcess() ?? {}) as Partial<Record<"stdout" | "stderr", { writableLength?: number }>>;
	return (stdout?.writableLength ?? 0) > 0 || (stderr?.writableLength ?? 0) > 0;
}
