/**
 * An operation that is not over at once: hands out chunks to the threads of a pool, as many as they can take, and the next one to whoever has
 * ended; or, where all threads see the items, leave to take some (`chunking.ts`).
 */
import { Branch } from "../../core/branch.ts";
import { discard } from "../../core/discard.ts";
import { into } from "../../core/into.ts";
import { type Context, Pending, type Poll, type Waker } from "../../core/poll.ts";
import { currentRuntime } from "../../core/runtime-core.ts";
import { type CallSettings, submit } from "../call.ts";
import { canShare } from "../host-worker.ts";
import { InPlace } from "../in-place.ts";
import { type PoolCore, poolOf } from "../pool-core.ts";
import { runsHere } from "../thread-state.ts";
import type { WorkerFunction } from "../worker-function.ts";
import { CHUNK, ChunkJob, FOLD, named, type Operation } from "./chunk-job.ts";
import type { ChunkDone } from "./chunk-work.ts";
import { type Chunk, Chunking, CLAIM, type Pace } from "./chunking.ts";
import type { Claims } from "./claims.ts";
import { claimsFormOf } from "./claims-form.ts";
import { combine, type Segment } from "./combine.ts";
import { type Common, isPrimitive, REDUCE } from "./common.ts";
import { type Form, formOf } from "./form.ts";
import type { Items } from "./items.ts";
import type { Plan } from "./plan.ts";
import { LONGEST_MS } from "./sizing.ts";
import { local } from "./small.ts";
import { later, type Report, report } from "./thread-chunks.ts";

/** Chunks that bring their items begin with so many. */
const FIRST_CARRIED = 16;
const FIRST_SHARED = 1 << 20;
const FIRST_WHOLE = 1_024;
/** Less is not worth memory of its own. */
const CLAIMED_US = 1_000;

/** @internal */
export class Spread implements Operation {
	readonly #plan: Plan;
	readonly #items: Items;
	readonly #pace: Pace;
	/** What was begun in place. */
	readonly #started: ChunkDone | Generator<unknown, ChunkDone> | null;
	/** The jobs that are out. */
	readonly #jobs: Set<ChunkJob> = new Set();
	/** Those whose outcome is here. */
	readonly #arrived: ChunkJob[] = [];
	/** What runs in place, and waits. */
	#branch: Branch | null = null;
	#waker: Waker | null = null;
	#segments: Segment[] = [];
	#begun = false;
	#chunking: Chunking = null as never;
	#settings: CallSettings = null as never;
	/** The function as threads call it; null as long as none has. */
	#form: Form | null = null;
	#most = 1;
	#folding = false;
	#failure: { readonly error: unknown } | null = null;

	constructor(plan: Plan, items: Items, pace: Pace, started: ChunkDone | Generator<unknown, ChunkDone> | null) {
		this.#plan = plan;
		this.#items = items;
		this.#pace = pace;
		this.#started = started;
	}

