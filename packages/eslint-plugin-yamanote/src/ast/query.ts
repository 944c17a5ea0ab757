/** Small questions about the tree, asked by every rule: what is inside, what is outside, what is this called. */
import type { SourceCode } from "./eslint.ts";
import type { ClassNode, FunctionNode, LoopNode, Node, Property } from "./nodes.ts";

export function isFunction(node: Node | null | undefined): node is FunctionNode {
	return (
		node?.type === "FunctionDeclaration" ||
		node?.type === "FunctionExpression" ||
		node?.type === "ArrowFunctionExpression"
	);
}

export function isClass(node: Node | null | undefined): node is ClassNode {
	return node?.type === "ClassDeclaration" || node?.type === "ClassExpression";
}

export function isLoop(node: Node | null | undefined): node is LoopNode {
	switch (node?.type) {
		case "ForStatement":
		case "ForOfStatement":
		case "ForInStatement":
		case "WhileStatement":
		case "DoWhileStatement":
			return true;
		default:
			return false;
	}
}

/** True for `await x`, `yield x` and `yield* x`. */
export function isSuspension(node: Node): boolean {
	return node.type === "AwaitExpression" || node.type === "YieldExpression";
}

/** The expression inside casts, `!`, optional chains and parentheses. */
export function unwrap(node: Node): Node {
	for (let inner = node; ; ) {
		switch (inner.type) {
			case "TSAsExpression":
			case "TSSatisfiesExpression":
			case "TSNonNullExpression":
			case "TSTypeAssertion":
			case "TSInstantiationExpression":
			case "ParenthesizedExpression":
			case "ChainExpression":
				inner = inner.expression;
				break;
			default:
				return inner;
		}
	}
}

/** The outermost node that is this expression with casts, `!`, optional chains and parentheses around it. */
export function wrapped(node: Node): Node {
	let outer = node;
	while (outer.parent !== null && outer.parent !== undefined && unwrap(outer.parent) === unwrap(node)) {
		outer = outer.parent;
	}
	return outer;
}

/** `a.name`, `a["name"]` and `a.#name` have a name, `a[i]` has none. */
export function memberName(node: Node): string | undefined {
	if (node.type !== "MemberExpression") return undefined;
	if (node.property.type === "PrivateIdentifier") return `#${node.property.name}`;
	if (!node.computed) return node.property.type === "Identifier" ? node.property.name : undefined;
	if (node.property.type === "Literal" && typeof node.property.value === "string") return node.property.value;
	if (node.property.type === "MemberExpression" && isIdentifier(node.property.object, "Symbol")) {
		const symbol = memberName(node.property);
		return symbol === undefined ? undefined : `@@${symbol}`;
	}
	return undefined;
}

/** The name of an object property, method or class member, in the form that {@link memberName} gives. */
export function keyName(node: { readonly key: Node; readonly computed: boolean }): string | undefined {
	if (node.key.type === "PrivateIdentifier") return `#${node.key.name}`;
	if (node.key.type === "Literal") return String(node.key.value);
	if (node.computed) return undefined;
	return node.key.type === "Identifier" ? node.key.name : undefined;
}

export function isIdentifier(node: Node | null | undefined, name: string): boolean {
	return node?.type === "Identifier" && node.name === name;
}

/** The text of a string literal or of a template without holes. */
export function stringValue(node: Node): string | undefined {
	if (node.type === "Literal" && typeof node.value === "string") return node.value;
	if (node.type === "TemplateLiteral" && node.expressions.length === 0) {
		return node.quasis[0]?.value.cooked ?? undefined;
	}
	return undefined;
}

/** The property of an object literal with this name; spreads make the answer unsure and give `undefined`. */
export function propertyOf(object: Node, name: string): Property | undefined {
	if (object.type !== "ObjectExpression") return undefined;
	for (const property of object.properties) {
		if (property.type === "Property" && keyName(property) === name) return property;
	}
	return undefined;
}

/** The function, method or arrow in whose body this node stands; a function is not inside itself. */
export function enclosingFunction(node: Node): FunctionNode | undefined {
	let child = node;
	for (let parent = node.parent; parent; parent = parent.parent) {
		if (isFunction(parent)) return parent;
		// A field's initializer and a static block run apart from the code around the class.
		if (parent.type === "PropertyDefinition" && parent.value === child) return undefined;
		if (parent.type === "StaticBlock") return undefined;
		child = parent;
	}
	return undefined;
}

