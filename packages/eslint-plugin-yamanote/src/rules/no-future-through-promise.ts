/**
 * A promise cannot hold a future. Whatever has a `then` is adopted: the future is started, and the promise becomes
 * its outcome. Who wanted the handle of a task gets its result, and waits for it.
 */
import { fileOf } from "../analysis/file.ts";
import { takingCall } from "../analysis/parameters.ts";
import { isHandle, type Shape } from "../analysis/shape.ts";
import { functionName } from "../analysis/tasks.ts";
import type { FixFunction, RuleModule } from "../ast/eslint.ts";
import type { FunctionNode, Node } from "../ast/nodes.ts";
import { closest, enclosingFunction, isFunction, memberName, unwrap } from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const noFutureThroughPromise: RuleModule = defineRule({
	name: "no-future-through-promise",
	description: "a future or handle cannot be the value of a promise",
	type: "problem",
	recommended: true,
	fixable: true,
	suggests: true,
	messages: {
		handle:
			"An async function cannot return a task's handle: its promise waits for the task and becomes the task's result. Return the handle inside an object, `{ handle }`, or make the function a plain one.",
		future:
			"An async function cannot return a future: its promise starts the future and becomes its result. Say so with `return await`, or drop `async` to hand the future itself to the caller.",
		resolved:
			"`{{call}}(…)` cannot carry a {{what}}: the promise starts it, waits for it, and becomes its result. Carry it inside an object, `{ {{key}} }`.",
		received:
			"`await` of a channel of handles waits for the task too: the promise adopts the handle that it receives. Send handles inside objects, `{ handle }`, or receive with `yield*`.",
		await: "Wait for it here: `return await`.",
		wrap: "Return it inside an object.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		return {
			ReturnStatement(node) {
				if (node.argument !== null) checkReturned(node.argument);
			},
			ArrowFunctionExpression(node) {
				if (node.async && node.body.type !== "BlockStatement") checkReturned(node.body);
			},
			CallExpression(node) {
				const [value] = node.arguments;
				if (value === undefined || !resolves(node.callee)) return;
				const shape = file.shape(value);
				if (!isHandle(shape) && shape?.is !== "future") return;
				const isTask = isHandle(shape);
				context.report({
					node: value,
					messageId: "resolved",
					data: {
						call: context.sourceCode.getText(unwrap(node.callee)),
						what: isTask ? "task's handle" : "future",
						key: isTask ? "handle" : "future",
					},
				});
			},
			AwaitExpression(node) {
				if (isHandleReceive(unwrap(node.argument))) context.report({ node, messageId: "received" });
			},
		};

		function checkReturned(value: Node): void {
			const fn = value.parent?.type === "ArrowFunctionExpression" ? value.parent : enclosingFunction(value);
			if (!fn?.async || fn.generator) return;
			for (const result of outcomes(value)) {
				const shape = file.shape(result);
				if (isHandle(shape)) {
					context.report({
						node: result,
						messageId: "handle",
						suggest: [{ messageId: "wrap", fix: wrapFix(result) }],
					});
				} else if (shape?.is === "future" && meansTheFuture(fn)) {
					const inTry = closest(result, (node) => node.type === "TryStatement", fn) !== undefined;
					context.report({
						node: result,
						messageId: "future",
						// Inside `try`, waiting here also brings the failure to this `catch`: that is for the author to decide.
						fix: inTry ? null : (fixer) => fixer.insertTextBefore(result, "await "),
						suggest: inTry ? [{ messageId: "await", fix: (fixer) => fixer.insertTextBefore(result, "await ") }] : [],
					});
				}
			}
		}

		/**
		 * Whether the author wants to hand out the future itself, and not just its outcome, as `return promise` does in
		 * async functions everywhere: the type says so, or the name.
		 */
		function meansTheFuture(fn: FunctionNode): boolean {
			if (fn.returnType && /\b(?:Future|Async)</.test(context.sourceCode.getText(fn.returnType))) return true;
			const name = functionName(fn);
			return name !== undefined && takingCall(fn) === undefined && MAKES.test(name);
		}

		/** `Promise.resolve(…)`, or the `resolve` of an enclosing `new Promise((resolve) => …)`. */
		function resolves(calleeNode: Node): boolean {
			const callee = unwrap(calleeNode);
			if (callee.type === "MemberExpression") {
				return memberName(callee) === "resolve" && file.isGlobal(callee.object, "Promise");
			}
			if (callee.type !== "Identifier") return false;
			const definition = file.variable(callee)?.defs[0];
			if (definition?.type !== "Parameter" || !isFunction(definition.node)) return false;
			const made = definition.node.parent;
			return (
				made?.type === "NewExpression" &&
				file.isGlobal(made.callee, "Promise") &&
				definition.node.params[0] === definition.name
			);
		}

		function wrapFix(value: Node): FixFunction {
			return (fixer) => {
				const text = context.sourceCode.getText(value);
				const object = value.type === "Identifier" ? `{ ${text} }` : `{ handle: ${text} }`;
				return fixer.replaceText(value, value.parent?.type === "ArrowFunctionExpression" ? `(${object})` : object);
			};
		}

		/** `await rx.recv()`, where the channel was made as `mpsc.channel<JoinHandle<…>>(…)`. */
		function isHandleReceive(call: Node): boolean {
			if (call.type !== "CallExpression") return false;
			const callee = unwrap(call.callee);
			if (callee.type !== "MemberExpression" || memberName(callee) !== "recv") return false;
			const receiver = unwrap(callee.object);
			const shape = file.shape(receiver);
			if (shape?.is !== "instance" || !shape.of.endsWith(".Receiver") || receiver.type !== "Identifier") return false;
			const definition = file.variable(receiver)?.defs[0];
			if (definition?.node.type !== "VariableDeclarator" || definition.node.init === null) return false;
			const made = unwrap(definition.node.init);
			if (made.type !== "CallExpression") return false;
			const item = made.typeArguments?.params[0];
			return item?.type === "TSTypeReference" && isHeldType(item.typeName);
		}

		function isHeldType(name: Node): boolean {
			if (name.type !== "Identifier") return false;
			const variable = file.variable(name);
			const shape: Shape | undefined = variable === undefined ? undefined : file.variableShape(variable);
			return shape?.is === "api" && (shape.name === "JoinHandle" || shape.name === "Future");
		}
	},
});

/** Names of functions that make something for later. */
const MAKES = /^(?:make|create|build|prepare|defer|lazy|later|new)(?![a-z])|(?:Future|Lazy|Lazily|Later|Deferred)$/;

/** The expressions that may be the value: both sides of `? :`, and what `&&`, `||` and `??` can give. */
function outcomes(value: Node): Node[] {
	const inner = unwrap(value);
	if (inner.type === "ConditionalExpression") return [...outcomes(inner.consequent), ...outcomes(inner.alternate)];
	if (inner.type === "LogicalExpression") return outcomes(inner.right);
	return [inner];
}
