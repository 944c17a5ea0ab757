/**
 * `await` of a plain generator compiles, gives back the generator object, and runs nothing. A named operation is an
 * `asyncFn(function* …)`, which can be awaited anywhere.
 */
import { type FileModel, fileOf } from "../analysis/file.ts";
import type { Shape } from "../analysis/shape.ts";
import { takesTasks } from "../analysis/tasks.ts";
import type { FixFunction, RuleModule } from "../ast/eslint.ts";
import { importName, toAsyncFn } from "../ast/fix.ts";
import type { CallExpression, FunctionNode, Node } from "../ast/nodes.ts";
import {
	calleeText,
	enclosingFunction,
	isFunction,
	memberName,
	unwrap,
	walkSameFunction,
	wrapped,
} from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const noAwaitBareGenerator: RuleModule = defineRule({
	name: "no-await-bare-generator",
	description: "`await` of a plain generator runs nothing",
	type: "problem",
	recommended: true,
	fixable: true,
	suggests: true,
	messages: {
		awaited:
			"`{{name}}` is a plain `function*`: `await {{name}}(…)` runs none of it and gives the generator object. Declare it with `asyncFn(function* …)`, or write `await run({{name}}(…))`.",
		then: "`{{name}}` is a plain `function*`, and what it returns has no `{{method}}`. Declare it with `asyncFn(function* …)`, or write `run({{name}}(…)).{{method}}(…)`.",
		combined:
			"`Promise.{{method}}` does not run a generator: `{{name}}(…)` stays where it is and comes back as the generator object. Declare `{{name}}` with `asyncFn(function* …)`, or use `tryJoin`.",
		mapped:
			"`Promise.{{method}}` does not run generators, and this function makes one for each item: they come back as generator objects. Use `tryJoin`, or `mapConcurrent`, which runs so many at a time.",
		makeAsyncFn: "Declare `{{name}}` with `asyncFn`.",
		run: "Run it: `run({{name}}(…))`.",
	},
	create(context) {
		const file = fileOf(context);
		const { sourceCode } = context;
		return {
			AwaitExpression(node) {
				const call = unwrap(node.argument);
				const fn = generatorCall(call);
				if (fn === undefined || isIteratedAfterwards(node)) return;
				report(call as CallExpression, fn, "awaited", "");
			},
			CallExpression(node) {
				const callee = unwrap(node.callee);
				const method = memberName(callee);
				if (method === undefined || callee.type !== "MemberExpression") return;
				if (THENABLE.has(method)) {
					const call = unwrap(callee.object);
					const fn = generatorCall(call);
					if (fn !== undefined) report(call as CallExpression, fn, "then", method);
				} else if (COMBINATORS.has(method) && file.isGlobal(callee.object, "Promise") && node.arguments[0]) {
					const mapper = mapperOf(unwrap(node.arguments[0]));
					if (mapper?.generator && !mapper.async && (file.usesYamanote || looksLikeTask(file, mapper))) {
						context.report({ node: mapper, messageId: "mapped", data: { method } });
					}
					for (const call of members(node.arguments[0])) {
						const fn = generatorCall(call);
						if (fn !== undefined) report(call as CallExpression, fn, "combined", method);
					}
				}
			},
		};

		function generatorCall(call: Node): Shape | undefined {
			if (call.type !== "CallExpression") return undefined;
			const shape = file.shape(call);
			if (shape?.is !== "generator") return undefined;
			// Where Yamanote is not used, a generator may still be driven by another library: then it is not awaited.
			return file.usesYamanote || looksLikeTask(file, shape.fn) ? shape : undefined;
		}

		function report(call: CallExpression, shape: Shape, messageId: string, method: string): void {
			const name = calleeText(call.callee, sourceCode);
			const fn = shape.is === "generator" ? shape.fn : undefined;
			const convert: FixFunction = (fixer) => (fn === undefined ? null : (toAsyncFn(file, fixer, fn) ?? null));
			const isConvertible = fn !== undefined && usedAsTaskOnly(fn);
			context.report({
				node: call,
				messageId,
				data: { name, method },
				fix: isConvertible ? convert : null,
				suggest: isConvertible
					? []
					: [
							{
								messageId: "run",
								data: { name },
								fix(fixer) {
									const imported = importName(file, fixer, "run", call);
									if (imported === undefined) return null;
									return [...imported.fixes, fixer.replaceText(call, `${imported.local}(${sourceCode.getText(call)})`)];
								},
							},
						],
			});
		}

		/** The fix changes what the name is, so every use of it must be one that an `asyncFn` serves as well. */
		function usedAsTaskOnly(fn: FunctionNode): boolean {
			const name = fn.type === "FunctionDeclaration" ? fn.id : declaratorName(fn);
			const variable = name === null ? undefined : file.declared(name);
			if (variable === undefined || fn.parent?.type === "ExportDefaultDeclaration") return false;
			const owner = enclosingFunction(fn);
			return variable.references.every((reference) => {
				if (reference.init === true) return true;
				const { identifier } = reference;
				// Before the declaration a constant cannot be used, where a function could.
				if (identifier.range[0] < fn.range[0] && enclosingFunction(identifier) === owner) return false;
				const call = identifier.parent;
				if (call?.type !== "CallExpression" || call.callee !== identifier) return false;
				const use = wrapped(call).parent;
				if (use?.type === "AwaitExpression") return true;
				if (use?.type === "YieldExpression") return use.delegate;
				if (use?.type === "CallExpression") return takesTasks(file, use);
				return use?.type === "ArrayExpression" || use?.type === "ArrowFunctionExpression";
			});
		}
	},
});

