/** What the numbers of functions stand for: each thread is told before the first call. */
import type { Definition } from "./protocol.ts";
import { definitionOf, type WorkerFunction } from "./worker-function.ts";

/** Numbers stand on the board beside one bit. */
const IDS = 0x3fff_ffff;

/** @internal */
export class Definitions {
	readonly #ids: Map<WorkerFunction, number> = new Map();
	readonly #byId: Map<number, Definition> = new Map();
	readonly #added: (definition: Definition) => void;
	#next = 0;

	/** @param added - tells the threads of a new one */
	constructor(added: (definition: Definition) => void) {
		this.#added = added;
	}

	idOf(fn: WorkerFunction): number {
		const known = this.#ids.get(fn);
		if (known !== undefined) return known;
		// Numbers come again only after very many, so that no thread can take an old one for a new one.
		while (this.#byId.has(this.#next)) this.#next = (this.#next + 1) & IDS;
		const id = this.#next;
		this.#next = (id + 1) & IDS;
		const definition = definitionOf(id, fn);
		this.#ids.set(fn, id);
		this.#byId.set(id, definition);
		this.#added(definition);
		return id;
	}

	/** It is never called again: its number, if it had one. */
	forget(fn: WorkerFunction): number | undefined {
		const id = this.#ids.get(fn);
		if (id !== undefined) {
			this.#ids.delete(fn);
			this.#byId.delete(id);
		}
		return id;
	}

	/** For a thread that starts. */
	all(): Definition[] {
		return [...this.#byId.values()];
	}
}
