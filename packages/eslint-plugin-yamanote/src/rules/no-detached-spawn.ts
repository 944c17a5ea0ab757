/**
 * A spawned task whose handle is dropped has no owner: nothing waits for it, nothing cancels it, and its failure is
 * reported rather than handled.
 */
import { fileOf } from "../analysis/file.ts";
import { dropOf } from "../analysis/uses.ts";
import type { RuleModule } from "../ast/eslint.ts";
import type { Node } from "../ast/nodes.ts";
import { memberName, unwrap } from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const noDetachedSpawn: RuleModule = defineRule({
	name: "no-detached-spawn",
	description: "every spawned task has an owner",
	type: "suggestion",
	recommended: false,
	suggests: true,
	messages: {
		detached:
			"Nobody owns this task: its handle is dropped, so nothing waits for it or cancels it. Spawn it in a `scope` or a `JoinSet`, keep the handle, or say that it is meant: `.detach()`.",
		detach: "It is meant to run on its own: `.detach()`.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		return {
			CallExpression(node) {
				if (!isFreeSpawn(node.callee)) return;
				const drop = dropOf(file, node);
				if (drop === undefined || drop.how === "tested") return;
				context.report({
					node,
					messageId: "detached",
					suggest:
						drop.how === "statement"
							? [{ messageId: "detach", fix: (fixer) => fixer.insertTextAfter(node, ".detach()") }]
							: [],
				});
			},
		};

		/** `spawn(…)`, `spawnBlocking(…)`, `runtime.spawn(…)`; a scope, a set or a tracker owns what it spawns. */
		function isFreeSpawn(calleeNode: Node): boolean {
			const callee = unwrap(calleeNode);
			const shape = file.shape(callee);
			if (shape?.is === "api") return shape.name === "spawn" || shape.name === "spawnBlocking";
			const name = memberName(callee);
			if (callee.type !== "MemberExpression" || (name !== "spawn" && name !== "spawnBlocking")) return false;
			const receiver = file.shape(callee.object);
			return receiver?.is === "instance" && (receiver.of === "Runtime" || receiver.of === "Handle");
		}
	},
});
