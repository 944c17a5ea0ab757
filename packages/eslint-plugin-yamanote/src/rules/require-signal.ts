/**
 * An async function cannot be stopped from outside while it waits for a foreign promise. It is given the task's
 * signal for that: what it waits for must be given the signal too.
 */

import { isTaskTaker } from "../analysis/api.ts";
import { fileOf } from "../analysis/file.ts";
import { takingCall } from "../analysis/parameters.ts";
import { isHandle, isLazy } from "../analysis/shape.ts";
import type { FixFunction, RuleModule } from "../ast/eslint.ts";
import type { CallExpression, FunctionNode, Node } from "../ast/nodes.ts";
import { calleeText, memberName, propertyOf, unwrap, walk, walkSameFunction } from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const requireSignal: RuleModule = defineRule({
	name: "require-signal",
	description: "an async task passes its signal to what it waits for",
	type: "problem",
	recommended: true,
	suggests: true,
	messages: {
		ignored:
			"When this task is cancelled, `{{call}}(…)` runs on: it is not given the task's signal. Write `async ({ signal }) => …` and pass `signal` on.",
		unused:
			"This task waits for `{{call}}(…)` and ignores its `signal`, so a cancel cannot reach it. Pass `{{name}}.signal` on, or check `{{name}}.throwIfCancelled()` after it.",
		pass: "Pass the task's signal.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		const { sourceCode } = context;
		return { ArrowFunctionExpression: check, FunctionExpression: check };

		function check(fn: FunctionNode): void {
			if (fn.generator || fn.params.length > 1 || !isTaskBranch(fn)) return;
			const [parameter] = fn.params;
			if (usesSignal(fn)) return;
			let isKnown = false;
			eachWait(fn, (call) => {
				if (isKnown || !takesSignal(call)) return;
				isKnown = true;
				context.report({
					node: call,
					messageId: "ignored",
					data: { call: calleeText(call.callee, sourceCode) },
					suggest: [{ messageId: "pass", fix: passFix(fn, call) }],
				});
			});
			if (isKnown || !fn.async || parameter?.type !== "Identifier") return;
			if (passesOn(fn, parameter.name)) return;
			eachWait(fn, (call) => {
				if (isKnown || !isForeign(call, parameter.name)) return;
				isKnown = true;
				context.report({
					node: call,
					messageId: "unused",
					data: { call: calleeText(call.callee, sourceCode), name: parameter.name },
				});
			});
		}

		function isTaskBranch(fn: FunctionNode): boolean {
			const call = takingCall(fn);
			if (call?.type !== "CallExpression") return false;
			const callee = unwrap(call.callee);
			const shape = file.shape(callee);
			if (isTaskTaker(shape)) return shape?.is === "api" && !NOT_BRANCHES.has(shape.name);
			const name = memberName(callee);
			return (
				callee.type === "MemberExpression" &&
				(name === "spawn" || name === "blockOn") &&
				file.shape(callee.object)?.is === "instance"
			);
		}

		/** Whether `signal` is mentioned at all, be it in a nested function. */
		function usesSignal(fn: FunctionNode): boolean {
			return walk(fn.body, sourceCode, (node) => {
				if (node.type === "Identifier" && /signal|abort/i.test(node.name)) return "stop";
				return undefined;
			});
		}

		/** Whether the task is asked anything at all, or handed on whole. */
		function passesOn(fn: FunctionNode, name: string): boolean {
			return walk(fn.body, sourceCode, (node) => {
				if (node.type !== "Identifier" || node.name !== name || node.parent === null) return undefined;
				if (node.parent.type !== "MemberExpression" || node.parent.object !== node) return "stop";
				const member = memberName(node.parent);
				return member === "run" || member === "id" || member === "name" ? undefined : "stop";
			});
		}

		/** Each call of the function itself whose promise it waits for or returns. */
		function eachWait(fn: FunctionNode, visit: (call: CallExpression) => void): void {
			if (fn.body.type !== "BlockStatement") visitValue(fn.body, visit);
			walkSameFunction(fn.body, sourceCode, (node) => {
				if (node.type === "AwaitExpression") visitValue(node.argument, visit);
				if (node.type === "ReturnStatement" && node.argument !== null) visitValue(node.argument, visit);
			});
		}

		function visitValue(value: Node, visit: (call: CallExpression) => void): void {
			let inner = unwrap(value);
			// `fetch(url).then((response) => response.json())`: the first call is the one that takes the signal.
			while (inner.type === "CallExpression") {
				const callee = unwrap(inner.callee);
				if (callee.type !== "MemberExpression" || !CHAINING.has(memberName(callee) ?? "")) break;
				inner = unwrap(callee.object);
			}
			if (inner.type === "CallExpression") visit(inner);
		}

		/** Whether the call is of a function that is known to take a signal, and does not get one. */
		function takesSignal(call: CallExpression): boolean {
			const callee = unwrap(call.callee);
			const shape = file.shape(callee);
			let position: number | undefined;
			if (file.isGlobal(callee, "fetch")) position = 1;
			else if (shape?.is === "module") position = signalPosition(shape.source, shape.name);
			if (position === undefined || call.arguments.length > position + 1) return false;
			const options = call.arguments[position];
			if (options === undefined) return !call.arguments.some((argument) => argument.type === "SpreadElement");
			const literal = unwrap(options);
			// Options from elsewhere may carry a signal.
			if (literal.type !== "ObjectExpression") return literal.type === "Literal";
			if (literal.properties.some((property) => property.type === "SpreadElement")) return false;
			return propertyOf(literal, "signal") === undefined;
		}

		function isForeign(call: CallExpression, name: string): boolean {
			const callee = unwrap(call.callee);
			const shape = file.shape(call);
			if (isLazy(shape) || isHandle(shape)) return false;
			const calleeShape = file.shape(callee);
			if (calleeShape?.is === "api") return false;
			if (callee.type !== "MemberExpression") return callee.type === "Identifier";
			const object = unwrap(callee.object);
			if (object.type === "Identifier" && (object.name === name || file.isGlobal(object, "Promise"))) return false;
			return file.shape(object)?.is !== "instance";
		}

		function passFix(fn: FunctionNode, call: CallExpression): FixFunction {
			return (fixer) => {
				const position = file.isGlobal(unwrap(call.callee), "fetch") ? 1 : undefined;
				const [url] = call.arguments;
				if (position === undefined || url === undefined) return null;
				const [parameter] = fn.params;
				let signal = "signal";
				const fixes = [];
				if (parameter === undefined) {
					const text = sourceCode.getText(fn);
					const open = text.indexOf("(");
					if (open < 0 || !/^(?:async\s*)?\(\s*\)/.test(text)) return null;
					fixes.push(fixer.insertTextAfterRange([fn.range[0], fn.range[0] + open + 1], "{ signal }"));
				} else if (parameter.type === "Identifier") signal = `signal: ${parameter.name}.signal`;
				else if (parameter.type === "ObjectPattern" && parameter.properties[0] !== undefined) {
					fixes.push(fixer.insertTextBefore(parameter.properties[0], "signal, "));
				} else return null;
				const options = call.arguments[1];
				if (options === undefined) fixes.push(fixer.insertTextAfter(url, `, { ${signal} }`));
				else if (options.type === "ObjectExpression" && options.properties[0] !== undefined) {
					fixes.push(fixer.insertTextBefore(options.properties[0], `${signal}, `));
				} else return null;
				return fixes;
			};
		}
	},
});

