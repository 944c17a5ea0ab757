/** How a call ends in its thread. */
import { hostNow } from "../core/host.ts";
import type { Outcome } from "./thread-run.ts";

/** @internal Tells how a call ended, and how many microseconds it took: once. */
export class Ending implements Outcome {
	readonly #from: number;
	readonly #tell: (ok: boolean, value: unknown, micros: number) => void;
	#told = false;
	streams: (items: AsyncIterator<unknown>) => void = () => {};

	constructor(from: number, tell: (ok: boolean, value: unknown, micros: number) => void) {
		this.#from = from;
		this.#tell = tell;
	}

	returned(value: unknown): void {
		this.#end(true, value);
	}

	threw(error: unknown): void {
		this.#end(false, error);
	}

	#end(ok: boolean, value: unknown): void {
		if (this.#told) return;
		this.#told = true;
		this.#tell(ok, value, Math.min(0x7fff_ffff, Math.round((hostNow() - this.#from) * 1_000)));
	}
}
