/**
 * Forms whose items threads take by themselves. A pool keeps a few of them for the next operation like the last one, which then begins without
 * a message to anybody. Memory that the user lets go takes its forms along.
 */
import type { PoolCore } from "../pool-core.ts";
import type { WorkerFunction } from "../worker-function.ts";
import { type Claims, makeClaims, resetClaims } from "./claims.ts";
import { type Common, type IndexedView, isPrimitive } from "./common.ts";
import { type Form, sent, withChunks } from "./form.ts";
import type { Whole } from "./sizing.ts";

/** A pool keeps so many. */
const MOST = 16;

type ViewClass = new (memory: ArrayBufferLike, offset: number, length: number) => IndexedView;
type View = IndexedView & { readonly buffer: ArrayBufferLike; readonly byteOffset: number };

const kept = new WeakMap<PoolCore, ClaimsForm[]>();
const memories = /* @__PURE__ */ new FinalizationRegistry<WeakRef<ClaimsForm>>((form) => form.deref()?.forget());

/** @internal For this operation alone, until it is released. */
export function claimsFormOf(pool: PoolCore, fn: WorkerFunction, common: Common, whole: Whole, checked: boolean): Form {
	let forms = kept.get(pool);
	if (forms === undefined) kept.set(pool, (forms = []));
	const at = forms.findIndex((form) => form.is(fn, common, whole));
	if (at < 0) return new ClaimsForm(pool, forms, fn, common, whole, checked);
	const [form] = forms.splice(at, 1) as [ClaimsForm];
	resetClaims(form.claims);
	return form;
}

class ClaimsForm implements Form {
	readonly fn: WorkerFunction;
	readonly claims: Claims;
	readonly #pool: PoolCore;
	/** Those that are kept. */
	readonly #forms: ClaimsForm[];
	readonly #of: WorkerFunction;
	readonly #op: number;
	readonly #whole: boolean;
	readonly #args: readonly unknown[];
	readonly #view: WeakView | null;
	readonly #keeps: boolean;

	constructor(pool: PoolCore, forms: ClaimsForm[], fn: WorkerFunction, common: Common, whole: Whole, checked: boolean) {
		const { op, data, copied, args } = common;
		this.#pool = pool;
		this.#forms = forms;
		this.#of = fn;
		this.#op = op;
		this.#whole = common.whole;
		this.#args = args;
		this.#keeps = !copied && args.every(isPrimitive);
		this.claims = makeClaims(whole);
		const chunks = sent({ ...common, claims: this.claims }, checked);
		const view = (this.#view = this.#keeps && data !== null ? new WeakView(data as View) : null);
		if (view === null) this.fn = withChunks(fn, chunks);
		else {
			memories.register((data as View).buffer, new WeakRef(this), this);
			// The user's memory lives as long as the user has it.
			this.fn = withChunks(fn, {
				...chunks,
				get data() {
					return view.get();
				},
			});
		}
	}

	/** Whether it is for an operation like that. */
	is(fn: WorkerFunction, { op, whole, data, args }: Common, { n, threads, firstMost }: Whole): boolean {
		const { claims } = this;
		return (
			this.#of === fn &&
			this.#op === op &&
			this.#whole === whole &&
			claims.n === n &&
			claims.threads === threads &&
			claims.firstMost === firstMost &&
			(this.#view === null ? data === null : data !== null && this.#view.is(data as View)) &&
			this.#args.length === args.length &&
			this.#args.every((arg, i) => Object.is(arg, args[i]))
		);
	}

	release(well: boolean): void {
		if (!well || !this.#keeps) this.forget();
		else if (this.#forms.push(this) > MOST) this.#forms[0]?.forget();
	}

	/** Threads need not remember it. */
	forget(): void {
		const at = this.#forms.indexOf(this);
		if (at >= 0) this.#forms.splice(at, 1);
		memories.unregister(this);
		this.#pool.forget(this.fn);
	}
}

/** A view of memory that may go. */
class WeakView {
	readonly #memory: WeakRef<ArrayBufferLike>;
	readonly #class: ViewClass;
	readonly #offset: number;
	readonly #length: number;

	constructor(view: View) {
		this.#memory = new WeakRef(view.buffer);
		this.#class = view.constructor as ViewClass;
		this.#offset = view.byteOffset;
		this.#length = view.length;
	}

	get(): IndexedView | null {
		const memory = this.#memory.deref();
		return memory === undefined ? null : new this.#class(memory, this.#offset, this.#length);
	}

	is(view: View): boolean {
		return (
			this.#memory.deref() === view.buffer &&
			this.#class === view.constructor &&
			this.#offset === view.byteOffset &&
			this.#length === view.length
		);
	}
}