/** Functions whose callback is not given a task first, and `main`: nobody but the user cancels a whole program. */
const NOT_BRANCHES = new Set([
	"main",
	"asyncFn",
	"promiseFn",
	"mapConcurrent",
	"each",
	"paused",
	"explore",
	"withContext",
]);

const CHAINING = new Set(["then", "catch", "finally", "json", "text", "blob", "arrayBuffer", "bytes", "formData"]);

/** Which argument of a function of Node or of a well-known client holds the options with the signal. */
function signalPosition(source: string, name: string): number | undefined {
	switch (source.startsWith("node:") ? source.slice(5) : source) {
		case "timers/promises":
			return name === "setTimeout" ? 2 : name === "setImmediate" ? 1 : undefined;
		case "events":
			return name === "once" ? 2 : undefined;
		case "fs/promises":
			return name === "readFile" ? 1 : name === "writeFile" ? 2 : undefined;
		case "undici":
			return name === "fetch" || name === "request" ? 1 : undefined;
		case "node-fetch":
			return name === "default" ? 1 : undefined;
		case "ky":
		case "got":
			return name === "default" || /^(?:get|post|put|patch|head|delete)$/.test(name) ? 1 : undefined;
		case "axios":
			if (name === "default" || name === "get" || name === "head" || name === "delete") return 1;
			return name === "post" || name === "put" || name === "patch" ? 2 : undefined;
		default:
			return undefined;
	}
}
