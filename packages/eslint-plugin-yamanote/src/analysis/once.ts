/**
 * Work that is done once and kept: `config ??= read()`, `if (!config) config = read()`, `if (cached) return cached;`,
 * and the same with a map, or a file that is made when it is missing.
 */
import type { FunctionNode, Node } from "../ast/nodes.ts";
import { closest, memberName, unwrap, walk } from "../ast/query.ts";
import type { FileModel } from "./file.ts";

/** Whether the result of the call at `node` is kept, and the call left out when it is there already. */
export function isDoneOnce(file: FileModel, node: Node, fn: FunctionNode): boolean {
	const guard = closest(
		node,
		(at) => {
			if (at.type === "AssignmentExpression") return at.operator === "??=" || at.operator === "||=";
			if (at.type !== "IfStatement" || node.range[0] < at.consequent.range[0]) return false;
			if (makesMissingFile(file, at.test, node)) return true;
			const subject = missing(file, at.test);
			return subject !== undefined && fills(file, at.consequent, subject);
		},
		fn,
	);
	return guard !== undefined || isAfterHit(file, node, fn);
}

/** `if (!existsSync(path)) copyFileSync(template, path)`: the next time it is there. */
function makesMissingFile(file: FileModel, test: Node, node: Node): boolean {
	if (test.type !== "UnaryExpression" || test.operator !== "!" || node.type !== "CallExpression") return false;
	const look = unwrap(test.argument);
	if (look.type !== "CallExpression" || !/\bexistsSync$/.test(file.source.getText(look.callee))) return false;
	const path = look.arguments[0] === undefined ? undefined : file.source.getText(look.arguments[0]);
	return node.arguments.some((argument) => file.source.getText(argument) === path);
}

/** What a test finds missing: `!x`, `x === undefined`, `!map.has(key)` and `map.get(key) === null` give `x` and `map`. */
function missing(file: FileModel, test: Node): string | undefined {
	if (test.type === "UnaryExpression") return test.operator === "!" ? keeper(file, test.argument) : undefined;
	if (test.type !== "BinaryExpression" || !/^===?$/.test(test.operator)) return undefined;
	return /^(?:undefined|null)$/.test(file.source.getText(test.right)) ? keeper(file, test.left) : undefined;
}

/** `if (kept) return kept;` in the same function before the call, and `kept` filled further down. */
function isAfterHit(file: FileModel, node: Node, fn: FunctionNode): boolean {
	if (fn.body.type !== "BlockStatement") return false;
	return fn.body.body.some((statement) => {
		if (statement.range[0] > node.range[0] || statement.type !== "IfStatement") return false;
		const hit = statement.consequent.type === "BlockStatement" ? statement.consequent.body[0] : statement.consequent;
		if (hit?.type !== "ReturnStatement" || hit.argument === null) return false;
		const test = file.source.getText(statement.test);
		const kept = keeper(file, hit.argument);
		if (kept === undefined || test.startsWith("!")) return false;
		const isTested = test.includes(kept) || test.includes(file.source.getText(unwrap(hit.argument)));
		return isTested && fills(file, fn.body, kept, node);
	});
}

/**
 * The thing that keeps a value: the variable or field itself, or the map that it was looked up in, directly or by
 * way of a constant.
 */
function keeper(file: FileModel, value: Node): string | undefined {
	const node = unwrap(value);
	if (node.type === "CallExpression") {
		const callee = unwrap(node.callee);
		const name = memberName(callee);
		return callee.type === "MemberExpression" && (name === "get" || name === "has")
			? file.source.getText(callee.object)
			: undefined;
	}
	if (node.type === "MemberExpression" && node.computed) return file.source.getText(node.object);
	if (node.type === "Identifier") {
		const variable = file.variable(node);
		const init = variable === undefined ? undefined : file.initializer(variable);
		const found = init === undefined ? undefined : unwrap(init);
		if (found?.type === "CallExpression" || found?.type === "MemberExpression") return keeper(file, found) ?? node.name;
	}
	return node.type === "Identifier" || node.type === "MemberExpression" ? file.source.getText(node) : undefined;
}

/** Whether something is put into what keeps the value: `x = …`, `map.set(key, …)`, `map[key] = …`. */
function fills(file: FileModel, body: Node, kept: string, after?: Node): boolean {
	return walk(body, file.source, (inner) => {
		if (after !== undefined && inner.range[1] < after.range[0]) return undefined;
		if (inner.type === "AssignmentExpression") {
			const { left } = inner;
			const target = left.type === "MemberExpression" && left.computed ? left.object : left;
			return file.source.getText(target) === kept ? "stop" : undefined;
		}
		if (inner.type !== "CallExpression") return undefined;
		const callee = unwrap(inner.callee);
		if (callee.type !== "MemberExpression" || memberName(callee) !== "set") return undefined;
		return file.source.getText(callee.object) === kept ? "stop" : undefined;
	});
}