	/** Fails when nothing goes on any more. */
	poll(cx: Context): Poll<unknown> {
		this.#waker = cx.waker;
		if (!this.#decided) this.#attempt(() => this.#goOn(cx));
		if (!this.#decided || !this.#stopped(cx)) return Pending;
		this.#release(this.#failure === null);
		if (this.#failure !== null) throw this.#failure.error;
		return combine(this.#plan.op, this.#segments, this.#items);
	}

	#goOn(cx: Context): void {
		if (!this.#begun) {
			this.#begun = true;
			this.#begin();
		}
		if (this.#branch !== null) this.#goOnInPlace(this.#branch, cx);
		for (let job = this.#arrived.shift(); job !== undefined; job = this.#arrived.shift()) {
			if (!job.ok) throw job.result;
			if (job.what === FOLD) this.#folded(job.result);
			else this.#took(job.what === CLAIM, job.result);
		}
		this.#fill();
		if (this.#isDone && this.#plan.op === REDUCE && this.#segments.length > 1) this.#fold();
	}

	/** Whether there is nothing more to do. */
	get #decided(): boolean {
		return this.#failure !== null || (this.#begun && this.#isDone && !this.#folding);
	}

	/** All items are done, and all jobs have said so. */
	get #isDone(): boolean {
		return this.#chunking.isDone && this.#jobs.size === 0 && this.#arrived.length === 0;
	}

	#attempt(f: () => void): void {
		try {
			f();
		} catch (error) {
			this.#failure ??= { error };
		}
	}

	arrived(job: ChunkJob): void {
		this.#jobs.delete(job);
		this.#arrived.push(job);
		this.#waker?.wake();
	}

	/** Stops what is still out. False while something goes on. */
	#stopped(cx: Context): boolean {
		for (const job of this.#arrived.splice(0)) if (job.ok) discard(job.result[4]);
		for (const job of this.#jobs) if (job.stop(cx)) this.#jobs.delete(job);
		if (this.#branch?.drop(cx) !== Pending) this.#branch = null;
		return this.#jobs.size === 0 && this.#branch === null;
	}

	drop(cx: Context): Poll<void> {
		if (!this.#stopped(cx)) return Pending;
		this.#release(false);
	}

	/** @internal The drivers within, for dumps. */
	branches(): Iterable<Branch> {
		return this.#branch === null ? [] : [this.#branch];
	}

	#begin(): void {
		const { whole, fn, settings, chunk, concurrency, op } = this.#plan;
		const { n } = this.#items;
		const pool = settings.pool ?? poolOf(currentRuntime());
		this.#settings = { ...settings, pool };
		const threads = Math.min(concurrency || Infinity, pool.options.maxThreads);
		// One more for each thread waits on the board, so that none waits for the next.
		this.#most = concurrency > 0 || !canShare() ? threads : 2 * threads;
		const first = whole ? FIRST_WHOLE : this.#items.brings ? FIRST_CARRIED : FIRST_SHARED;
		this.#chunking = new Chunking({ n, threads, firstMost: first }, chunk, this.#pace);
		if (n === 0) this.#empty(op);
		else if (this.#started !== null) this.#goOnWith(this.#started);
		else if (runsHere(fn.table)) this.#here();
		else if (this.#shareable(threads)) {
			pool.rouse(fn, threads);
			this.#share(pool);
		}
	}

	/** Whether threads can take items by themselves, and it is worth it. */
	#shareable(threads: number): boolean {
		const { chunk, begin } = this.#plan;
		const { us, waits } = this.#chunking.pace;
		if (!canShare() || this.#items.brings || chunk > 0 || threads === 1 || waits) return false;
		if (begin !== null && !isPrimitive(begin[0])) return false;
		return us === 0 || this.#items.n * us > CLAIMED_US;
	}

	#share(pool: PoolCore): void {
		const { fn, settings } = this.#plan;
		const form = (this.#form = claimsFormOf(pool, fn, this.#common, this.#chunking.whole, settings.checked));
		this.#chunking.share(form.claims as Claims);
	}

	get #common(): Common {
		const { op, whole, args } = this.#plan;
		const { shared, copied } = this.#items;
		return { op, whole, data: shared, copied, args, claims: null };
	}

	#empty(op: number): void {
		const { begin } = this.#plan;
		if (op !== REDUCE) return;
		if (begin === null) throw new TypeError("parallel: reduce() of no items needs a value to begin with");
		this.#segments.push([0, begin[0]]);
	}

	// ---- in place

	/** Inside its own worker, a function runs in place. */
	#here(): void {
		const { to } = this.#chunking.all(Infinity);
		this.#wait(later(new InPlace(() => local(this.#plan, this.#items, Infinity), []) as never, 0, to));
	}

	/** What was begun in place takes longer than expected: threads take over what is left, or it waits. */
	#goOnWith(made: ChunkDone | Generator<unknown, ChunkDone>): void {
		const { to } = this.#chunking.all(0);
		if (Array.isArray(made)) this.#took(false, report(made, 0, to));
		else {
			// What threads may have to do is copied as it is now.
			void this.#items.shared;
			this.#wait(later(made, 0, to));
		}
	}

	#wait(made: Generator<unknown, Report>): void {
		// Each poll says whom to wake.
		this.#branch = new Branch(into(made), this as never);
	}

	#goOnInPlace(branch: Branch, cx: Context): void {
		branch.parent = cx.waker;
		const made = branch.run();
		if (made === Pending) return;
		this.#branch = null;
		this.#took(false, made as Report);
	}

	// ---- on threads

	#fill(): void {
		while (this.#jobs.size < this.#most) {
			const chunk = this.#chunking.next();
			if (chunk === null) return;
			this.#form ??= this.#formOf(this.#common);
			this.#send(chunk, this.#form.fn);
		}
	}

	#send(chunk: Chunk | typeof CLAIM, form: WorkerFunction): void {
		const { begin, onProgress } = this.#plan;
		const claims = chunk === CLAIM;
		const [from, to] = claims ? [0, this.#items.n] : [chunk.from, chunk.to];
		const [first = null, step = null] = this.#items.carried(from, to);
		const args: unknown[] = claims
			? [null, this.#chunking.pace.us, onProgress === undefined ? 0 : LONGEST_MS]
			: [from, to, chunk.limitMs];
		if (begin !== null && from === 0) args.push(first, step, begin);
		else if (first !== null) args.push(first, step);
		try {
			this.#submit(new ChunkJob(this, claims ? CLAIM : CHUNK, form, this.#settings, args));
		} catch (error) {
			throw named(error, from);
		}
	}

	#submit(job: ChunkJob): void {
		this.#jobs.add(job);
		try {
			submit(job);
		} catch (error) {
			this.#jobs.delete(job);
			throw error;
		}
	}

	#took(claimed: boolean, made: Report): void {
		const chunking = this.#chunking;
		const [n, , , , segments] = made;
		chunking.ended(claimed, made);
		if (n === 0) return;
		for (const segment of segments) this.#segments.push(segment);
		this.#plan.onProgress?.({ done: chunking.done, total: this.#items.n });
		if (chunking.isDone) this.#segments.sort(([a], [b]) => a - b);
	}

	/** The chunks are folded: now what came of them, by one more call. */
	#fold(): void {
		this.#folding = true;
		this.#release(true);
		const items = this.#segments.map(([, payload]) => payload);
		const form = (this.#form = this.#formOf({ ...this.#common, whole: false, data: null, copied: false }));
		this.#submit(new ChunkJob(this, FOLD, form.fn, this.#settings, [0, items.length, Infinity, items, null]));
	}

	#formOf(common: Common): Form {
		const { fn, settings } = this.#plan;
		return formOf(this.#settings.pool as PoolCore, fn, common, settings.checked);
	}

	#folded([, , , , segments]: Report): void {
		this.#folding = false;
		this.#segments = segments;
	}

	// ---- the end

	/** @param well - all jobs have ended, none was stopped */
	#release(well: boolean): void {
		this.#form?.release(well);
		this.#form = null;
	}
}
