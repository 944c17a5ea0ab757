/**
 * Context flows: the `AsyncLocalStorage` stores as they were at `spawn` are entered at every poll, whoever woke the task.
 *
 * Capturing is an `AsyncResource`. Where stores are properties of the current resource (Node below 24), one resource serves all tasks
 * spawned in the same context, and it costs nothing until a program uses a store: a store that is set while our resource is current is
 * a property set on it, which a setter at the end of its prototype chain notices. From then on every spawn captures for itself.
 * Where stores live in a frame of the engine (Node 24 and later), resources with the same frame share one token; what a task sets by
 * `enterWith` is taken back after its poll. Deno's contexts can be read and set themselves.
 */
import { hostModule, hostProcess } from "./host.ts";
import { runningTask } from "./shared.ts";

/** @internal A captured context. */
export interface ContextToken {
	/** Runs `f` in the captured context. */
	run(f: () => void): void;
	/** No store was in it and none has been set since: tasks spawned under it may share it. */
	clean: boolean;
	/** Tasks share it, and a store was set in it: `restore` after each poll, or it leaks to the next task. */
	leaky: boolean;
	restore(): void;
}

interface Resource {
	asyncId(): number;
	runInAsyncScope<T>(f: () => T): T;
}
interface Storage {
	getStore(): unknown;
	enterWith(store: unknown): void;
}
interface AsyncHooks {
	AsyncLocalStorage: {
		readonly prototype: Storage;
		new (): Storage & { run<R>(store: unknown, f: () => R): R };
	};
	AsyncResource: new (type: string, options: object) => Resource;
	executionAsyncId(): number;
}

type Capture = () => ContextToken | null;
let capture: Capture | undefined;

/** @internal The context of the code that runs now; null where the engine has no such thing. */
export function captureContext(): ContextToken | null {
	capture ??= choose();
	return capture();
}

function choose(): Capture {
	const hooks = hostModule("node:async_hooks") as AsyncHooks | undefined;
	if (hooks?.AsyncResource === undefined) return () => null;
	const contexts = denoContexts(hooks);
	if (contexts !== undefined) return captureByContext(contexts);
	const process = hostProcess();
	const major = Number.parseInt(process?.versions?.["node"] ?? "", 10);
	const other = process?.versions?.["bun"] ?? process?.versions?.["deno"];
	const framed = major >= 24 || process?.execArgv?.includes("--experimental-async-context-frame") === true;
	return other !== undefined || framed || Number.isNaN(major) ? captureByFrame(hooks) : captureByProperty(hooks);
}

const options = { requireManualDestroy: true };

/** The class of contexts that one spawn has for itself. */
function ownContext(AsyncResource: AsyncHooks["AsyncResource"]): new () => ContextToken {
	return class extends AsyncResource implements ContextToken {
		clean = false;
		leaky = false;
		constructor() {
			super("yamanote", options);
		}
		run(f: () => void): void {
			this.runInAsyncScope(f);
		}
		restore(): void {}
	};
}

/** What Deno makes its `AsyncLocalStorage` of. */
interface Contexts {
	getAsyncContext(): unknown;
	setAsyncContext(context: unknown): void;
}

/** Deno's contexts; undefined elsewhere. They are no promise of Deno's, so they are tried first. */
function denoContexts({ AsyncLocalStorage }: AsyncHooks): Contexts | undefined {
	const { Deno } = globalThis as { Deno?: { internal: symbol; [internal: symbol]: { core?: Partial<Contexts> } } };
	const core = Deno?.[Deno.internal]?.core as Contexts | undefined;
	if (typeof core?.getAsyncContext !== "function" || typeof core.setAsyncContext !== "function") return undefined;
	const storage = new AsyncLocalStorage();
	const before = core.getAsyncContext();
	core.setAsyncContext(storage.run("store", core.getAsyncContext));
	const inside = storage.getStore();
	core.setAsyncContext(before);
	return inside === "store" && storage.getStore() === undefined ? core : undefined;
}

/** Deno: the context itself, shared when it is the same. A resource takes 0.7 µs to make there, and 0.4 to enter. */
function captureByContext({ getAsyncContext, setAsyncContext }: Contexts): Capture {
	class Held implements ContextToken {
		clean = false;
		/** To look after each poll takes a nanosecond. */
		leaky = true;
		readonly context: unknown = getAsyncContext();
		run(f: () => void): void {
			const before = getAsyncContext();
			setAsyncContext(this.context);
			try {
				f();
			} finally {
				setAsyncContext(before);
			}
		}
		restore(): void {
			if (getAsyncContext() !== this.context) setAsyncContext(this.context);
		}
	}
	return () => {
		const mine = runningTask()?.context as Held | null | undefined;
		return mine != null && mine.context === getAsyncContext() ? mine : new Held();
	};
}

