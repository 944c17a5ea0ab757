/** Buffers whose length changes: TypeScript knows them from ES2024 on. */

export interface Resizable extends ArrayBuffer {
	readonly resizable: boolean;
	resize(byteLength: number): void;
}

export interface Growable extends SharedArrayBuffer {
	grow(byteLength: number): void;
}

type Make<B> = new (byteLength: number, options: { readonly maxByteLength: number }) => B;

export const resizable = (byteLength: number, maxByteLength: number): Resizable =>
	new (ArrayBuffer as unknown as Make<Resizable>)(byteLength, { maxByteLength });

export const growable = (byteLength: number, maxByteLength: number): Growable =>
	new (SharedArrayBuffer as unknown as Make<Growable>)(byteLength, { maxByteLength });
