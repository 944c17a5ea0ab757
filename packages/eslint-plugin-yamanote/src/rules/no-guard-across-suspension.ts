/**
 * A guard of a synchronous lock must be given back before the task waits: while it waits, every other task that
 * wants the lock can only fail. The same goes for any resource that is documented with `@noAwait`.
 */
import { fileOf } from "../analysis/file.ts";
import type { Shape } from "../analysis/shape.ts";
import { typedTag } from "../analysis/types.ts";
import type { RuleModule } from "../ast/eslint.ts";
import type { CallExpression, Node, VariableDeclarator } from "../ast/nodes.ts";
import {
	contains,
	isFunction,
	isStatementList,
	isSuspension,
	memberName,
	statementsOf,
	unwrap,
	walkSameFunction,
} from "../ast/query.ts";
import { defineRule } from "../rule.ts";

interface Options {
	/** Functions and methods whose result must not live across a wait: `acquireSync`, `db.lockSync`. */
	readonly guards?: readonly string[];
	/** Also report the guards of async locks that are held while waiting for a foreign promise. */
	readonly foreignAwait?: boolean;
}

export const noGuardAcrossSuspension: RuleModule = defineRule({
	name: "no-guard-across-suspension",
	description: "a synchronous guard is not held while the task waits",
	type: "problem",
	recommended: true,
	schema: [
		{
			type: "object",
			properties: {
				guards: { type: "array", items: { type: "string" }, uniqueItems: true },
				foreignAwait: { type: "boolean" },
			},
			additionalProperties: false,
		},
	],
	messages: {
		held: "`{{name}}` (line {{line}}) is still held here, and while this waits nobody else can take it. Let go of it before, by a block of its own, or use the async `Mutex`, whose guard may be held while waiting.",
		foreign:
			"The lock of `{{name}}` (line {{line}}) is held while this waits for a foreign promise, which no cancel can end. Do the waiting first, or put a `timeout` around it.",
		callback:
			"`{{call}}` lets go of the lock when its callback returns, which for {{kind}} is before the first wait. Use the async `Mutex`, or wait outside.",
	},
	create(context) {
		const file = fileOf(context);
		const { sourceCode } = context;
		const options = (context.options[0] ?? {}) as Options;
		const guards = new Set(options.guards ?? []);
		const isTagged = sourceCode.text.includes("@noAwait");
		const hasTypes = Boolean((sourceCode.parserServices as { program?: unknown } | undefined)?.program);
		if (!file.usesYamanote && guards.size === 0 && !isTagged && !hasTypes) return {};
		return {
			VariableDeclarator(node) {
				if (node.init === null || node.id.type !== "Identifier") return;
				const kind = guardKind(node.init);
				if (kind === undefined) return;
				const wait = firstWaitWhileHeld(node, kind);
				if (wait === undefined) return;
				context.report({
					node: wait,
					messageId: kind === "sync" ? "held" : "foreign",
					data: { name: node.id.name, line: String(node.loc.start.line) },
				});
			},
			CallExpression(node) {
				const callee = unwrap(node.callee);
				const [callback] = node.arguments;
				if (callee.type !== "MemberExpression" || memberName(callee) !== "withLock" || callback === undefined) return;
				const receiver = file.shape(callee.object);
				const body = unwrap(callback);
				if (receiver?.is !== "instance" || receiver.of !== "SyncMutex" || !isFunction(body)) return;
				if (!body.async && !body.generator) return;
				context.report({
					node: callback,
					messageId: "callback",
					data: {
						call: sourceCode.getText(callee),
						kind: body.generator ? "a generator" : "an async function",
					},
				});
			},
		};

		function guardKind(init: Node): "sync" | "async" | undefined {
			const value = unwrap(init);
			const shape = file.shape(value);
			if (shape?.is === "instance" && shape.of === "SyncGuard") return "sync";
			if (shape?.is === "instance" && shape.of === "Guard") {
				return options.foreignAwait === true && isSuspension(value) ? "async" : undefined;
			}
			if (value.type === "NewExpression") {
				const made = file.shape(value.callee);
				return (made?.is === "class" && hasTag(made.class)) || isTypedGuard(value) ? "sync" : undefined;
			}
			if (value.type !== "CallExpression") return undefined;
			return isNamedGuard(value) || isDocumentedGuard(value) || isTypedGuard(value) ? "sync" : undefined;
		}

		function isNamedGuard(call: CallExpression): boolean {
			if (guards.size === 0) return false;
			const callee = unwrap(call.callee);
			const name = callee.type === "Identifier" ? callee.name : memberName(callee);
			return (name !== undefined && guards.has(name)) || guards.has(sourceCode.getText(callee));
		}

		/** A call of a function, or of a method of a class, that this file documents with `@noAwait`. */
		function isDocumentedGuard(call: CallExpression): boolean {
			if (!isTagged) return false;
			const shape: Shape | undefined = file.shape(call.callee);
			if (shape?.is === "function" && shape.node !== undefined && hasTag(shape.node)) return true;
			const made = file.shape(call);
			return made?.is === "object" && hasTag(made.class);
		}

		function isTypedGuard(value: Node): boolean {
			if (!hasTypes) return false;
			if (typedTag(sourceCode, value, "noAwait")) return true;
			return value.type === "CallExpression" && typedTag(sourceCode, unwrap(value.callee), "noAwait");
		}

		function hasTag(node: Node): boolean {
			for (let at: Node | null = node; at && !isStatementList(at) && at.type !== "ClassBody"; at = at.parent) {
				if (sourceCode.getCommentsBefore(at).some((comment) => /@noAwait\b/.test(comment.value))) return true;
			}
			return false;
		}

		/** The first wait after the declaration while what it took hold of is not given back. */
		function firstWaitWhileHeld(node: VariableDeclarator, kind: "sync" | "async"): Node | undefined {
			const declaration = node.parent;
			const block = declaration?.parent;
			if (declaration?.type !== "VariableDeclaration" || !block || !isStatementList(block)) return undefined;
			const statements = statementsOf(block);
			const isUsing = declaration.kind === "using" || declaration.kind === "await using";
			for (const statement of statements.slice(statements.indexOf(declaration) + 1)) {
				const wait = waitIn(statement, kind);
				const release = isUsing ? undefined : releaseIn(statement, node);
				if (release !== undefined) {
					// A release in `finally` comes after the waits of its `try`; one in the middle comes before those after it.
					const isBefore = wait !== undefined && wait.range[0] < release.range[0];
					return isBefore ? wait : undefined;
				}
				if (wait !== undefined) return wait;
			}
			return undefined;
		}

		function waitIn(statement: Node, kind: "sync" | "async"): Node | undefined {
			let found: Node | undefined;
			walkSameFunction(statement, sourceCode, (inner) => {
				const isWait = isSuspension(inner) || (inner.type === "ForOfStatement" && inner.await);
				if (!isWait) return undefined;
				if (kind === "async" ? !isForeignWait(inner) : isNoWait(inner)) return undefined;
				found = inner;
				return "stop";
			});
			return found;
		}

		function releaseIn(statement: Node, node: VariableDeclarator): Node | undefined {
			if (node.id.type !== "Identifier") return undefined;
			const variable = file.declared(node.id);
			return variable?.references
				.map((reference) => reference.identifier)
				.find((identifier) => {
					if (!contains(statement, identifier)) return false;
					const member = identifier.parent;
					const name = member?.type === "MemberExpression" ? memberName(member) : undefined;
					return name !== undefined && RELEASING.has(name);
				});
		}

		/** `yield* fail(…)` ends the function, it does not wait. */
		function isNoWait(wait: Node): boolean {
			if (wait.type !== "YieldExpression" || wait.argument === null) return false;
			const shape = file.shape(wait.argument);
			return shape?.is === "future" && (shape.by === "fail" || shape.by === "ready");
		}

		function isForeignWait(wait: Node): boolean {
			if (wait.type !== "AwaitExpression" && wait.type !== "YieldExpression") return false;
			const shape = wait.argument === null ? undefined : file.shape(wait.argument);
			return shape?.is === "promise" || (shape?.is === "future" && shape.by === "fromPromise");
		}
	},
});

const RELEASING = new Set(["release", "unlock", "dispose", "drop", "close", "@@dispose"]);
