/**
 * What is known of a value without types: the *shape*.
 *
 * Shapes are read off imports, declarations and initializers. `undefined` stands for "not known", and a rule that
 * meets it stays silent.
 */
import type { ClassNode, FunctionNode, ObjectExpression } from "../ast/nodes.ts";

/** How a function answers when it is called. */
export type FunctionKind = "asyncFn" | "promiseFn" | "generator" | "async" | "asyncGenerator" | "sync";

export type Shape =
	/** Something that Yamanote exports, by its name: `spawn`, `Mutex`, `mpsc.channel`, or the namespace `mpsc`. */
	| { readonly is: "api"; readonly name: string }
	/** An object of one of Yamanote's classes (`Mutex`, `mpsc.Sender`), or of ones known from it (`TaskContext`). */
	| { readonly is: "instance"; readonly of: string }
	/** A lazy future: nothing has run. `value` is what it completes with; `by` names what made it. */
	| { readonly is: "future"; readonly value?: Shape | undefined; readonly by?: string | undefined }
	/** A promise: what it stands for is already running. */
	| { readonly is: "promise"; readonly value?: Shape | undefined }
	/** The object that a call of a plain `function*` gives. Nothing has run, and it is no future. */
	| { readonly is: "generator"; readonly fn?: FunctionNode | undefined }
	/** Something callable. `node` is its body where this file has it. */
	| {
			readonly is: "function";
			readonly kind: FunctionKind;
			readonly node?: FunctionNode | undefined;
			readonly returns?: Shape | undefined;
	  }
	| { readonly is: "tuple"; readonly items: readonly (Shape | undefined)[] }
	| { readonly is: "record"; readonly node: ObjectExpression }
	| { readonly is: "object"; readonly class: ClassNode }
	| { readonly is: "class"; readonly class: ClassNode }
	/** The handle that `defineWorker` gives: its functions run on another thread. */
	| { readonly is: "worker" }
	/** Something imported from a module that is not Yamanote's; `name` is `*` for the namespace. */
	| { readonly is: "module"; readonly source: string; readonly name: string };

/** True for what does nothing until it is polled. */
export function isLazy(shape: Shape | undefined): boolean {
	return shape?.is === "future" || shape?.is === "generator";
}

/** Classes of which an object can itself be awaited, and runs (or waits) whether it is or not. */
const AWAITABLE_INSTANCES = new Set(["JoinHandle", "oneshot.Receiver"]);

/** True for a handle of a task that has been started. */
export function isHandle(shape: Shape | undefined): boolean {
	return shape?.is === "instance" && AWAITABLE_INSTANCES.has(shape.of);
}

/** What `yield*` or `await` makes of the value. */
export function awaited(shape: Shape | undefined): Shape | undefined {
	if (shape?.is === "future" || shape?.is === "promise") return shape.value;
	return undefined;
}
