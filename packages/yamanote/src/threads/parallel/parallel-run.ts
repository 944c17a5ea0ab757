/**
 * One operation over many items: hands out chunks to the threads of a pool, as many as they can take, and the next one to whoever has ended;
 * or, where all threads see the items, leave to take some (`chunking.ts`).
 *
 * A few items that are known to be quick are not worth a message to another thread: they are done in place (`small`).
 */
import { Branch } from "../../core/branch.ts";
import { delegate } from "../../core/delegate.ts";
import { into } from "../../core/into.ts";
import { currentRuntime } from "../../core/runtime-core.ts";
import { Group } from "../../future/group.ts";
import { Call, type CallSettings } from "../call.ts";
import { sendClone } from "../check-send.ts";
import { NotSendError, type WorkerLost } from "../error.ts";
import { canShare } from "../host-worker.ts";
import { InPlace } from "../in-place.ts";
import { type PoolCore, poolOf } from "../pool-core.ts";
import { runsHere } from "../thread-state.ts";
import type { WorkerFunction } from "../worker-function.ts";
import { type ChunkDone, runChunk } from "./chunk-work.ts";
import { type Chunk, Chunking, CLAIM, type Pace } from "./chunking.ts";
import type { Claims } from "./claims.ts";
import { combine, type Segment } from "./combine.ts";
import { type Common, REDUCE } from "./common.ts";
import { formOf, isKept } from "./form.ts";
import { type Items, readItems } from "./items.ts";
import { later, type Report, report } from "./thread-chunks.ts";

/** @internal What is to be done. */
export interface Plan {
	readonly items: unknown;
	readonly op: number;
	readonly whole: boolean;
	readonly fn: WorkerFunction;
	readonly settings: CallSettings;
	readonly args: readonly unknown[];
	/** What a fold begins with. */
	readonly begin: readonly [unknown] | null;
	/** 0: what is best. */
	readonly chunk: number;
	/** 0: what the pool has. */
	readonly concurrency: number;
	readonly inPlace: boolean;
	readonly onProgress: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

type AnyFunction = (...args: unknown[]) => unknown;

/** So long the caller may be held up, instead of waiting for a thread. */
const IN_PLACE_US = 50;
/** More than that only if the items are slower than they were before: then threads take over. */
const IN_PLACE_MS = 0.2;
/** A function whose items were all quick, and that many, is believed to be quick. */
const ENOUGH_SEEN = 500;
const QUICK_US = 200;
/** Chunks that bring their items begin with so many. */
const FIRST_CARRIED = 16;
const FIRST_SHARED = 1 << 20;
const FIRST_WHOLE = 1_024;
/** Less is not worth memory of its own. */
const CLAIMED_US = 1_000;

/** What came of the chunks is put together by one more call. */
const FOLD = "fold";

const paces = new WeakMap<WorkerFunction, [items: Pace, chunks: Pace]>();

function paceOf(fn: WorkerFunction, whole: boolean): Pace {
	let both = paces.get(fn);
	if (both === undefined)
		paces.set(
			fn,
			(both = [
				{ us: 0, seen: 0, slowest: 0, waits: false },
				{ us: 0, seen: 0, slowest: 0, waits: false },
			]),
		);
	return both[whole ? 1 : 0];
}

/** @internal */
export class ParallelRun<out T> extends Group<T, WorkerLost> {
	readonly #plan: Plan;
	readonly #running: Map<Branch, Chunk | typeof CLAIM | typeof FOLD> = new Map();
	#segments: Segment[] = [];
	#begun = false;
	#items: Items = null as never;
	#chunking: Chunking = null as never;
	#pool: PoolCore = null as never;
	#settings: CallSettings = null as never;
	/** The function as threads call it; null as long as none has. */
	#form: WorkerFunction | null = null;
	#most = 1;
	#folding = false;
	#failure: { readonly error: unknown } | null = null;

	constructor(plan: Plan) {
		super();
		this.#plan = plan;
	}

	protected override pollWoken(): boolean {
		if (!this.#begun) {
			this.#begun = true;
			this.#attempt(() => this.#begin());
		}
		return this.#decided() || super.pollWoken() || this.#decided();
	}

