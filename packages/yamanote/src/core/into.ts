/** Whatever can be waited for, as the root of a driver. */
import { AsyncBody } from "./async-body.ts";
import { type Driver, rareOf } from "./driver.ts";
import { CancelledError, describe, NotIterableError } from "./error.ts";
import { FromPromise } from "./from-promise.ts";
import { isGeneratorFunction } from "./generator.ts";
import { kFuture } from "./poll.ts";
import { currentRuntime } from "./runtime-core.ts";
import { runningTask, S } from "./shared.ts";
import { Task } from "./task.ts";
import { capture, TRACER, WAITS } from "./trace.ts";
import type { TaskContext } from "./types.ts";

type Root = Iterator<unknown, unknown>;

const asItIs = (root: Root): Root => root;

/**
 * The root that drives `f`: a future and a generator as they are, a promise wrapped, a function to be called at the first poll.
 *
 * @param delegated - makes of what the function gave what a generator delegates to, where it is not the root of a driver
 * @internal
 */
export function into(f: unknown, delegated: (root: Root) => Root = asItIs): Root {
	return (f as { [kFuture]?: boolean } | null | undefined)?.[kFuture] === true ? (f as Root) : other(f, delegated);
}

function other(f: unknown, delegated: (root: Root) => Root): Root {
	if (typeof f === "function") return new Call(f as (task: unknown) => unknown, delegated);
	const root = rootOf(f);
	if (root === null)
		throw new TypeError(
			`${describe(f)} is no future: give a future, a generator, a promise, or a function that makes one`,
		);
	return root;
}

function rootOf(f: unknown): Root | null {
	if (typeof f !== "object" || f === null) return null;
	if ((f as { [kFuture]?: boolean })[kFuture] === true) return f as unknown as Root;
	if (typeof (f as Root).next === "function" && Symbol.iterator in f) return f as unknown as Root;
	if (typeof (f as PromiseLike<unknown>).then === "function") return new FromPromise(f as PromiseLike<unknown>);
	return null;
}

/** Calls a function at the first poll, and is then what it gave: the root of the driver, or what a generator delegates to. */
class Call implements Root {
	readonly #f: (task: unknown) => unknown;
	readonly #delegated: (root: Root) => Root;
	#made: Root | null = null;

	constructor(f: (task: unknown) => unknown, delegated: (root: Root) => Root) {
		this.#f = f;
		this.#delegated = delegated;
	}

	[Symbol.iterator](): this {
		return this;
	}

	next(): IteratorResult<unknown, unknown> {
		if (this.#made !== null) return this.#made.next();
		const d = S.current;
		if (d === null) throw new NotIterableError();
		if (d === TRACER) {
			capture(this.next, this);
			return WAITS;
		}
		const f = this.#f;
		let root: Root | null;
		const generator = isGeneratorFunction(f);
		if (generator) root = f(new BodyContext(d, null)) as Root;
		else {
			const body = new AsyncBody(d);
			const cx = new BodyContext(d, body);
			const made = body.call(() => f(cx));
			root = rootOf(made);
			// A promise: what is a root itself is none, be it a future made of one.
			if (root !== null && root !== made) {
				body.listen(made as PromiseLike<unknown>);
				root = body as unknown as Root;
			} else {
				body.live = false;
				if (root === null) {
					throw new TypeError(
						`${describe(f)} returned ${describe(made)}, which is no future: a task body is a generator function, or a function that returns a promise or a future`,
					);
				}
			}
		}
		if (d.root === this) {
			d.root = root;
			d.generator = generator;
		} else root = this.#delegated(root);
		this.#made = root;
		return root.next();
	}

	throw(error: unknown): IteratorResult<unknown, unknown> {
		if (this.#made?.throw === undefined) throw error;
		return this.#made.throw(error);
	}

	return(value?: unknown): IteratorResult<unknown, unknown> {
		return this.#made?.return?.(value) ?? { done: true, value };
	}
}

/** @internal What a body is given. Getters on the class: making one costs next to nothing. */
export class BodyContext implements TaskContext {
	readonly #driver: Driver;
	readonly #body: AsyncBody | null;
	readonly #task: Task | null = runningTask();

	constructor(driver: Driver, body: AsyncBody | null) {
		this.#driver = driver;
		this.#body = body;
	}

	get signal(): AbortSignal {
		const rare = rareOf(this.#driver);
		rare.controller ??= new AbortController();
		if (!rare.controller.signal.aborted && this.#isCancelled()) {
			rare.controller.abort(this.#body?.cancelled ?? CancelledError.of(this.#driver.reason));
		}
		return rare.controller.signal;
	}

	#isCancelled(): boolean {
		return this.#body?.cancelled != null || S.closing === this.#driver || this.#driver.rare?.unwinding === true;
	}

	get run(): TaskContext["run"] {
		return ((f: unknown) => {
			const runtime = this.#task?.runtime ?? currentRuntime();
			const task = new Task(into(f), runtime);
			return this.#body === null ? task.promise() : this.#body.wait(task, true);
		}) as never;
	}

	get throwIfCancelled(): () => void {
		return () => {
			if (this.#isCancelled()) this.signal.throwIfAborted();
		};
	}

	get id(): number {
		return this.#task?.id ?? 0;
	}

	get name(): string | undefined {
		return this.#task?.name;
	}
}
