/**
 * Buffers and their views. A view carries its own window alone, since it may be a small part of a large block; when two views (or a view and
 * its buffer) turn out to share a block, the walk begins again and carries whole blocks, so that they share it over there as well.
 */
import { canSendShared, NOT_ISOLATED } from "../host-worker.ts";
import { isMarked } from "../transfer.ts";
import type { Encoder } from "./encode.ts";
import * as kinds from "./kinds.ts";
import * as tags from "./tags.ts";

/** Thrown when views turn out to share a buffer. */
export const AGAIN: unique symbol = Symbol("again");

/** Up to here bytes are written among the others; beyond, a copy is handed over. */
const SMALL = 1_024;

/** @internal */
export function writeBuffer(e: Encoder, buffer: ArrayBuffer): void {
	if (isDetached(buffer)) return e.refuse("is a detached buffer: it was transferred before");
	met(e, buffer);
	if (isMarked(buffer)) {
		e.moves.push(buffer);
		e.extra(buffer);
	} else if ((buffer as { resizable?: boolean }).resizable === true) e.extra(buffer);
	else if (buffer.byteLength > SMALL) {
		const copy = buffer.slice(0);
		e.transfers.push(copy);
		e.extra(copy);
	} else {
		e.byte(tags.BUFFER);
		small(e, new Uint8Array(buffer));
	}
}

/** @internal */
export function writeView(e: Encoder, view: ArrayBufferView, kind: number): void {
	const { buffer } = view;
	const plain = kinds.kindOf(Object.getPrototypeOf(buffer) as object) === kinds.BUFFER;
	const node = kind === kinds.NODE_BUFFER_VIEW;
	if (plain && isDetached(buffer as ArrayBuffer))
		return e.refuse("is a view of a detached buffer: it was transferred before");
	if (!node && isResizable(buffer)) return resizable(e, view);
	const { byteOffset, byteLength } = view;
	const covers = byteOffset === 0 && byteLength === buffer.byteLength;
	if (!plain || (covers && !node) || isMarked(buffer) || (e.whole && !node)) {
		e.byte(tags.VIEW);
		e.byte(kind);
		e.within({ of: (path) => `${path}.buffer` }, buffer);
		e.varint(byteOffset);
		return e.varint(byteLength);
	}
	if (!node) met(e, buffer);
	e.byte(tags.WINDOW);
	e.byte(kind);
	if (byteLength <= SMALL) {
		e.byte(0);
		return small(e, new Uint8Array(buffer, byteOffset, byteLength));
	}
	const copy = buffer.slice(byteOffset, byteOffset + byteLength);
	e.transfers.push(copy);
	e.byte(1);
	e.varint(e.extras.length);
	e.extras.push(copy);
}

/** Whether a view follows the length of its buffer cannot be asked: structured clone knows it. */
function resizable(e: Encoder, view: ArrayBufferView): void {
	const { buffer } = view;
	if (isMarked(buffer))
		return e.refuse("is a view of a buffer that can be resized: transfer the buffer, and make the view there");
	if (isOutside(view)) return e.refuse("is a view of what its buffer has no more: it was made smaller");
	if ((buffer as { growable?: boolean }).growable === true && !canSendShared()) return e.refuse(NOT_ISOLATED);
	e.extra(view);
}

function isResizable(buffer: ArrayBufferLike): boolean {
	const { resizable, growable } = buffer as { resizable?: boolean; growable?: boolean };
	return resizable === true || growable === true;
}

function isOutside(view: ArrayBufferView): boolean {
	try {
		// An empty one may be outside.
		if (view.byteLength === 0) structuredClone(view);
		return false;
	} catch {
		return true;
	}
}

function small(e: Encoder, bytes: Uint8Array): void {
	e.varint(bytes.length);
	e.room(bytes.length);
	e.bytes.set(bytes, e.at);
	e.at += bytes.length;
}

function met(e: Encoder, buffer: ArrayBufferLike): void {
	if (e.whole) return;
	e.buffers ??= new Set();
	if (e.buffers.has(buffer)) throw AGAIN;
	e.buffers.add(buffer);
}

function isDetached(buffer: ArrayBuffer): boolean {
	const { detached } = buffer as { detached?: boolean };
	if (detached !== undefined) return detached;
	if (buffer.byteLength > 0) return false;
	try {
		new Uint8Array(buffer);
		return false;
	} catch {
		return true;
	}
}
