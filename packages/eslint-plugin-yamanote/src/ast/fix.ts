/** Edits that more than one rule makes: importing a name, wrapping an expression, turning `function*` into `asyncFn`. */
import type { FileModel } from "../analysis/file.ts";
import type { Fix, Fixer, SourceCode } from "./eslint.ts";
import type { FunctionNode, ImportDeclaration, Node } from "./nodes.ts";
import { enclosingFunction, keyName, stringValue } from "./query.ts";

/** The subpath of the names that fixes write, where it is not the package itself. */
const HOMES: Readonly<Record<string, string>> = { spawnBlocking: "threads" };

interface Imported {
	readonly local: string;
	readonly fixes: readonly Fix[];
}

/** The edits that make `name` of Yamanote usable in the file, and the name to write for it. */
export function importName(file: FileModel, fixer: Fixer, name: string, at: Node): Imported | undefined {
	const home = HOMES[name] ?? "";
	const found = isCommonJs(file) ? required(file, fixer, name, home) : imported(file, fixer, name, home);
	if (found?.fixes.length === 0) return found;
	if (isTaken(file, name, at)) return undefined;
	if (found !== undefined) return found;
	const fix = newImport(file, fixer, name, `yamanote${home === "" ? "" : `/${home}`}`);
	return fix === undefined ? undefined : { local: name, fixes: [fix] };
}

/** A line of its own that imports one name, below the directives and above everything else. */
export function newImport(file: FileModel, fixer: Fixer, name: string, module: string): Fix | undefined {
	const first = file.source.ast.body.find((node) => !isDirective(node));
	if (first === undefined) return undefined;
	return fixer.insertTextBefore(
		first,
		isCommonJs(file) ? `const { ${name} } = require("${module}");\n` : `import { ${name} } from "${module}";\n`,
	);
}

/** `"use strict"` and `"use client"` mean something only where nothing stands above them. */
function isDirective(node: Node): boolean {
	return (
		node.type === "ExpressionStatement" &&
		node.expression.type === "Literal" &&
		typeof node.expression.value === "string"
	);
}

