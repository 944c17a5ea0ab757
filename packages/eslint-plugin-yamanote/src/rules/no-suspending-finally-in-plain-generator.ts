/**
 * A `finally` that waits runs in `asyncFn` frames and in task bodies. In a plain generator to which another one
 * delegates it cannot: to unwind it the runtime would have to bring the cancelled caller back to life, so the
 * clean-up is cut off at its first wait and reported as an `AsyncCleanupError`.
 */
import { fileOf } from "../analysis/file.ts";
import { takingCall } from "../analysis/parameters.ts";
import { functionName, isTakenDirectly, isTaskGenerator, takesTasks } from "../analysis/tasks.ts";
import type { RuleModule } from "../ast/eslint.ts";
import { toAsyncFn } from "../ast/fix.ts";
import type { FunctionNode, Node } from "../ast/nodes.ts";
import { isSuspension, walkSameFunction } from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const noSuspendingFinallyInPlainGenerator: RuleModule = defineRule({
	name: "no-suspending-finally-in-plain-generator",
	description: "clean-up that waits needs an `asyncFn` frame",
	type: "problem",
	recommended: true,
	suggests: true,
	messages: {
		suspends:
			"This `finally` waits, and `{{name}}` is a plain `function*`: when it is cancelled inside another generator, its clean-up is cut off here. Declare it with `asyncFn(function* …)`.",
		makeAsyncFn: "Declare `{{name}}` with `asyncFn`.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		return {
			TryStatement(node) {
				if (node.finalizer === null) return;
				let wait: Node | undefined;
				walkSameFunction(node.finalizer, context.sourceCode, (inner) => {
					if (!isSuspension(inner) || inner.type !== "YieldExpression" || !inner.delegate) return undefined;
					wait = inner;
					return "stop";
				});
				if (wait === undefined) return;
				const fn = plainGenerator(node);
				if (fn === undefined) return;
				const name = functionName(fn) ?? "this generator";
				context.report({
					node: wait,
					messageId: "suspends",
					data: { name },
					suggest: [
						{
							messageId: "makeAsyncFn",
							data: { name },
							fix: (fixer) => toAsyncFn(file, fixer, fn) ?? null,
						},
					],
				});
			},
		};

		function plainGenerator(node: Node): FunctionNode | undefined {
			for (let at: Node | null = node; at; at = at.parent) {
				if (at.type === "ArrowFunctionExpression") return undefined;
				if (at.type !== "FunctionDeclaration" && at.type !== "FunctionExpression") continue;
				if (!at.generator || at.async || isTakenDirectly(file, at) || !isTaskGenerator(file, at)) return undefined;
				return !hasName(at) || isOnlyTaskBody(at) ? undefined : at;
			}
			return undefined;
		}

		/** A generator that is made and handed on at once may become anything, a task's body too. */
		function hasName(fn: FunctionNode): boolean {
			return fn.type === "FunctionDeclaration" || functionName(fn) !== undefined;
		}

		/** `spawn(worker())` and `spawn(worker)`: the generator is the body of its task, and can clean up as it likes. */
		function isOnlyTaskBody(fn: FunctionNode): boolean {
			const name = fn.type === "FunctionDeclaration" ? fn.id : null;
			const declarator = fn.parent?.type === "VariableDeclarator" ? fn.parent.id : name;
			const variable = declarator ? file.declared(declarator) : undefined;
			if (variable === undefined) return false;
			const uses = variable.references.filter((reference) => reference.init !== true);
			if (uses.length === 0) return false;
			return uses.every(({ identifier }) => {
				const isCallee = identifier.parent?.type === "CallExpression" && identifier.parent.callee === identifier;
				const taker = takingCall(isCallee && identifier.parent ? identifier.parent : identifier);
				return taker !== undefined && takesTasks(file, taker);
			});
		}
	},
});
