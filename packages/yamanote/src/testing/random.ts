/** Numbers that look random and are the same for the same seed: xoshiro128**, seeded by splitmix32. */

/** @internal */
export class Random {
	#a: number;
	#b: number;
	#c: number;
	#d: number;

	constructor(seed: number) {
		let x = seed | 0;
		const next = (): number => {
			x = (x + 0x9e3779b9) | 0;
			return mix(x);
		};
		this.#a = next();
		this.#b = next();
		this.#c = next();
		this.#d = next() | 1;
	}

	/** A whole number of 32 bits. */
	bits(): number {
		const t = this.#b << 9;
		const r = Math.imul(this.#b, 5);
		const result = Math.imul((r << 7) | (r >>> 25), 9);
		this.#c ^= this.#a;
		this.#d ^= this.#b;
		this.#b ^= this.#c;
		this.#a ^= this.#d;
		this.#c ^= t;
		this.#d = (this.#d << 11) | (this.#d >>> 21);
		return result >>> 0;
	}

	/** At least 0, below 1. */
	fraction(): number {
		return this.bits() / 0x1_0000_0000;
	}

	/** A whole number of at least 0, below `n`. */
	below(n: number): number {
		return Math.floor(this.fraction() * n);
	}
}

/** @internal Spreads the bits of a whole number. */
export function mix(x: number): number {
	x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
	x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
	return x ^ (x >>> 15);
}