function isCommonJs(file: FileModel): boolean {
	const { ast, text } = file.source;
	return /\brequire\s*\(/.test(text) && !ast.body.some((node) => /^(?:Import|Export)/.test(node.type));
}

/** The name as an import brings it in, or an import that it can be added to. */
function imported(file: FileModel, fixer: Fixer, name: string, home: string): Imported | undefined {
	let from: ImportDeclaration | undefined;
	for (const node of file.source.ast.body) {
		if (node.type !== "ImportDeclaration" || node.importKind === "type") continue;
		const source = node.source.value;
		const subpath = typeof source === "string" ? file.subpathOf(source) : undefined;
		if (subpath === undefined) continue;
		for (const specifier of node.specifiers) {
			if (specifier.type === "ImportNamespaceSpecifier" && subpath === home) {
				return { local: `${specifier.local.name}.${name}`, fixes: [] };
			}
			if (specifier.type !== "ImportSpecifier" || specifier.importKind === "type") continue;
			const original = specifier.imported.type === "Identifier" ? specifier.imported.name : undefined;
			if (original === name) return { local: specifier.local.name, fixes: [] };
		}
		if (subpath === home && node.specifiers.some((specifier) => specifier.type === "ImportSpecifier")) from ??= node;
	}
	const last = from?.specifiers[from.specifiers.length - 1];
	return last === undefined ? undefined : { local: name, fixes: [fixer.insertTextAfter(last, `, ${name}`)] };
}

/** The same for `const yamanote = require("yamanote")` and `const { run } = require("yamanote")`. */
function required(file: FileModel, fixer: Fixer, name: string, home: string): Imported | undefined {
	let pattern: Node | undefined;
	for (const { id, init } of file.source.ast.body.flatMap((node) =>
		node.type === "VariableDeclaration" ? node.declarations : [],
	)) {
		if (init?.type !== "CallExpression" || !file.isGlobal(init.callee, "require")) continue;
		const source = init.arguments[0] === undefined ? undefined : stringValue(init.arguments[0]);
		if (source === undefined || file.subpathOf(source) !== home) continue;
		if (id.type === "Identifier") return { local: `${id.name}.${name}`, fixes: [] };
		if (id.type !== "ObjectPattern") continue;
		for (const property of id.properties) {
			if (property.type !== "Property" || keyName(property) !== name) continue;
			if (property.value.type === "Identifier") return { local: property.value.name, fixes: [] };
		}
		pattern ??= id.properties.filter((property) => property.type === "Property").at(-1);
	}
	return pattern === undefined ? undefined : { local: name, fixes: [fixer.insertTextAfter(pattern, `, ${name}`)] };
}

/** Whether the name means something else where it would be written. */
function isTaken(file: FileModel, name: string, at: Node): boolean {
	for (const scope of file.source.scopeManager?.scopes ?? []) {
		const variable = scope.set.get(name);
		if (variable === undefined || variable.defs.length === 0) continue;
		if (scope.block.range[0] <= at.range[0] && at.range[1] <= scope.block.range[1]) return true;
	}
	return false;
}

/**
 * `function* name(a) {…}` as a declaration becomes `const name = asyncFn(function* (a) {…});`.
 * `undefined` where that could change what the program means: a use before the declaration, or as an iterable.
 */
export function toAsyncFn(file: FileModel, fixer: Fixer, fn: FunctionNode): readonly Fix[] | undefined {
	if (!fn.generator || fn.async) return undefined;
	const imported = importName(file, fixer, "asyncFn", fn);
	if (imported === undefined) return undefined;
	if (fn.type === "FunctionDeclaration" && fn.id !== null) {
		const variable = file.declared(fn.id);
		if (variable === undefined || variable.defs.length !== 1) return undefined;
		if (fn.parent?.type === "ExportDefaultDeclaration") return undefined;
		const owner = enclosingFunction(fn);
		for (const reference of variable.references) {
			const { identifier } = reference;
			if (identifier.range[0] < fn.range[0] && enclosingFunction(identifier) === owner) return undefined;
			if (isIterated(identifier)) return undefined;
		}
		const head = fn.params[0] ?? fn.body;
		const text = file.source.text;
		// From the name on: type parameters, parameters and body stay as they are written.
		const rest = text.slice(fn.id.range[1], fn.range[1]);
		if (head.range[0] < fn.id.range[1]) return undefined;
		return [
			...imported.fixes,
			fixer.replaceTextRange(
				[fn.range[0], fn.range[1]],
				`const ${fn.id.name} = ${imported.local}(function* ${rest.trimStart()});`,
			),
		];
	}
	if (fn.type === "FunctionExpression" && fn.parent?.type === "VariableDeclarator") {
		return [...imported.fixes, fixer.insertTextBefore(fn, `${imported.local}(`), fixer.insertTextAfter(fn, ")")];
	}
	return undefined;
}

/** Whether a call of the generator is used as what it is: iterated, spread, or stepped with `next()`. */
export function isIterated(identifier: Node): boolean {
	const call = identifier.parent;
	if (call?.type !== "CallExpression" || call.callee !== identifier) return false;
	const use = call.parent;
	if (use?.type === "ForOfStatement") return use.right === call;
	if (use?.type === "SpreadElement") return true;
	return use?.type === "MemberExpression" && use.object === call;
}

/** `text` in parentheses if it needs them where `node` stands, as `yield*` and `await` do inside an expression. */
export function inParentheses(node: Node, text: string, source: SourceCode): string {
	const parent = node.parent;
	if (!parent) return text;
	const before = source.getTokenBefore(node);
	const after = source.getTokenAfter(node);
	if (before?.value === "(" && after?.value === ")" && parent.type !== "CallExpression") return text;
	switch (parent.type) {
		case "ExpressionStatement":
		case "ReturnStatement":
		case "ThrowStatement":
		case "VariableDeclarator":
		case "AssignmentExpression":
		case "ArrayExpression":
		case "Property":
		case "AssignmentPattern":
		case "ArrowFunctionExpression":
			return text;
		case "CallExpression":
			return parent.callee === node ? `(${text})` : text;
		default:
			return `(${text})`;
	}
}