const THENABLE = new Set(["then", "catch", "finally"]);
const COMBINATORS = new Set(["all", "allSettled", "any", "race", "resolve"]);

function declaratorName(fn: FunctionNode): Node | null {
	return fn.parent?.type === "VariableDeclarator" && fn.parent.id.type === "Identifier" ? fn.parent.id : null;
}

/** The function of `ids.map(…)`, where it is written in place. */
function mapperOf(value: Node): FunctionNode | undefined {
	if (value.type !== "CallExpression" || memberName(unwrap(value.callee)) !== "map") return undefined;
	const [mapper] = value.arguments;
	return isFunction(mapper) ? mapper : undefined;
}

/** The values that a combinator is given: `[a(), b()]`, `ids.map((id) => a(id))`, or one value. */
function members(argument: Node): Node[] {
	const value = unwrap(argument);
	if (value.type === "ArrayExpression") {
		return value.elements.flatMap((element) => (element === null ? [] : [unwrap(element)]));
	}
	if (value.type === "CallExpression") {
		const mapper = mapperOf(value);
		if (mapper?.type === "ArrowFunctionExpression" && !mapper.async) {
			return mapper.body.type === "BlockStatement" ? [] : [unwrap(mapper.body)];
		}
		return [value];
	}
	return [];
}

/** `for (const x of await pages())`, `[...(await pages())]`: the generator object is what was wanted. */
function isIteratedAfterwards(node: Node): boolean {
	const use = wrapped(node).parent;
	if (use?.type === "ForOfStatement") return true;
	return use?.type === "SpreadElement" || use?.type === "MemberExpression" || use?.type === "VariableDeclarator"
		? use.type !== "VariableDeclarator" || use.id.type === "ArrayPattern"
		: false;
}

/** A generator that delegates and never yields a value of its own is written to be run, not iterated. */
function looksLikeTask(file: FileModel, fn: FunctionNode | undefined): boolean {
	if (fn === undefined) return false;
	let delegates = false;
	const yields = walkSameFunction(fn.body, file.source, (node) => {
		if (node.type !== "YieldExpression") return undefined;
		if (!node.delegate) return "stop";
		delegates = true;
		return undefined;
	});
	return delegates && !yields;
}
