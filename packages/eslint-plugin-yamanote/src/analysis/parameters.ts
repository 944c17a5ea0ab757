/** What a callback's parameter is, from the call that takes the callback: `scope(function* (s) {…})` gives a `Scope`. */
import type { FunctionNode, Node } from "../ast/nodes.ts";
import { memberName, unwrap, wrapped } from "../ast/query.ts";
import type { FileModel } from "./file.ts";
import type { Shape } from "./shape.ts";

/** Which parameter of the callback of each function is known, and what it is. */
const CALLBACK_PARAMETERS: Readonly<Record<string, readonly (string | undefined)[]>> = {
	scope: ["Scope"],
};

const METHOD_PARAMETERS: Readonly<Record<string, readonly (string | undefined)[]>> = {
	"Mutex.withLock": ["Guard"],
};

/** The functions whose async callback is given the task: `async ({ signal, run }) => …`. */
const TASK_FUNCTIONS = new Set([
	"spawn",
	"Scope.spawn",
	"run",
	"main",
	"join",
	"tryJoin",
	"joinSettled",
	"select",
	"race",
	"timeout",
	"timeoutAt",
	"retry",
	"attempt",
	"byRef",
	"shared",
]);

export function contextualParameter(file: FileModel, fn: FunctionNode, index: number): Shape | undefined {
	const taker = takingCall(fn);
	if (taker === undefined || taker.type !== "CallExpression") return undefined;
	const callee = file.shape(taker.callee);
	let of: string | undefined;
	if (callee?.is === "api") {
		of = CALLBACK_PARAMETERS[callee.name]?.[index];
		if (of === undefined && index === 0 && !fn.generator && TASK_FUNCTIONS.has(callee.name)) of = "TaskContext";
	} else {
		const node = unwrap(taker.callee);
		const object = node.type === "MemberExpression" ? file.shape(node.object) : undefined;
		const name = memberName(node);
		if (object?.is === "instance" && name !== undefined) {
			of = METHOD_PARAMETERS[`${object.of}.${name}`]?.[index];
			if (of === undefined && index === 0 && !fn.generator && (name === "spawn" || name === "blockOn")) {
				of = "TaskContext";
			}
		}
	}
	return of === undefined ? undefined : { is: "instance", of };
}

/**
 * The call that takes this expression as an argument, or inside an array or record that is an argument:
 * `select({ a: async () => … })`, `join([async () => …])`.
 */
export function takingCall(expression: Node): Node | undefined {
	let at = wrapped(expression);
	for (let parent = at.parent; parent; parent = at.parent) {
		switch (parent.type) {
			case "Property":
				if (parent.value !== at) return undefined;
				at = parent;
				break;
			case "ConditionalExpression":
				if (parent.test === at) return undefined;
				at = parent;
				break;
			case "LogicalExpression":
				if (parent.right !== at) return undefined;
				at = parent;
				break;
			case "ArrayExpression":
			case "ObjectExpression":
			case "TSAsExpression":
			case "TSSatisfiesExpression":
			case "TSNonNullExpression":
			case "SpreadElement":
				at = parent;
				break;
			case "CallExpression":
			case "NewExpression":
				return parent.callee === at ? undefined : parent;
			default:
				return undefined;
		}
	}
	return undefined;
}
