/**
 * `fail(error)` is a future that fails when it is polled. `return yield* fail(error)` is the one form in which it
 * fails, ends the function in the eyes of TypeScript too, and puts the error's type into the function's.
 */
import { fileOf } from "../analysis/file.ts";
import { isTaskGenerator } from "../analysis/tasks.ts";
import type { RuleModule } from "../ast/eslint.ts";
import type { Node } from "../ast/nodes.ts";
import { closest, enclosingFunction, wrapped } from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const returnYieldFail: RuleModule = defineRule({
	name: "return-yield-fail",
	description: "failures are raised by `return yield* fail(error)`",
	type: "problem",
	recommended: true,
	fixable: true,
	messages: {
		missingReturn:
			"Write `return yield* fail(…)`: without `return`, TypeScript takes the code after it for reachable and cannot narrow what you just checked.",
		missingYield:
			"`return fail(…)` hands a future back as the value of this function: the caller gets an object, and no failure. Write `return yield* fail(…)`.",
		thrown:
			"`throw fail(…)` throws a future, not the error in it. Write `return yield* fail(…)`, or `throw` the error itself.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		return {
			CallExpression(node) {
				const callee = file.shape(node.callee);
				if (callee?.is !== "api" || callee.name !== "fail") return;
				const expression = wrapped(node);
				const parent = expression.parent;
				const fn = enclosingFunction(node);
				if (!parent || !fn?.generator || fn.async) return;
				if (parent.type === "ReturnStatement" && isTaskGenerator(file, fn)) {
					context.report({
						node,
						messageId: "missingYield",
						fix: (fixer) => fixer.insertTextBefore(node, "yield* "),
					});
				} else if (parent.type === "ThrowStatement") {
					context.report({
						node: parent,
						messageId: "thrown",
						fix: (fixer) => fixer.replaceTextRange([parent.range[0], expression.range[0]], "return yield* "),
					});
				} else if (parent.type === "YieldExpression" && parent.delegate) {
					const statement = wrapped(parent).parent;
					if (statement?.type !== "ExpressionStatement" || inFinally(statement)) return;
					context.report({
						node: parent,
						messageId: "missingReturn",
						fix: (fixer) => fixer.insertTextBefore(statement, "return "),
					});
				}
			},
		};
	},
});

/** A `return` in a `finally` swallows the failure that is on its way: there the statement stands as it is. */
function inFinally(statement: Node): boolean {
	const fn = enclosingFunction(statement);
	let child: Node = statement;
	return (
		closest(
			statement,
			(node) => {
				const isFinalizer = node.type === "TryStatement" && node.finalizer === child;
				child = node;
				return isFinalizer;
			},
			fn,
		) !== undefined
	);
}
