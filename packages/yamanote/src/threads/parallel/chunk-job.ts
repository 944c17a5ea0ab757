/** A call for some of the items of an operation: a job of the pool whose outcome the operation takes in its next poll. */
import { type Context, Pending } from "../../core/poll.ts";
import type { RuntimeCore } from "../../core/runtime-core.ts";
import { type CallSettings, cancel, type Dropping } from "../call.ts";
import { type Packed, packArguments, simple } from "../codec/pack.ts";
import type { Crew } from "../crew.ts";
import { NotSendError } from "../error.ts";
import { ENDED, type Job, NEW } from "../job.ts";
import { abandon } from "../links/links.ts";
import { detach } from "../links/moved.ts";
import type { PoolCore } from "../pool-core.ts";
import type { WorkerFunction } from "../worker-function.ts";
import type { CLAIM } from "./chunking.ts";
import { MAP, REDUCE } from "./common.ts";
import type { Report } from "./thread-chunks.ts";

/** Some items, with leave for no others: what a job may be for, besides leave to take some. */
export const CHUNK = "chunk";
/** What came of the chunks is put together by one more call. */
export const FOLD = "fold";

/** Whose job it is. */
export interface Operation {
	/** The outcome of a job is here. */
	arrived(job: ChunkJob): void;
}

/** @internal */
export class ChunkJob implements Job {
	state: number = NEW;
	slot = -1;
	serial = 0;
	since = 0;
	queued: Job | null = null;
	readonly fn: WorkerFunction;
	readonly args: readonly unknown[];
	readonly packed: Packed | null;
	readonly settings: CallSettings;
	pool: PoolCore | null = null;
	crew: Crew | null = null;
	runtime: RuntimeCore = null as never;
	readonly what: typeof CHUNK | typeof CLAIM | typeof FOLD;
	ok = false;
	/** If it is not ok, the failure. */
	result: Report = null as never;
	readonly #operation: Operation;
	#dropping: Dropping | null = null;

	/** The arguments are taken as they are now. */
	constructor(
		operation: Operation,
		what: typeof CHUNK | typeof CLAIM | typeof FOLD,
		fn: WorkerFunction,
		settings: CallSettings,
		args: readonly unknown[],
	) {
		this.packed = simple(args) ? null : detach(packArguments(args, settings.checked));
		this.#operation = operation;
		this.what = what;
		this.fn = fn;
		this.settings = settings;
		this.args = args;
	}

	get priority(): number {
		return this.settings.priority;
	}

	/** What comes of other operations is numbers, and our own. */
	get checked(): boolean {
		const op = this.fn.chunks?.op;
		return this.settings.checked && (op === MAP || op === REDUCE);
	}

	settle(ok: boolean, result: unknown): void {
		this.state = ENDED;
		abandon(this.packed);
		if (this.#dropping !== null) return this.#dropping.ended(ok, result);
		this.runtime.endWork(this);
		this.ok = ok;
		this.result = result as Report;
		this.#operation.arrived(this);
	}

	item(): void {}

	/** Nobody wants it any more. False while it goes on: call it again when `cx` was woken. */
	stop(cx: Context): boolean {
		if (this.state !== ENDED) this.#dropping ??= cancel(this);
		return this.#dropping?.poll(cx) !== Pending;
	}
}

/** @internal The place of an item among all items, not among those of its chunk. */
export function named(error: unknown, from: number): unknown {
	if (!(error instanceof NotSendError)) return error;
	const found = /^args\[3\]\[(\d+)\](.*)$/s.exec(error.path);
	if (found === null) return error;
	return new NotSendError(`items[${from + Number(found[1])}]${found[2]}`, error.message.slice(error.path.length + 1));
}
