/** What calls give: of Yamanote's functions and methods, of functions of this file, of well-known modules. */
import type { FunctionNode, Node } from "../ast/nodes.ts";
import { isFunction, memberName, unwrap } from "../ast/query.ts";
import { typeNodeShape } from "./annotations.ts";
import { callResult, methodResult } from "./api.ts";
import type { FileModel } from "./file.ts";
import { moduleCall } from "./known-calls.ts";
import type { Shape } from "./shape.ts";

/** What a call gives, by what is called. */
export function callShape(file: FileModel, calleeNode: Node, call: Node): Shape | undefined {
	const callee = unwrap(calleeNode);
	if (callee.type === "MemberExpression") {
		const name = memberName(callee);
		if (name === undefined) return undefined;
		const object = file.shape(callee.object);
		if (object?.is === "instance") {
			const result = methodResult(object.of, name);
			if (result !== undefined) return result;
		}
		if (object?.is === "worker") return { is: "future", by: "defineWorker" };
		// `then` starts a future, and so do `catch` and `finally`.
		if ((object?.is === "future" || object?.is === "promise") && PROMISE_METHODS.has(name)) return { is: "promise" };
		if (object === undefined && file.isGlobal(callee.object, "Promise")) {
			return PROMISE_MAKERS.has(name) ? { is: "promise" } : undefined;
		}
		if (object === undefined && file.isGlobal(callee.object, "Object") && name === "freeze") {
			return call.type === "CallExpression" && call.arguments[0] ? file.shape(call.arguments[0]) : undefined;
		}
	}
	if (file.isGlobal(callee, "fetch")) return { is: "promise" };
	const shape = file.shape(callee);
	if (shape === undefined) return undefined;
	if (shape.is === "function") return functionResult(file, shape);
	if (shape.is === "api") {
		if ((shape.name === "asyncFn" || shape.name === "promiseFn") && call.type === "CallExpression") {
			const body = call.arguments[0];
			const bodyNode = body === undefined ? undefined : unwrap(body);
			const fn = bodyNode?.type === "Identifier" ? functionNode(file.shape(bodyNode)) : bodyNode;
			return { is: "function", kind: shape.name, node: isFunction(fn) ? fn : undefined };
		}
		return callResult(shape.name);
	}
	if (shape.is === "module") return moduleCall(shape.source, shape.name);
	return undefined;
}

function functionResult(file: FileModel, shape: Extract<Shape, { is: "function" }>): Shape | undefined {
	const value = shape.node === undefined ? undefined : returned(file, shape.node);
	switch (shape.kind) {
		case "asyncFn":
			return { is: "future", value, by: "asyncFn" };
		case "promiseFn":
		case "async":
			return { is: "promise", value };
		case "generator":
			return { is: "generator", fn: shape.node };
		case "asyncGenerator":
			return undefined;
		case "sync":
			return shape.returns ?? declaredResult(file, shape.node) ?? value;
	}
}

function declaredResult(file: FileModel, node: FunctionNode | undefined): Shape | undefined {
	return node?.returnType ? typeNodeShape(file, node.returnType.typeAnnotation) : undefined;
}

/** The shape of what a function returns, where every `return` says the same. */
function returned(file: FileModel, node: FunctionNode): Shape | undefined {
	if (node.body.type !== "BlockStatement") return file.shape(node.body);
	// Only a body with a single `return` at its end is looked into: anything longer is not worth the risk.
	const last = node.body.body[node.body.body.length - 1];
	if (last?.type !== "ReturnStatement" || last.argument === null) return undefined;
	if (node.body.body.slice(0, -1).some((statement) => statement.type !== "VariableDeclaration")) return undefined;
	return file.shape(last.argument);
}

const PROMISE_METHODS = new Set(["then", "catch", "finally"]);
const PROMISE_MAKERS = new Set(["all", "allSettled", "any", "race", "resolve", "reject", "try"]);

function functionNode(shape: Shape | undefined): FunctionNode | undefined {
	return shape?.is === "function" ? shape.node : undefined;
}