	#decided(): boolean {
		return this.#failure !== null || (this.#running.size === 0 && this.#chunking.isDone && !this.#folding);
	}

	#attempt(f: () => void): void {
		try {
			f();
		} catch (error) {
			this.#failure ??= { error };
		}
	}

	#begin(): void {
		const { items, whole, fn, settings, chunk, concurrency, op } = this.#plan;
		const read = (this.#items = readItems(items, whole));
		this.#pool = settings.pool ?? poolOf(currentRuntime());
		this.#settings = { ...settings, pool: this.#pool };
		const threads = Math.min(concurrency || Infinity, this.#pool.options.maxThreads);
		// One more for each thread waits on the board, so that none waits for the next.
		this.#most = concurrency > 0 || !canShare() ? threads : 2 * threads;
		const first = whole ? FIRST_WHOLE : this.#brings ? FIRST_CARRIED : FIRST_SHARED;
		this.#chunking = new Chunking({ n: read.n, threads, firstMost: first }, chunk, paceOf(fn, whole));
		if (read.n === 0) this.#empty(op);
		else if (runsHere(fn.table)) this.#here();
		else {
			if (this.#isSmall()) this.#small();
			else this.#form = this.#shareable(threads) ? this.#makeForm(this.#chunking.share()) : null;
			this.#fill();
		}
	}

	/** Whether threads can take items by themselves, and it is worth it. */
	#shareable(threads: number): boolean {
		const { chunk, begin } = this.#plan;
		const { us, waits } = this.#chunking.pace;
		if (!canShare() || this.#brings || chunk > 0 || threads === 1 || waits) return false;
		if (begin !== null && !isPrimitive(begin[0])) return false;
		return us === 0 || this.#items.n * us > CLAIMED_US;
	}

	#makeForm(claims: Claims | null): WorkerFunction {
		const { op, whole, args, fn, settings } = this.#plan;
		const { shared, copied } = this.#items;
		return formOf(fn, { op, whole, data: shared, copied, args, claims }, settings.checked);
	}

	/** A chunk brings its items. */
	get #brings(): boolean {
		return this.#items.shared === null && Array.isArray(this.#plan.items);
	}

	#empty(op: number): void {
		const { begin } = this.#plan;
		if (op !== REDUCE) return;
		if (begin === null) throw new TypeError("parallel: reduce() of no items needs a value to begin with");
		this.#segments.push([0, begin[0]]);
	}

	// ---- in place

	#local(limitMs: number): ChunkDone | Generator<unknown, ChunkDone> {
		const { op, whole, args, fn, begin } = this.#plan;
		const { n, source } = this.#items;
		return runChunk(fn.local as AnyFunction, { op, whole, args }, source, 0, n, limitMs, begin);
	}

	/** Inside its own worker, a function runs in place. */
	#here(): void {
		const chunk = this.#chunking.all(Infinity);
		const made = new InPlace(() => this.#local(Infinity), []) as never;
		this.#start(chunk, later(made, 0, chunk.to));
	}

	/** Whether asking a thread would take longer than doing it. */
	#isSmall(): boolean {
		const { inPlace, chunk, whole, args, begin } = this.#plan;
		const { us, waits, seen, slowest } = this.#chunking.pace;
		if (!inPlace || chunk > 0 || waits || seen < ENOUGH_SEEN || this.#items.n * us > IN_PLACE_US) return false;
		if (!whole && slowest > QUICK_US) return false;
		return this.#items.isPlain(whole) && args.every(isPrimitive) && (begin === null || isPrimitive(begin[0]));
	}

	#small(): void {
		const chunk = this.#chunking.all(IN_PLACE_MS);
		const made = this.#local(IN_PLACE_MS);
		if (Array.isArray(made)) this.#took(chunk, report(owned(made), 0, chunk.to));
		else this.#start(chunk, later(late(made), 0, chunk.to));
	}

	// ---- on threads

	#fill(): void {
		while (this.#failure === null && this.#running.size < this.#most) {
			const chunk = this.#chunking.next();
			if (chunk === null) return;
			this.#form ??= this.#makeForm(null);
			this.#start(chunk, this.#call(chunk, this.#form) as never);
		}
	}

	#call(chunk: Chunk | typeof CLAIM, form: WorkerFunction): Call<Report> {
		const { begin } = this.#plan;
		const claims = chunk === CLAIM;
		const [from, to] = claims ? [0, this.#items.n] : [chunk.from, chunk.to];
		const [first = null, step = null] = this.#items.carried(from, to);
		const args: unknown[] = claims ? [null, this.#chunking.pace.us, 0] : [from, to, chunk.limitMs];
		if (begin !== null && from === 0) args.push(first, step, begin);
		else if (first !== null) args.push(first, step);
		try {
			return new Call(form, this.#settings, args);
		} catch (error) {
			throw named(error, from);
		}
	}

	#start(what: Chunk | typeof CLAIM | typeof FOLD, root: Iterator<unknown, unknown>): void {
		const m = new Branch(into(root), this as never, typeof what === "string" ? 0 : what.from);
		this.#running.set(m, what);
		this.enqueue(m);
		this.waker?.wake();
	}

	protected ended(m: Branch, ok: boolean, outcome: unknown): boolean {
		const what = this.#running.get(m) as Chunk | typeof CLAIM | typeof FOLD;
		this.#running.delete(m);
		if (!ok) this.#failure ??= { error: outcome };
		else
			this.#attempt(() => {
				if (what === FOLD) this.#folded(outcome as Report);
				else this.#took(what, outcome as Report);
				this.#fill();
			});
		return this.#decided();
	}

	#took(what: Chunk | typeof CLAIM, made: Report): void {
		const chunking = this.#chunking;
		const [n, , , , segments] = made;
		chunking.ended(what, made);
		if (n === 0) return;
		this.#segments.push(...segments);
		this.#plan.onProgress?.({ done: chunking.done, total: this.#items.n });
		if (!chunking.isDone) return;
		this.#segments.sort(([a], [b]) => a - b);
		if (this.#plan.op === REDUCE && this.#segments.length > 1) this.#fold();
	}

	/** The chunks are folded: now what came of them, by one more call. */
	#fold(): void {
		this.#folding = true;
		const { fn, args, settings } = this.#plan;
		const items = this.#segments.map(([, payload]) => payload);
		const common: Common = { op: REDUCE, whole: false, data: null, copied: false, args, claims: null };
		this.#release();
		this.#form = formOf(fn, common, settings.checked);
		this.#start(FOLD, new Call(this.#form, this.#settings, [0, items.length, Infinity, items, null]) as never);
	}

	#folded([, , , , segments]: Report): void {
		this.#folding = false;
		this.#segments = segments;
	}

	// ---- the end

	protected rest(): Iterable<Branch> {
		return this.#running.keys();
	}

	protected outcome(): T {
		this.#release();
		if (this.#failure !== null) throw this.#failure.error;
		return combine(this.#plan.op, this.#segments, this.#items.source.at) as T;
	}

	protected discardResults(): void {
		this.#release();
	}

	/** Threads need not remember what this operation had in common. */
	#release(): void {
		const form = this.#form;
		this.#form = null;
		if (form !== null && !isKept(form)) this.#pool.forget(form);
	}
}

const isPrimitive = (value: unknown): boolean =>
	(typeof value !== "object" || value === null) && typeof value !== "function";

/** What a thread gives belongs to the caller alone, and so does this. */
function owned(done: ChunkDone): ChunkDone {
	const [n, micros, slowest, waited, payload] = done;
	if (payload instanceof Float64Array || isPrimitive(payload)) return done;
	return [n, micros, slowest, waited, sendClone(payload)];
}

function* late(made: Generator<unknown, ChunkDone>): Generator<unknown, ChunkDone> {
	return owned((yield* delegate(made)) as ChunkDone);
}

/** The place of an item among all items, not among those of its chunk. */
function named(error: unknown, from: number): unknown {
	if (!(error instanceof NotSendError)) return error;
	const found = /^args\[3\]\[(\d+)\](.*)$/s.exec(error.path);
	if (found === null) return error;
	return new NotSendError(`items[${from + Number(found[1])}]${found[2]}`, error.message.slice(error.path.length + 1));
}
