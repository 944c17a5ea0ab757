/** A function of a worker in the form in which threads call it for chunks. */
import { packValue } from "../codec/pack.ts";
import { NotSendError } from "../error.ts";
import { canSendShared, NOT_ISOLATED } from "../host-worker.ts";
import type { WorkerFunction } from "../worker-function.ts";
import type { Common, SentArgs } from "./common.ts";

/** Operations without items and arguments in common share one form: threads need to be told of it but once. */
const kept = new WeakMap<WorkerFunction, Map<number, WorkerFunction>>();
const isOneOf = new WeakSet<WorkerFunction>();

/** @internal */
export function formOf(fn: WorkerFunction, common: Common, checked: boolean): WorkerFunction {
	const { op, whole, data, args, claims } = common;
	if (data !== null || args.length > 0 || claims !== null) return make(fn, common, checked);
	let forms = kept.get(fn);
	if (forms === undefined) kept.set(fn, (forms = new Map()));
	const key = op * 2 + (whole ? 1 : 0);
	let form = forms.get(key);
	if (form === undefined) {
		forms.set(key, (form = make(fn, common, checked)));
		isOneOf.add(form);
	}
	return form;
}

/** @internal Whether the form is for later operations as well. */
export function isKept(form: WorkerFunction): boolean {
	return isOneOf.has(form);
}

function make(fn: WorkerFunction, common: Common, checked: boolean): WorkerFunction {
	if (common.data !== null && !canSendShared()) throw new NotSendError("items", NOT_ISOLATED);
	return { ...fn, chunks: { ...common, args: common.args.length === 0 ? null : packed(common.args, checked) } };
}

function packed(args: readonly unknown[], checked: boolean): SentArgs {
	const { bytes, extras, ends, transfers } = packValue(args, "args", checked);
	if (ends !== null || transfers?.some((o) => !(o instanceof ArrayBuffer)) === true)
		throw new NotSendError(
			"args",
			"hold what goes to one thread only (an end of a channel, a token, a port): every thread gets the arguments, so send it by a call",
		);
	return { bytes, extras };
}