/** The class whose `this` is meant here, if the functions in between are arrows. */
export function enclosingClass(node: Node): ClassNode | undefined {
	for (let at = node.parent; at; at = at.parent) {
		if (isClass(at)) return at;
		if (at.type === "FunctionDeclaration") return undefined;
		if (at.type === "FunctionExpression" && at.parent?.type !== "MethodDefinition") {
			// A generator written as `load = asyncFn(function* (this: C) {…})` keeps `this`: it is a class field.
			if (!isFieldFunction(at)) return undefined;
		}
	}
	return undefined;
}

function isFieldFunction(fn: Node): boolean {
	const call = fn.parent;
	if (call?.type === "PropertyDefinition") return true;
	return call?.type === "CallExpression" && call.parent?.type === "PropertyDefinition";
}

/** The statement that this node is, or is part of. */
export function enclosingStatement(node: Node): Node {
	let at = node;
	while (at.parent && !isStatementList(at.parent) && !isFunction(at.parent)) at = at.parent;
	return at;
}

export function isStatementList(node: Node): boolean {
	return (
		node.type === "BlockStatement" ||
		node.type === "Program" ||
		node.type === "StaticBlock" ||
		node.type === "SwitchCase"
	);
}

export function statementsOf(node: Node): readonly Node[] {
	switch (node.type) {
		case "BlockStatement":
		case "Program":
		case "StaticBlock":
			return node.body;
		case "SwitchCase":
			return node.consequent;
		default:
			return [];
	}
}

/** True when `inner` is `outer` or lies within it. */
export function contains(outer: Node, inner: Node): boolean {
	return outer.range[0] <= inner.range[0] && inner.range[1] <= outer.range[1];
}

/** The nearest node around this one, up to but not including `limit`, that answers yes. */
export function closest(node: Node, test: (node: Node) => boolean, limit?: Node): Node | undefined {
	for (let at = node.parent; at && at !== limit; at = at.parent) if (test(at)) return at;
	return undefined;
}

/**
 * Calls `visit` for each node below `root` (and `root`), in source order. `visit` returns `false` to leave out what
 * is below a node, and `"stop"` to end the walk, which {@link walk} then reports by returning `true`.
 */
export function walk(
	root: Node,
	source: SourceCode,
	visit: (node: Node) => false | "stop" | undefined | void,
): boolean {
	const verdict = visit(root);
	if (verdict === "stop") return true;
	if (verdict === false) return false;
	const keys = source.visitorKeys[root.type];
	if (keys === undefined) return false;
	const record = root as unknown as Record<string, unknown>;
	for (const key of keys) {
		const child = record[key];
		if (Array.isArray(child)) {
			for (const item of child as unknown[]) if (isNode(item) && walk(item, source, visit)) return true;
		} else if (isNode(child) && walk(child, source, visit)) return true;
	}
	return false;
}

/** As {@link walk}, staying out of functions and classes: what runs when `root` runs. */
export function walkSameFunction(
	root: Node,
	source: SourceCode,
	visit: (node: Node) => false | "stop" | undefined | void,
): boolean {
	return walk(root, source, (node) => {
		if (node !== root && (isFunction(node) || isClass(node))) return false;
		return visit(node);
	});
}

/** The `await`s, `yield`s and `for await`s that run in this function itself. */
export function suspensionsIn(root: Node, source: SourceCode): Node[] {
	const found: Node[] = [];
	walkSameFunction(root, source, (node) => {
		if (isSuspension(node) || (node.type === "ForOfStatement" && node.await)) found.push(node);
	});
	return found;
}

export function hasSuspension(root: Node, source: SourceCode): boolean {
	return walkSameFunction(root, source, (node) =>
		isSuspension(node) || (node.type === "ForOfStatement" && node.await) ? "stop" : undefined,
	);
}

function isNode(value: unknown): value is Node {
	return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** A short rendering of an expression for a message: one line, at most 40 characters. */
export function excerpt(node: Node, source: SourceCode): string {
	const text = source.getText(node).replace(/\s+/g, " ");
	return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}

/** The name to use for a call in a message: `fs.readFileSync`, `rx.recv`, `save`. */
export function calleeText(callee: Node, source: SourceCode): string {
	const text = source.getText(unwrap(callee)).replace(/\s+/g, "");
	return text.length <= 40 ? text : (memberName(unwrap(callee)) ?? `${text.slice(0, 37)}...`);
}
