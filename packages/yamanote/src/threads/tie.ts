/** A runtime and a pool: the pool keeps the process alive while that runtime has calls on it, and somebody waits. */
import type { HostHandle } from "../core/host.ts";
import { isAwaited } from "../core/process-life.ts";
import type { RuntimeCore } from "../core/runtime-core.ts";

/** @internal */
export class Tie implements HostHandle {
	readonly runtime: RuntimeCore;
	readonly #changed: () => void;
	/** Somebody waits, for this runtime or another. */
	rooted: boolean;
	calls = 0;

	constructor(runtime: RuntimeCore, changed: () => void) {
		this.runtime = runtime;
		this.#changed = changed;
		this.rooted = isAwaited(runtime);
		runtime.handles.add(this);
	}

	get holds(): boolean {
		return this.rooted && this.calls > 0;
	}

	ref(on: boolean): void {
		this.rooted = on;
		this.#changed();
	}

	cancel(): void {
		this.runtime.handles.delete(this);
	}
}
