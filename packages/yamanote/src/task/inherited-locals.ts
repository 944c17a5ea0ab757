/**
 * Task locals that spawned tasks take over: a chain of values, as it was at the spawn, is entered at every poll of the task. The chain is part
 * of a task's context; runtimes learn of it when such a local is first set, so programs without pay nothing.
 */
import type { ContextToken } from "../core/context-token.ts";
import type { RuntimeCore } from "../core/runtime-core.ts";
import type { Local } from "../core/surroundings.ts";

/** A value that spawned tasks take over. */
interface Inherited extends Local {
	readonly next: Inherited | null;
	/** The context of tasks spawned here. */
	token: WithLocals | null;
}

/** @internal The values of the code that runs. */
export const locals: { current: Inherited | null } = { current: null };

/** A context in which the values are set as well. */
class WithLocals implements ContextToken {
	readonly clean = false;
	readonly inner: ContextToken | null;
	readonly #values: Inherited;

	constructor(inner: ContextToken | null, values: Inherited) {
		this.inner = inner;
		this.#values = values;
	}

	run(f: () => void): void {
		const before = locals.current;
		locals.current = this.#values;
		try {
			if (this.inner === null) f();
			else this.inner.run(f);
		} finally {
			locals.current = before;
		}
	}

	get leaky(): boolean {
		return this.inner?.leaky === true;
	}

	restore(): void {
		this.inner?.restore();
	}
}

const patched: WeakSet<object> = new WeakSet();

/** @internal Makes tasks take over what is set where they are spawned: those of every runtime, since one may be spawned on another. */
export function inherits(runtime: RuntimeCore): void {
	const all = Object.getPrototypeOf(runtime) as RuntimeCore;
	if (patched.has(all)) return;
	patched.add(all);
	const before = all.context;
	all.context = function (this: RuntimeCore) {
		const inner = before.call(this);
		const values = locals.current;
		if (values === null) return inner;
		// Tasks that are spawned in the same place share it, and so a batch of the run queue.
		if (values.token?.inner !== inner || values.token === null) values.token = new WithLocals(inner, values);
		return values.token;
	};
}
