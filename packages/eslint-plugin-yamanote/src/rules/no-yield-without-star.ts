/**
 * In a task, `yield*` waits. A plain `yield` hands the future to the runtime as if it were a signal of its own, and
 * `yield*` of a promise looks for an iterator that promises do not have.
 */
import { typeNodeShape } from "../analysis/annotations.ts";
import { fileOf } from "../analysis/file.ts";
import { takingCall } from "../analysis/parameters.ts";
import { isHandle, isLazy } from "../analysis/shape.ts";
import { isTakenDirectly, isTaskGenerator, takesTasks } from "../analysis/tasks.ts";
import type { FixFunction, RuleModule } from "../ast/eslint.ts";
import { importName } from "../ast/fix.ts";
import type { FunctionNode, Node, YieldExpression } from "../ast/nodes.ts";
import { enclosingFunction, excerpt, keyName, memberName, suspensionsIn, unwrap, walk } from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const noYieldWithoutStar: RuleModule = defineRule({
	name: "no-yield-without-star",
	description: "a task waits with `yield*`, and for futures",
	type: "problem",
	recommended: true,
	fixable: true,
	suggests: true,
	messages: {
		plainYield: "A task waits with `yield*`. A plain `yield {{what}}` waits for nothing and gives no value.",
		emptyYield: "A plain `yield` waits for nothing. To let other tasks run, write `yield* yieldNow()`.",
		promise:
			'`yield*` needs a future, and `{{what}}` is a promise: it fails with "not iterable". Write `yield* fromPromise(({ signal }) => …)`, so that a cancel reaches it.',
		innerAwait:
			"This async function inside a task waits natively: it starts at once, and cancelling the task does not reach it. Make it `asyncFn(function* …)` and wait with `yield*`.",
		asyncGenerator: "A task body is `function*`, not `async function*`: write `yield*` where this says `await`.",
		addStar: "Write `yield* {{what}}`.",
		wrap: "Wrap it: `fromPromise(() => {{what}})`.",
		makeTask: "Make it `asyncFn(function* …)`.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		const { sourceCode } = context;
		return {
			YieldExpression(node) {
				const fn = enclosingFunction(node);
				if (fn === undefined || fn.async) return;
				if (node.delegate) checkDelegate(node, fn);
				else checkPlain(node, fn);
			},
			AwaitExpression(node) {
				const fn = enclosingFunction(node);
				if (fn !== undefined) checkInnerAwait(node.argument, fn);
			},
			FunctionExpression(node) {
				if (!node.async || !node.generator) return;
				const call = takingCall(node);
				const callee = call?.type === "CallExpression" ? file.shape(call.callee) : undefined;
				if (callee?.is !== "api" || !BODY_TAKERS.has(callee.name)) return;
				context.report({ loc: headOf(node), messageId: "asyncGenerator", fix: bodyFix(node) });
			},
		};

		function checkPlain(node: YieldExpression, fn: FunctionNode): void {
			const shape = node.argument === null ? undefined : file.shape(node.argument);
			const waits = isLazy(shape) || isHandle(shape);
			// Where Yamanote is given the generator itself, no plain `yield` means anything.
			if (!(isTakenDirectly(file, fn) || (waits && (isTaskGenerator(file, fn) || isDelegatedTo(fn))))) return;
			if (node.argument === null) {
				context.report({ node, messageId: "emptyYield" });
				return;
			}
			const star: FixFunction = (fixer) => fixer.replaceTextRange([node.range[0], node.range[0] + 5], "yield*");
			const what = excerpt(node.argument, sourceCode);
			if (waits) context.report({ node, messageId: "plainYield", data: { what }, fix: star });
			else {
				context.report({
					node,
					messageId: "plainYield",
					data: { what },
					suggest: [{ messageId: "addStar", data: { what }, fix: star }],
				});
			}
		}

		/**
		 * A generator that yields futures plainly may be a list of them. It is a task if it is declared as one, or if
		 * others wait for it: each use of it here is `yield* it()`, or `it()` given to Yamanote.
		 */
		function isDelegatedTo(fn: FunctionNode): boolean {
			if (fn.returnType && typeNodeShape(file, fn.returnType.typeAnnotation)?.is === "future") return true;
			const uses = usesOf(fn);
			return (
				uses.length > 0 &&
				uses.every((use) => {
					const call = use.parent;
					if (call?.type !== "CallExpression" || call.callee !== use || !call.parent) return false;
					if (call.parent.type === "YieldExpression") return call.parent.delegate;
					const taker = call.parent.type === "CallExpression" ? call.parent : undefined;
					const callee = taker === undefined ? undefined : file.shape(taker.callee);
					return callee?.is === "api" && BODY_TAKERS.has(callee.name);
				})
			);
		}

		/** Where a function is named, or a method is taken from `this`. */
		function usesOf(fn: FunctionNode): Node[] {
			const owner = fn.parent;
			if (owner?.type === "MethodDefinition" && owner.parent !== null) {
				const found: Node[] = [];
				walk(owner.parent, sourceCode, (node) => {
					if (node.type !== "MemberExpression" || node.object.type !== "ThisExpression") return;
					if (memberName(node) === keyName(owner)) found.push(node);
				});
				return found;
			}
			const name = fn.type === "FunctionDeclaration" ? fn.id : owner?.type === "VariableDeclarator" ? owner.id : null;
			const references = name === null ? [] : (file.declared(name)?.references ?? []);
			return references.filter(({ init }) => init !== true).map(({ identifier }) => identifier);
		}

		function checkDelegate(node: YieldExpression, fn: FunctionNode): void {
			if (node.argument === null || file.shape(node.argument)?.is !== "promise") return;
			const argument = node.argument;
			const what = excerpt(argument, sourceCode);
			context.report({
				node,
				messageId: "promise",
				data: { what },
				suggest: fn.generator
					? [
							{
								messageId: "wrap",
								data: { what },
								fix(fixer) {
									const imported = importName(file, fixer, "fromPromise", node);
									if (imported === undefined) return null;
									const text = `${imported.local}(() => ${sourceCode.getText(argument)})`;
									return [...imported.fixes, fixer.replaceText(argument, text)];
								},
							},
						]
					: [],
			});
		}

		function checkInnerAwait(argument: Node, fn: FunctionNode): void {
			if (!fn.async || fn.generator || !isLazyAwait(argument)) return;
			const outer = enclosingFunction(fn);
			if (outer === undefined || !outer.generator || outer.async || !isTaskGenerator(file, outer)) return;
			// A branch given to Yamanote may wait natively: it is told of a cancel.
			const call = takingCall(fn);
			if (call !== undefined && takesTasks(file, call)) return;
			if (!isLocalHelper(fn)) return;
			// One report for a function: at its first wait.
			const first = suspensionsIn(fn.body, sourceCode).find(
				(wait) => wait.type === "AwaitExpression" && isLazyAwait(wait.argument),
			);
			if (first?.type !== "AwaitExpression" || first.argument !== argument) return;
			const onlyOurs = suspensionsIn(fn.body, sourceCode).every(
				(wait) => wait.type === "AwaitExpression" && isLazyAwait(wait.argument),
			);
			context.report({
				node: first,
				messageId: "innerAwait",
				suggest:
					onlyOurs && fn.type === "ArrowFunctionExpression" && !mentionsThis(fn)
						? [{ messageId: "makeTask", fix: taskFix(fn) }]
						: [],
			});
		}

		function isLazyAwait(argument: Node): boolean {
			return file.shape(argument)?.is === "future";
		}

		/** An arrow or function used right here: given to an array's `map`, called in place, or a constant. */
		function isLocalHelper(fn: FunctionNode): boolean {
			const parent = fn.parent;
			if (fn.type === "FunctionDeclaration" || parent?.type === "VariableDeclarator") return true;
			if (parent?.type !== "CallExpression") return false;
			if (unwrap(parent.callee) === fn) return true;
			const name = memberName(unwrap(parent.callee));
			return parent.arguments[0] === fn && (name === "map" || name === "forEach" || name === "flatMap");
		}

		function mentionsThis(fn: FunctionNode): boolean {
			return /\b(?:this|arguments|super)\b/.test(sourceCode.getText(fn));
		}

		/** `async (a) => {… await f …}` to `asyncFn(function* (a) {… yield* f …})`. */
		function taskFix(fn: FunctionNode): FixFunction {
			return (fixer) => {
				const imported = importName(file, fixer, "asyncFn", fn);
				if (imported === undefined || fn.params.some((parameter) => parameter.range[0] < fn.range[0])) return null;
				const text = sourceCode.text;
				const arrow = text.lastIndexOf("=>", fn.body.range[0]);
				const parameters = text
					.slice(fn.range[0], arrow)
					.replace(/^async\s*/, "")
					.trim();
				const list = parameters.startsWith("(") || parameters.startsWith("<") ? parameters : `(${parameters})`;
				const waits = suspensionsIn(fn.body, sourceCode).map((wait) =>
					fixer.replaceTextRange([wait.range[0], wait.range[0] + 5], "yield*"),
				);
				const isBlock = fn.body.type === "BlockStatement";
				return [
					...imported.fixes,
					fixer.replaceTextRange(
						[fn.range[0], fn.body.range[0]],
						`${imported.local}(function* ${list} ${isBlock ? "" : "{ return "}`,
					),
					...waits,
					fixer.insertTextAfter(fn.body, isBlock ? ")" : "; })"),
				];
			};
		}

		function headOf(fn: FunctionNode): { start: Node["loc"]["start"]; end: Node["loc"]["end"] } {
			return { start: fn.loc.start, end: fn.body.loc.start };
		}

		function bodyFix(fn: FunctionNode): FixFunction {
			return (fixer) => {
				const head = sourceCode.text.slice(fn.range[0], fn.body.range[0]);
				const keyword = /^async\s+/.exec(head);
				if (keyword === null) return null;
				const waits = suspensionsIn(fn.body, sourceCode);
				const known = waits.every(
					(wait) => wait.type === "AwaitExpression" && file.shape(wait.argument)?.is === "future",
				);
				if (!known) return null;
				return [
					fixer.removeRange([fn.range[0], fn.range[0] + keyword[0].length]),
					...waits.map((wait) => fixer.replaceTextRange([wait.range[0], wait.range[0] + 5], "yield*")),
				];
			};
		}
	},
});

/** Functions whose generator is a body, and never an iterable. */
const BODY_TAKERS = new Set(["asyncFn", "promiseFn", "spawn", "run", "main", "scope", "Scope.spawn"]);
