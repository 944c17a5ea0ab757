/**
 * In an async function, cancellation is one rejection of a wait. A `catch` that takes every error takes it too, and
 * when the function then goes on waiting, the task it was told to end lives on. (In generators a cancel is no error
 * and no `catch` sees it.)
 */
import { fileOf } from "../analysis/file.ts";
import { isTaskAsync } from "../analysis/tasks.ts";
import type { RuleModule } from "../ast/eslint.ts";
import type { CatchClause, FunctionNode, Node, TryStatement } from "../ast/nodes.ts";
import {
	contains,
	enclosingFunction,
	hasSuspension,
	isFunction,
	isLoop,
	isStatementList,
	statementsOf,
	walk,
	walkSameFunction,
} from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const noSwallowedCancel: RuleModule = defineRule({
	name: "no-swallowed-cancel",
	description: "a `catch` in an async task lets a cancel through",
	type: "problem",
	recommended: true,
	suggests: true,
	messages: {
		swallowed:
			"This `catch` also takes the cancellation of the task, which then goes on waiting ({{where}}). Let it through: `if (error instanceof CancelledError) throw error;`, or `signal.throwIfAborted();`.",
		rethrow: "Let a cancellation through.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		const { sourceCode } = context;
		return {
			TryStatement(node) {
				const { handler } = node;
				if (handler === null) return;
				const fn = enclosingFunction(node);
				if (fn === undefined || !isTaskAsync(file, fn)) return;
				if (!hasSuspension(node.block, sourceCode) || asksForCancel(handler) || leaves(handler.body, node)) return;
				const next = waitAfter(node, handler, fn);
				if (next === undefined) return;
				context.report({
					loc: { start: handler.loc.start, end: handler.body.loc.start },
					messageId: "swallowed",
					data: { where: next === "loop" ? "in the next round of the loop" : `line ${next.loc.start.line}` },
					suggest: [
						{
							messageId: "rethrow",
							fix(fixer) {
								const name = handler.param?.type === "Identifier" ? handler.param.name : undefined;
								if (name === undefined) return null;
								const check = ` if (${name} instanceof Error && ${name}.name === "AbortError") throw ${name};`;
								return fixer.insertTextAfterRange([handler.body.range[0], handler.body.range[0] + 1], check);
							},
						},
					],
				});
			},
		};

		/** Whether the handler looks at what it caught, or at the signal, in a way that can tell a cancel. */
		function asksForCancel(handler: CatchClause): boolean {
			return walk(handler.body, sourceCode, (node) => {
				if (node.type === "ThrowStatement") return "stop";
				if (node.type === "Identifier" && CANCEL_NAMES.test(node.name)) return "stop";
				if (node.type === "Literal" && typeof node.value === "string" && CANCEL_NAMES.test(node.value)) return "stop";
				if (node.type === "BinaryExpression" && node.operator === "instanceof") return "stop";
				return undefined;
			});
		}

		/** Whether the handler always ends the function, or the loop around the `try` with nothing to wait for after. */
		function leaves(body: Node, around: TryStatement): boolean {
			const statements = statementsOf(body);
			const last = statements[statements.length - 1];
			if (last === undefined) return false;
			if (last.type === "ReturnStatement") return !(last.argument && hasSuspension(last.argument, sourceCode));
			if (last.type === "BreakStatement") {
				const loop = loopAround(around);
				return loop !== undefined && nextWait(loop, enclosingFunction(around)) === undefined;
			}
			if (last.type === "ExpressionStatement" && /^process\.exit\(/.test(sourceCode.getText(last))) return true;
			return false;
		}

		function waitAfter(node: TryStatement, handler: CatchClause, fn: FunctionNode): Node | "loop" | undefined {
			if (isInCheckedLoop(node)) return undefined;
			let own: Node | undefined;
			walkSameFunction(handler.body, sourceCode, (inner) => {
				if (inner.type !== "AwaitExpression") return undefined;
				own = inner;
				return "stop";
			});
			return own ?? nextWait(node, fn);
		}

		/** `while (!signal.aborted) {…}`: one more wait, then the loop ends. */
		function isInCheckedLoop(node: Node): boolean {
			for (let at = node.parent; at && !isFunction(at); at = at.parent) {
				if (at.type !== "WhileStatement" && at.type !== "DoWhileStatement" && at.type !== "ForStatement") continue;
				if (at.test !== null && checksSignal(at.test)) return true;
			}
			return false;
		}

		/** The next wait after a statement: further down, or in the next round of a loop that nobody stops. */
		function nextWait(statement: Node, fn: FunctionNode | undefined): Node | "loop" | undefined {
			for (let at: Node = statement; at.parent && at !== fn && !isFunction(at); at = at.parent) {
				const list = at.parent;
				if (isStatementList(list)) {
					const siblings = statementsOf(list);
					for (const sibling of siblings.slice(siblings.indexOf(at) + 1)) {
						if (checksSignal(sibling)) return undefined;
						const wait = firstWait(sibling);
						if (wait !== undefined) return wait;
						if (sibling.type === "ReturnStatement" || sibling.type === "ThrowStatement") return undefined;
					}
				}
				if (isLoop(list) && contains(list.body, at)) {
					return checksSignal(list.body) ? undefined : "loop";
				}
			}
			return undefined;
		}

		function firstWait(statement: Node): Node | undefined {
			let found: Node | undefined;
			walkSameFunction(statement, sourceCode, (node) => {
				if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await)) {
					found = node;
					return "stop";
				}
				return undefined;
			});
			return found;
		}

		/** `signal.aborted`, `throwIfAborted()`, `throwIfCancelled()`: asked before the next wait. */
		function checksSignal(statement: Node): boolean {
			return walkSameFunction(statement, sourceCode, (node) =>
				node.type === "Identifier" && ASKING.test(node.name) ? "stop" : undefined,
			);
		}

		function loopAround(node: Node): Node | undefined {
			for (let at = node.parent; at && !isFunction(at); at = at.parent) if (isLoop(at)) return at;
			return undefined;
		}
	},
});

const CANCEL_NAMES = /cancel|abort/i;
const ASKING = /^(?:aborted|throwIfAborted|throwIfCancelled|isCancelled|cancelled)$/;
