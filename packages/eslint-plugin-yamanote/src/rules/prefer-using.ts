/**
 * Guards, permits and channel ends are given back when they are disposed. `using` does that on every way out of a
 * block: at its end, on `return`, on a failure, and when the task is cancelled.
 */
import { type FileModel, fileOf } from "../analysis/file.ts";
import type { RuleModule } from "../ast/eslint.ts";
import type { CallExpression, Node, VariableDeclarator } from "../ast/nodes.ts";
import {
	contains,
	enclosingFunction,
	isSuspension,
	memberName,
	statementsOf,
	unwrap,
	walkSameFunction,
	wrapped,
} from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const preferUsing: RuleModule = defineRule({
	name: "prefer-using",
	description: "guards, permits and channel ends are held with `using`",
	type: "suggestion",
	recommended: true,
	fixable: true,
	messages: {
		released:
			"`{{name}}` is given back by hand: on a failure or a cancel before that line it stays held. Write `using {{name}} = …`, which gives it back on every way out{{or}}.",
		releasedInFinally:
			"`{{name}}` is given back in a `finally`, which is easily lost. Write `using {{name}} = …`: that is one line, and gives it back on every way out.",
		neverReleased:
			"`{{name}}` is never given back: the {{what}} stays held when this block ends. Write `using {{name}} = …`{{or}}.",
		unbound:
			"The {{what}} that this takes is dropped without being given back, and stays held for good. Write `using held = {{text}}`{{or}}.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		// Plain JavaScript is run as it is written, and most engines do not have `using` yet.
		const isJavaScript = /\.[cm]?jsx?$/.test(file.filename);
		const or = isJavaScript ? ", or give it back in a `finally` where the engine does not have that" : "";
		return {
			VariableDeclarator(node) {
				if (node.id.type !== "Identifier" || node.init === null) return;
				const what = heldThing(file, node.init);
				if (what === undefined) return;
				check(node, what);
			},
			ExpressionStatement(node) {
				const value = unwrap(node.expression);
				if (!isSuspension(value) || file.shape(value)?.is !== "instance") return;
				const what = heldThing(file, value);
				if ((what !== "lock" && what !== "permit") || hasAddPermits(file)) return;
				const text = context.sourceCode.getText(value);
				context.report({ node, messageId: "unbound", data: { what, text, or } });
			},
		};

		function check(node: VariableDeclarator, what: string): void {
			const declaration = node.parent;
			if (declaration?.type !== "VariableDeclaration" || node.id.type !== "Identifier") return;
			if (declaration.kind === "using" || declaration.kind === "await using") return;
			// `using` belongs to a block; a module or a `switch` case has none of its own.
			if (declaration.parent?.type !== "BlockStatement" && declaration.parent?.type !== "StaticBlock") return;
			const variable = file.declared(node.id);
			if (variable === undefined) return;
			const releases: CallExpression[] = [];
			for (const { identifier, init } of variable.references) {
				if (init === true) continue;
				const use = useOf(identifier, what);
				if (use === undefined || enclosingFunction(identifier) !== enclosingFunction(node)) return;
				if (use.released !== undefined) releases.push(use.released);
			}
			if (releases.length > 0 && releases.some((release) => isEarly(node, declaration.parent, release))) return;
			const inFinally = releases.some((release) => isInFinallyAfter(node, declaration.parent, release));
			if (inFinally && isJavaScript) return;
			const canFix = declaration.declarations.length === 1 && declaration.kind === "const" && !isJavaScript;
			context.report({
				node: node.id,
				messageId: inFinally ? "releasedInFinally" : releases.length > 0 ? "released" : "neverReleased",
				data: { name: node.id.name, what, or },
				fix: canFix
					? (fixer) => [
							fixer.replaceTextRange([declaration.range[0], declaration.range[0] + declaration.kind.length], "using"),
						]
					: null,
			});
		}

		/** Whether the statement does anything that the lock could have been kept for. */
		function works(statement: Node): boolean {
			return walkSameFunction(statement, context.sourceCode, (inner) =>
				isSuspension(inner) || inner.type === "CallExpression" || inner.type === "NewExpression" ? "stop" : undefined,
			);
		}

		/** `const guard = …; try {…} finally { guard.release(); }`, with nothing in between that could fail. */
		function isInFinallyAfter(node: VariableDeclarator, block: Node | null, release: CallExpression): boolean {
			if (block === null) return false;
			const statements = statementsOf(block);
			const from = statements.findIndex((statement) => contains(statement, node));
			const to = statements.findIndex((statement) => contains(statement, release));
			const around = statements[to];
			if (around?.type !== "TryStatement" || around.finalizer === null || from < 0) return false;
			return contains(around.finalizer, release) && !statements.slice(from + 1, to).some(works);
		}

		/**
		 * Given back on purpose before the block ends, with no wait and no way out in between: a short critical section,
		 * which `using` would make longer.
		 */
		function isEarly(node: VariableDeclarator, block: Node | null, release: CallExpression): boolean {
			if (block === null) return false;
			const statements = statementsOf(block);
			const from = statements.findIndex((statement) => contains(statement, node));
			const to = statements.findIndex((statement) => contains(statement, release));
			if (from < 0 || to <= from || to === statements.length - 1) return false;
			if (statements[to]?.type !== "ExpressionStatement" || !statements.slice(to + 1).some(works)) return false;
			return !statements
				.slice(from + 1, to)
				.some((statement) =>
					walkSameFunction(statement, context.sourceCode, (inner) =>
						isSuspension(inner) || inner.type === "ReturnStatement" || inner.type === "ThrowStatement"
							? "stop"
							: undefined,
					),
				);
		}
	},
});

