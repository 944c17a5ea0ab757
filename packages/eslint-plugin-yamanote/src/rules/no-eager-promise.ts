/**
 * A promise is already running when it is handed over. What cancels its losers (`select`, `timeout`, `tryJoin`)
 * cannot cancel it, and what runs its work again (`retry`) cannot run it again.
 */
import { fileOf } from "../analysis/file.ts";
import type { Shape } from "../analysis/shape.ts";
import type { FixFunction, RuleModule } from "../ast/eslint.ts";
import type { CallExpression, Node } from "../ast/nodes.ts";
import { calleeText, enclosingFunction, excerpt, memberName, unwrap } from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const noEagerPromise: RuleModule = defineRule({
	name: "no-eager-promise",
	description: "what is to be cancelled is passed as a future or a function, not as a running promise",
	type: "problem",
	recommended: true,
	suggests: true,
	messages: {
		eager:
			"`{{what}}` is already running when `{{taker}}` gets it, so {{harm}}. Pass a function that starts it: `({ signal }) => {{what}}`, and give it the signal.",
		lazy: "Pass a function that starts it.",
		lazySignal: "Pass a function that starts it with the task's signal.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		const { sourceCode } = context;
		return {
			CallExpression(node) {
				const taker = takerOf(node);
				if (taker === undefined) return;
				for (const value of valuesOf(node, taker.position)) {
					const started = startedBy(value);
					if (started === undefined) continue;
					context.report({
						node: value,
						messageId: "eager",
						data: { what: excerpt(started, sourceCode), taker: calleeText(node.callee, sourceCode), harm: taker.harm },
						suggest: started === unwrap(value) ? suggestions(started) : [],
					});
				}
			},
		};

		function takerOf(node: CallExpression): Taker | undefined {
			const callee = unwrap(node.callee);
			const shape = file.shape(callee);
			if (shape?.is === "api") return TAKERS[shape.name];
			const name = memberName(callee);
			if (name !== "spawn" || callee.type !== "MemberExpression") return undefined;
			const receiver: Shape | undefined = file.shape(callee.object);
			return receiver?.is === "instance" ? TAKERS["spawn"] : undefined;
		}

		/** The expression that started the promise, if the value is one that was started for this very call. */
		function startedBy(value: Node): Node | undefined {
			const inner = unwrap(value);
			if (inner.type === "Identifier") {
				// A promise that is kept in a variable may be shared on purpose; one that is only passed on is not.
				const variable = file.variable(inner);
				if (variable === undefined || enclosingFunction(inner) === undefined) return undefined;
				const init = file.initializer(variable);
				const reads = variable.references.filter((reference) => reference.init !== true);
				if (init === undefined || reads.length !== 1) return undefined;
				if (enclosingFunction(init) !== enclosingFunction(inner)) return undefined;
				return isStarted(unwrap(init)) ? unwrap(init) : undefined;
			}
			return isStarted(inner) ? inner : undefined;
		}

		function isStarted(value: Node): boolean {
			if (value.type === "NewExpression") return file.shape(value)?.is === "promise";
			if (value.type !== "CallExpression" || file.shape(value)?.is !== "promise") return false;
			const callee = unwrap(value.callee);
			// A settled promise has nothing left to cancel, and `run` is given its own signal.
			if (callee.type === "MemberExpression" && file.isGlobal(callee.object, "Promise")) {
				const name = memberName(callee);
				return name !== "resolve" && name !== "reject";
			}
			return true;
		}

		function suggestions(call: Node): { messageId: string; fix: FixFunction }[] {
			const withSignal = signalArgument(call);
			if (withSignal !== undefined) {
				return [{ messageId: "lazySignal", fix: (fixer) => fixer.replaceText(call, `({ signal }) => ${withSignal}`) }];
			}
			const hasAwait = /\b(?:await|yield)\b/.test(sourceCode.getText(call));
			if (hasAwait || call.type !== "CallExpression") return [];
			return [{ messageId: "lazy", fix: (fixer) => fixer.insertTextBefore(call, "() => ") }];
		}

		/** `fetch(url)` and `fetch(url, { … })` with the signal put in. */
		function signalArgument(call: Node): string | undefined {
			if (call.type !== "CallExpression" || !file.isGlobal(call.callee, "fetch")) return undefined;
			const [url, options] = call.arguments;
			if (url === undefined || /\b(?:await|yield)\b/.test(sourceCode.getText(call))) return undefined;
			if (options === undefined) return `fetch(${sourceCode.getText(url)}, { signal })`;
			const text = sourceCode.getText(options);
			if (options.type !== "ObjectExpression" || /\bsignal\b/.test(text)) return undefined;
			if (options.properties.length === 0) return `fetch(${sourceCode.getText(url)}, { signal })`;
			return `fetch(${sourceCode.getText(url)}, { signal, ${text.slice(1).trimStart()})`;
		}
	},
});

interface Taker {
	/** Which argument holds the futures; negative counts from the end of what is there. */
	readonly position: number;
	readonly harm: string;
}

const LOSER = "the loser goes on running";
const TAKERS: Readonly<Record<string, Taker>> = {
	select: { position: 0, harm: LOSER },
	race: { position: 0, harm: LOSER },
	tryJoin: { position: 0, harm: "it runs on when another one fails" },
	timeout: { position: 1, harm: "it runs on after the deadline" },
	deadline: { position: 1, harm: "it runs on after the deadline" },
	timeoutAt: { position: 1, harm: "it runs on after the deadline" },
	retry: { position: 1, harm: "no second attempt can be made" },
	spawn: { position: 0, harm: "aborting the task does not stop it" },
	"Scope.spawn": { position: 0, harm: "aborting the task does not stop it" },
};

function valuesOf(node: CallExpression, position: number): Node[] {
	const argument = node.arguments[position];
	if (argument === undefined) return [];
	const value = unwrap(argument);
	if (value.type === "ArrayExpression") {
		return value.elements.flatMap((element) => (element === null || element.type === "SpreadElement" ? [] : [element]));
	}
	if (value.type === "ObjectExpression") {
		return value.properties.flatMap((property) => (property.type === "Property" ? [property.value] : []));
	}
	// `race(urls.map((url) => fetch(url)))`
	if (value.type === "CallExpression" && memberName(unwrap(value.callee)) === "map") {
		const [mapper] = value.arguments;
		if (mapper?.type === "ArrowFunctionExpression" && !mapper.async && mapper.body.type !== "BlockStatement") {
			return [mapper.body];
		}
	}
	return [argument];
}
