/** Errors from another thread, as objects of their class. */
import * as core from "../../core/error.ts";
import * as runtime from "../../runtime/error.ts";
import * as time from "../../time/error.ts";
import * as own from "../error.ts";
import { registry } from "../sendable.ts";
import { errors } from "./tags.ts";

type ErrorClass = new (message?: string) => Error;
type AnyClass = { readonly called?: string; readonly prototype: Error };

let library: Map<string, Error> | undefined;

/** The prototypes of the library's own errors, by their codes. */
function ofLibrary(code: unknown): Error | undefined {
	if (library === undefined) {
		library = new Map();
		for (const module of [core, runtime, time, own])
			for (const type of Object.values(module) as unknown[]) {
				const { called, prototype } = type as AnyClass;
				if (typeof called === "string") library.set(core.codeOf(called), prototype);
			}
	}
	return typeof code === "string" ? library.get(code) : undefined;
}

/** @internal An error without its fields. */
export function makeError(base: number, registered: string, name: string, message: string, stack: string): Error {
	let error: Error;
	const type = (globalThis as unknown as Record<string, ErrorClass | undefined>)[errors[base] as string] ?? Error;
	if (errors[base] === "DOMException" && type !== Error) {
		error = new (type as unknown as new (message: string, name: string) => Error)(message, name);
	} else if (errors[base] === "AggregateError") error = new AggregateError([], message);
	else error = new type(message);
	const prototype = registered === "" ? undefined : registry().byName.get(registered)?.prototype;
	if (prototype !== undefined) Object.setPrototypeOf(error, prototype);
	if (error.name !== name) quietly(error, "name", name);
	if (error.message !== message) quietly(error, "message", message);
	quietly(error, "stack", stack === "" ? undefined : stack);
	return error;
}

/** @internal It has its fields: an error of the library gets its class by its code. */
export function finishError(error: Error): void {
	const prototype = ofLibrary((error as { code?: unknown }).code);
	if (
		prototype !== undefined &&
		error.name === (error as { name: unknown }).name &&
		Object.getPrototypeOf(error) === Error.prototype
	)
		Object.setPrototypeOf(error, prototype);
}

function quietly(error: Error, key: string, value: unknown): void {
	Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}
