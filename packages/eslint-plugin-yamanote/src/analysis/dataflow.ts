/** Which variables an expression fills and uses, and whether an awaited value is the body of a response. */
import type { Variable } from "../ast/eslint.ts";
import type { Node } from "../ast/nodes.ts";
import { contains, memberName, unwrap, walk } from "../ast/query.ts";
import type { FileModel } from "./file.ts";

/** The variables that a pattern, or a plain name, fills. */
export function variablesIn(file: FileModel, pattern: Node): ReadonlySet<Variable> {
	const found = new Set<Variable>();
	walk(pattern, file.source, (node) => {
		if (node.type !== "Identifier") return undefined;
		const variable = file.declared(node) ?? file.variable(node);
		if (variable !== undefined) found.add(variable);
		return undefined;
	});
	return found;
}

/** The variables that a declaration introduces. */
export function declaredBy(file: FileModel, declaration: Node): ReadonlySet<Variable> {
	return declaration.type === "VariableDeclaration"
		? new Set(declaration.declarations.flatMap(({ id }) => [...variablesIn(file, id)]))
		: new Set();
}

/** Whether the expression uses one of the variables, itself or through a function of this file that it names. */
export function mentions(file: FileModel, expression: Node, variables: ReadonlySet<Variable>, depth = 0): boolean {
	if (variables.size === 0) return false;
	return walk(expression, file.source, (node) => {
		if (node.type !== "Identifier") return undefined;
		const variable = file.variable(node);
		if (variable === undefined) return undefined;
		if (variables.has(variable)) return "stop";
		const shape = depth < 2 ? file.variableShape(variable) : undefined;
		const body = shape?.is === "function" ? shape.node : undefined;
		return body !== undefined && !contains(expression, body) && mentions(file, body, variables, depth + 1)
			? "stop"
			: undefined;
	});
}

const BODY_READS = new Set(["json", "text", "blob", "arrayBuffer", "bytes", "formData"]);

/** `response.json()` of a response that is in a variable: it depends on that one, and reads only it. */
export function isBodyRead(operand: Node): boolean {
	const node = unwrap(operand);
	if (node.type !== "CallExpression" || node.arguments.length > 0) return false;
	const callee = unwrap(node.callee);
	const name = memberName(callee);
	return callee.type === "MemberExpression" && callee.object.type === "Identifier" && BODY_READS.has(name ?? "");
}
