/**
 * A future does nothing until something polls it. A call whose future is dropped has done nothing at all, which is
 * the third pitfall of the async chapter: "future not polled".
 */
import { type FileModel, fileOf } from "../analysis/file.ts";
import { isLazy, type Shape } from "../analysis/shape.ts";
import { type Drop, dropOf, droppedBy } from "../analysis/uses.ts";
import type { FixFunction, RuleModule, Suggestion } from "../ast/eslint.ts";
import { importName, inParentheses } from "../ast/fix.ts";
import type { CallExpression, Node } from "../ast/nodes.ts";
import { calleeText, enclosingFunction, isFunction, unwrap } from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const noUnpolledFuture: RuleModule = defineRule({
	name: "no-unpolled-future",
	description: "a future whose result is dropped never runs",
	type: "problem",
	recommended: true,
	fixable: true,
	suggests: true,
	messages: {
		statement: "`{{call}}(…)` only makes a {{what}}: nothing runs until it is polled, and here it is dropped. {{how}}",
		void: "`void` does not start a {{what}}: `{{call}}(…)` never runs. Spawn it, or wait for it.",
		variable: "`{{name}}` holds a {{what}} that nothing uses, so `{{call}}(…)` never runs. {{how}}",
		callback:
			"`{{to}}` drops what its callback returns, and a {{what}} that is dropped never runs. Spawn it: `spawn({{call}}(…))`.",
		reference:
			"`{{to}}` calls `{{name}}` and drops the future that it returns, which then never runs. Wrap it: `() => { spawn({{name}}()); }`.",
		inline:
			"`{{to}}` calls this function and drops the {{what}} that it returns: none of the function runs. Give `promiseFn(function* …)`, which starts at the call, or a plain function that calls `spawn`.",
		tested: "`{{call}}(…)` is a {{what}}, not its result: it is always truthy, and it has not run. {{how}}",
		spawn: "Run it as a task of its own: `spawn({{call}}(…))`.",
		run: "Start it as a promise: `run({{call}}(…))`.",
	},
	create(context) {
		const file = fileOf(context);
		return {
			CallExpression(node) {
				checkReferences(node);
				const shape = mayBeDropped(node) ? file.shape(node) : undefined;
				if (!isLazy(shape) || !isOurs(file, shape)) return;
				const drop = dropOf(file, node);
				if (drop === undefined) return;
				report(node, shape, drop);
			},
		};

		function report(node: CallExpression, shape: Shape | undefined, drop: Drop): void {
			const call = calleeText(node.callee, context.sourceCode);
			const keyword = waitKeyword(node);
			const what = shape?.is === "generator" ? "generator object" : "future";
			const how =
				call === "fail" && keyword === "yield*"
					? "Write `return yield* fail(…)`."
					: keyword === undefined
						? `Write \`spawn(${call}(…))\` or \`run(${call}(…))\`.`
						: `Write \`${keyword} ${call}(…)\`, or \`spawn(${call}(…))\` to let it run beside this.`;
			const fixable = drop.how === "statement" || drop.how === "variable" || drop.how === "tested";
			const bareInAsync = shape?.is === "generator" && keyword === "await";
			context.report({
				node,
				messageId: drop.how,
				data: {
					call,
					what,
					how,
					name: drop.how === "variable" ? drop.name : "",
					to: drop.how === "callback" ? drop.to : "",
				},
				fix: fixable && keyword !== undefined && !bareInAsync ? waitFix(node, keyword, call) : null,
				suggest:
					drop.how === "tested" || drop.how === "variable" || call === "fail" ? [] : suggestions(node, drop, call),
			});
		}

		/** `setTimeout(save, 100)`, `button.addEventListener("click", save)`: the function itself is handed over. */
		function checkReferences(node: CallExpression): void {
			for (const argument of node.arguments) {
				const value = unwrap(argument);
				const isNamed = value.type === "Identifier" || value.type === "MemberExpression";
				const isWritten = isFunction(value) ? value.generator && !value.async : value.type === "CallExpression";
				if (!isNamed && !isWritten) continue;
				const drop = droppedBy(file, argument);
				if (drop?.how !== "callback") continue;
				const shape = file.shape(value);
				if (shape?.is !== "function" || (shape.kind !== "asyncFn" && shape.kind !== "generator")) continue;
				if (shape.kind === "generator" && !file.usesYamanote) continue;
				const { to } = drop;
				const what = shape.kind === "generator" ? "generator object" : "future";
				const data = isNamed ? { to, name: calleeText(value, context.sourceCode) } : { to, what };
				context.report({ node: argument, messageId: isNamed ? "reference" : "inline", data });
			}
		}

		function waitKeyword(node: Node): "yield*" | "await" | undefined {
			const fn = enclosingFunction(node);
			if (fn?.generator && !fn.async) return "yield*";
			return fn?.async ? "await" : undefined;
		}

		function waitFix(node: CallExpression, keyword: "yield*" | "await", call: string): FixFunction {
			const statement = node.parent?.type === "ExpressionStatement";
			// A failure that is waited for must also leave the function, or TypeScript thinks that the code goes on.
			const failing = statement && keyword === "yield*" && call === "fail";
			const text = `${failing ? "return " : ""}${keyword} ${context.sourceCode.getText(node)}`;
			return (fixer) => fixer.replaceText(node, inParentheses(node, text, context.sourceCode));
		}

		function suggestions(node: CallExpression, drop: Drop, call: string): Suggestion[] {
			const replaced = drop.how === "void" ? drop.node : node;
			const names = waitKeyword(node) === undefined ? ["spawn", "run"] : ["spawn"];
			return names.flatMap((name) => {
				const fix: FixFunction = (fixer) => {
					const imported = importName(file, fixer, name, node);
					if (imported === undefined) return null;
					const text = `${imported.local}(${context.sourceCode.getText(node)})`;
					return [...imported.fixes, fixer.replaceText(replaced, text)];
				};
				return [{ messageId: name, data: { call }, fix }];
			});
		}
	},
});

/** The parents under which a value can be dropped; all others use it, and their calls need no look-up. */
const DROPPING_PARENTS = new Set([
	"ExpressionStatement",
	"ChainExpression",
	"TSAsExpression",
	"TSNonNullExpression",
	"UnaryExpression",
	"LogicalExpression",
	"ConditionalExpression",
	"SequenceExpression",
	"IfStatement",
	"WhileStatement",
	"DoWhileStatement",
	"BinaryExpression",
	"TemplateLiteral",
	"VariableDeclarator",
	"ArrowFunctionExpression",
	"ReturnStatement",
]);

function mayBeDropped(node: CallExpression): boolean {
	return node.parent !== null && DROPPING_PARENTS.has(node.parent.type);
}

/** A bare generator may be anybody's: only where Yamanote is at work is a dropped one our business. */
function isOurs(file: FileModel, shape: Shape | undefined): boolean {
	return shape?.is === "future" || file.usesYamanote;
}
