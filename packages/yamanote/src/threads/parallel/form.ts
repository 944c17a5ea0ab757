/** A function of a worker in the form in which threads call it for chunks. */
import { packValue } from "../codec/pack.ts";
import { NotSendError } from "../error.ts";
import { canSendShared, NOT_ISOLATED } from "../host-worker.ts";
import type { PoolCore } from "../pool-core.ts";
import type { WorkerFunction } from "../worker-function.ts";
import type { Claims } from "./claims.ts";
import type { Common, SentArgs, SentCommon } from "./common.ts";

/** What the threads of a pool were told of an operation. */
export interface Form {
	readonly fn: WorkerFunction;
	/** The items that threads take by themselves; null: they get chunks. */
	readonly claims: Claims | null;
	/** The operation is over. `well`: no thread has anything to do with it any more. */
	release(well: boolean): void;
}

/** Operations without items and arguments in common share one form. */
const plain = new WeakMap<WorkerFunction, Map<number, Form>>();

/** @internal For chunks that are handed out. */
export function formOf(pool: PoolCore, fn: WorkerFunction, common: Common, checked: boolean): Form {
	const { op, whole, data, args } = common;
	if (data !== null || args.length > 0) {
		const one = withChunks(fn, sent(common, checked));
		return { fn: one, claims: null, release: () => pool.forget(one) };
	}
	let forms = plain.get(fn);
	if (forms === undefined) plain.set(fn, (forms = new Map()));
	const key = op * 2 + (whole ? 1 : 0);
	let form = forms.get(key);
	if (form === undefined)
		forms.set(key, (form = { fn: withChunks(fn, sent(common, checked)), claims: null, release: () => {} }));
	return form;
}

/** @internal What all chunks have in common, as it is sent. */
export function sent(common: Common, checked: boolean): SentCommon {
	if (common.data !== null && !canSendShared()) throw new NotSendError("items", NOT_ISOLATED);
	return { ...common, args: common.args.length === 0 ? null : packed(common.args, checked) };
}

/** @internal */
export const withChunks = (fn: WorkerFunction, chunks: SentCommon): WorkerFunction => ({ ...fn, chunks });

function packed(args: readonly unknown[], checked: boolean): SentArgs {
	const { bytes, extras, ends, transfers } = packValue(args, "args", checked);
	if (ends !== null || transfers?.some((o) => !(o instanceof ArrayBuffer)) === true)
		throw new NotSendError(
			"args",
			"hold what goes to one thread only (an end of a channel, a token, a port): every thread gets the arguments, so send it by a call",
		);
	return { bytes, extras };
}