const WHAT: Readonly<Record<string, string>> = {
	Guard: "lock",
	SyncGuard: "lock",
	Permit: "permit",
	DropGuard: "drop guard",
};
/** Calls that make one more end of a channel: an end that this code alone has to close. */
const END_MAKERS = new Set(["clone", "subscribe", "resubscribe"]);
const RELEASING = new Set(["release", "unlock", "dispose", "drop", "close", "@@dispose"]);
/** Methods of a held thing that say its fate was decided: it is not to be given back here. */
const DECIDING = new Set(["forget", "intoInner", "detach", "downgrade", "disarm"]);

/** What kind of thing the expression takes hold of, if it is one that must be given back. */
function heldThing(file: FileModel, init: Node): string | undefined {
	const value = unwrap(init);
	const shape = file.shape(value);
	if (shape?.is !== "instance") return undefined;
	const what = WHAT[shape.of];
	if (what !== undefined) {
		const isAcquired = isSuspension(value) || value.type === "CallExpression";
		return isAcquired ? what : undefined;
	}
	if (value.type !== "CallExpression") return undefined;
	const method = memberName(unwrap(value.callee));
	return method !== undefined && END_MAKERS.has(method) && /Sender|Receiver/.test(shape.of) ? "channel end" : undefined;
}

/** How one mention of the variable uses it; `undefined` if the thing is passed on and has another owner now. */
function useOf(identifier: Node, what: string): { readonly released?: CallExpression } | undefined {
	const parent = wrapped(identifier).parent;
	if (parent?.type !== "MemberExpression" || unwrap(parent.object) !== identifier) {
		// A test of whether there is one: `if (guard)`, `guard === undefined`, `!guard`.
		if (parent?.type === "IfStatement" || parent?.type === "BinaryExpression") return {};
		return parent?.type === "UnaryExpression" && parent.operator === "!" ? {} : undefined;
	}
	const name = memberName(parent);
	const call = parent.parent?.type === "CallExpression" && parent.parent.callee === parent ? parent.parent : undefined;
	if (call === undefined) return name === undefined || !RELEASING.has(name) ? {} : undefined;
	if (name !== undefined && RELEASING.has(name)) return { released: call };
	// A permit of a channel is spent by sending with it.
	if (name === "send" && what === "permit") return undefined;
	return name !== undefined && DECIDING.has(name) ? undefined : {};
}

/** `sem.addPermits(n)` elsewhere: permits are tokens that are spent, and refilled by a clock. */
function hasAddPermits(file: FileModel): boolean {
	return file.source.text.includes(".addPermits(");
}
