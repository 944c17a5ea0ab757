/** Bytes that grow, and what is sent beside them. */
import * as tags from "./tags.ts";

/** Longer texts are sent beside the bytes. */
const LONG_TEXT = 2_048;

/** @internal Numbers and texts as bytes, each behind its tag. */
export class Writer {
	bytes: Uint8Array = new Uint8Array(4_096);
	view: DataView = new DataView(this.bytes.buffer);
	at = 0;
	extras: unknown[] = [];

	/** Makes room for `n` bytes. */
	room(n: number): void {
		const need = this.at + n;
		if (need <= this.bytes.length) return;
		const bytes = new Uint8Array(Math.max(need, this.bytes.length * 2));
		bytes.set(this.bytes.subarray(0, this.at));
		this.bytes = bytes;
		this.view = new DataView(bytes.buffer);
	}

	byte(b: number): void {
		if (this.at === this.bytes.length) this.room(1);
		this.bytes[this.at++] = b;
	}

	varint(n: number): void {
		this.room(5);
		while (n > 127) {
			this.bytes[this.at++] = (n & 127) | 128;
			n >>>= 7;
		}
		this.bytes[this.at++] = n;
	}

	float(n: number): void {
		this.room(8);
		this.view.setFloat64(this.at, n, true);
		this.at += 8;
	}

	number(n: number): void {
		if ((n | 0) !== n || (n === 0 && 1 / n < 0)) {
			this.byte(tags.FLOAT);
			this.float(n);
		} else if (n >= 0 && n < 128) this.byte(128 | n);
		else {
			this.room(5);
			this.bytes[this.at] = tags.INT;
			this.view.setInt32(this.at + 1, n, true);
			this.at += 5;
		}
	}

	text(s: string): void {
		const n = s.length;
		if (n > LONG_TEXT) return this.extra(s, tags.LONG_TEXT);
		this.room(2 * n + 6);
		const start = this.at;
		this.bytes[this.at++] = tags.LATIN1;
		this.varint(n);
		let { at } = this;
		const { bytes } = this;
		for (let i = 0; i < n; i++) {
			const c = s.charCodeAt(i);
			if (c > 255) return this.#wide(s, start);
			bytes[at++] = c;
		}
		this.at = at;
	}

	#wide(s: string, start: number): void {
		this.at = start;
		this.bytes[this.at++] = tags.UTF16;
		this.varint(s.length);
		let { at } = this;
		const { bytes } = this;
		for (let i = 0; i < s.length; i++) {
			const c = s.charCodeAt(i);
			bytes[at++] = c & 255;
			bytes[at++] = c >> 8;
		}
		this.at = at;
	}

	/** Sends a value beside the bytes. */
	extra(value: unknown, tag: number = tags.EXTRA): void {
		this.byte(tag);
		this.varint(this.extras.length);
		this.extras.push(value);
	}
}