/** Node 24 and later, Bun, Deno: a resource for each spawn, shared when the frame is the same. */
function captureByFrame({ AsyncLocalStorage, AsyncResource }: AsyncHooks): Capture {
	const frameKey = Object.getOwnPropertySymbols(new AsyncResource("yamanote", options)).find((s) =>
		/frame/i.test(s.description ?? ""),
	);
	const Own = ownContext(AsyncResource);
	if (frameKey === undefined || !watchEnterWith(AsyncLocalStorage.prototype)) return () => new Own();
	class Framed extends Own {
		override restore(): void {
			this.leaky = false;
			takeBack();
		}
	}
	type Keyed = Record<symbol, unknown>;
	return () => {
		const token = new Framed();
		const mine = runningTask()?.context;
		if (mine == null) return token;
		return (mine as unknown as Keyed)[frameKey] === (token as unknown as Keyed)[frameKey] ? mine : token;
	};
}

/** Where the poll that runs has called `enterWith`, and what was there before the first call. */
const entered: Map<Storage, unknown> = new Map();
let takeBack = (): void => {};

/**
 * Tasks that share a token are polled in one scope, so what one of them sets by `enterWith` would be there for the next. No resource tells
 * of it, so the method is watched, and what it did in a poll is taken back at its end. False where it cannot be watched.
 */
function watchEnterWith(prototype: Storage): boolean {
	const { enterWith } = prototype;
	const watched = {
		enterWith(this: Storage, store: unknown): void {
			const token = runningTask()?.context;
			if (token != null) {
				token.leaky = true;
				if (!entered.has(this)) entered.set(this, this.getStore());
			}
			enterWith.call(this, store);
		},
	};
	takeBack = () => {
		// The engine's own `run` calls it as well, and has put back what was there.
		for (const [storage, before] of entered)
			if (!Object.is(storage.getStore(), before)) enterWith.call(storage, before);
		entered.clear();
	};
	return Reflect.defineProperty(prototype, "enterWith", {
		...Reflect.getOwnPropertyDescriptor(prototype, "enterWith"),
		value: watched.enterWith,
	});
}

/** Node below 24: one resource shared by all, until a store is set. */
function captureByProperty({ AsyncResource, executionAsyncId }: AsyncHooks): Capture {
	// What a resource is made with: no stores. Node 22 has a place for a frame, and leaves it empty.
	const plain = new Set(["async_id_symbol", "trigger_async_id_symbol", "context_frame"]);
	let touched = false;
	let stores = false;

	const Own = ownContext(AsyncResource);

	class Shared extends AsyncResource implements ContextToken {
		clean: boolean;
		leaky = false;
		readonly id: number;
		constructor() {
			touched = false;
			super("yamanote", options);
			this.clean = !touched;
			this.id = this.asyncId();
		}
		run(f: () => void): void {
			this.runInAsyncScope(f);
		}
		/** It had no store when it was made, so each that it has now was set by the task that ran last. */
		restore(): void {
			for (const key of Object.getOwnPropertySymbols(this)) {
				if (!plain.has(key.description ?? "")) (this as unknown as Record<symbol, unknown>)[key] = undefined;
			}
		}
	}
	// Found on the class itself, since what lies beyond the setter is slow to reach.
	for (const name of ["runInAsyncScope", "asyncId"] as const)
		Object.defineProperty(Shared.prototype, name, { value: AsyncResource.prototype[name] });
	Object.setPrototypeOf(
		Shared.prototype,
		new Proxy(AsyncResource.prototype, {
			set(_target, key, value, receiver: Shared) {
				if (typeof key === "symbol" && !plain.has(key.description ?? "")) {
					touched = stores = true;
					if (receiver.clean) {
						receiver.clean = false;
						receiver.leaky = true;
					}
				}
				return Reflect.defineProperty(receiver, key, { value, writable: true, enumerable: true, configurable: true });
			},
		}),
	);

	return () => {
		const mine = runningTask()?.context as Shared | null | undefined;
		if (mine?.clean === true && executionAsyncId() === mine.id) return mine;
		return stores ? new Own() : new Shared();
	};
}
