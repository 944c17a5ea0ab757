/** An unbounded channel has no backpressure: a slow receiver shows as memory, minutes or days later. */
import { fileOf } from "../analysis/file.ts";
import type { RuleModule } from "../ast/eslint.ts";
import { defineRule } from "../rule.ts";

export const noUnboundedChannel: RuleModule = defineRule({
	name: "no-unbounded-channel",
	description: "channels are bounded, so that a slow receiver slows its senders",
	type: "suggestion",
	recommended: false,
	messages: {
		unbounded:
			"An unbounded channel grows for as long as its receiver is slower than its senders. Choose a bound: `{{module}}.channel(capacity)`, and let `send` wait.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		return {
			CallExpression(node) {
				const callee = file.shape(node.callee);
				if (callee?.is !== "api" || !UNBOUNDED.has(callee.name)) return;
				const module = callee.name.includes(".") ? callee.name.slice(0, callee.name.indexOf(".")) : "mpsc";
				context.report({ node, messageId: "unbounded", data: { module } });
			},
		};
	},
});

const UNBOUNDED = new Set([
	"mpsc.unboundedChannel",
	"mpsc.unbounded",
	"mpmc.unboundedChannel",
	"mpmc.unbounded",
	"unboundedChannel",
]);
