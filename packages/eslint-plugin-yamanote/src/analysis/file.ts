/**
 * One file as the rules see it: which variable an identifier means, what is imported, and the shape of an
 * expression. Built once for each file and shared by all rules; every answer is worked out when first asked for.
 */
import type { Definition, RuleContext, SourceCode, Variable } from "../ast/eslint.ts";
import type { FunctionNode, Node } from "../ast/nodes.ts";
import { enclosingClass, isClass, isFunction, memberName, stringValue, unwrap } from "../ast/query.ts";
import { annotationShape, castShape } from "./annotations.ts";
import { constructed } from "./api.ts";
import { callShape } from "./calls.ts";
import { memberOf } from "./members.ts";
import { exportedShape, type YamanoteModule } from "./modules.ts";
import { contextualParameter } from "./parameters.ts";
import { patternPath } from "./patterns.ts";
import { awaited, type FunctionKind, type Shape } from "./shape.ts";
import { typedShape } from "./types.ts";
import { reassigned, Variables } from "./variables.ts";

const MAX_DEPTH = 12;

const files = new WeakMap<SourceCode, FileModel>();

/** The model of the file that a rule is at work on. */
export function fileOf(context: RuleContext): FileModel {
	let file = files.get(context.sourceCode);
	if (file === undefined) {
		file = new FileModel(context.sourceCode, context.filename, context.cwd, context.settings);
		files.set(context.sourceCode, file);
	}
	return file;
}

export class FileModel extends Variables {
	readonly filename: string;
	/** The path that tells what kind of file it is: from the working folder on, or else its last parts. */
	readonly path: string;
	readonly #modules: ReadonlySet<string>;
	readonly #shapes = new Map<Node, Shape | undefined>();
	readonly #variableShapes = new Map<Variable, Shape | undefined>();
	#usesYamanote: boolean | undefined;
	#depth = 0;

	constructor(
		source: SourceCode,
		filename: string,
		cwd: string | undefined,
		settings: Readonly<Record<string, unknown>>,
	) {
		super(source);
		this.filename = filename;
		this.path = pathIn(filename, cwd);
		this.#modules = moduleNames(settings);
	}

	/** The subpath if the specifier names Yamanote: `""` for `yamanote`, `"sync"` for `yamanote/sync`. */
	readonly subpathOf: YamanoteModule = (specifier) => {
		for (const name of this.#modules) {
			if (specifier === name) return "";
			if (specifier.startsWith(`${name}/`)) return specifier.slice(name.length + 1);
		}
		return undefined;
	};

	/** Whether anything of Yamanote is imported here, from the package or through a file that passes it on. */
	get usesYamanote(): boolean {
		this.#usesYamanote ??= this.#findYamanote();
		return this.#usesYamanote;
	}

	#findYamanote(): boolean {
		for (const node of this.source.ast.body) {
			if (node.type !== "ImportDeclaration" || typeof node.source.value !== "string") continue;
			if (this.subpathOf(node.source.value) !== undefined) return true;
			if (!node.source.value.startsWith(".")) continue;
			for (const specifier of node.specifiers) {
				const shape = this.#importedShape(specifier, node.source.value);
				if (shape === undefined) continue;
				if (shape.is === "api" || shape.is === "instance" || shape.is === "worker") return true;
				if (shape.is === "function" && (shape.kind === "asyncFn" || shape.kind === "promiseFn")) return true;
			}
		}
		return REQUIRE.test(this.source.text) && this.#requiresYamanote();
	}

	#requiresYamanote(): boolean {
		for (const [, specifier = ""] of this.source.text.matchAll(REQUIRE_ALL)) {
			if (this.subpathOf(specifier) !== undefined) return true;
		}
		return false;
	}

	// --- shapes --------------------------------------------------------------------------------------------------

	/** What is known of the value of an expression. */
	shape(expression: Node): Shape | undefined {
		const node = unwrap(expression);
		const known = this.#shapes.get(node);
		if (known !== undefined || this.#shapes.has(node)) return known;
		if (this.#depth > MAX_DEPTH) return undefined;
		// A cycle (`let a = b, b = a`) meets this entry and gets "unknown".
		this.#shapes.set(node, undefined);
		this.#depth++;
		const shape = this.#compute(node, expression);
		this.#depth--;
		this.#shapes.set(node, shape);
		return shape;
	}

	#compute(node: Node, expression: Node): Shape | undefined {
		switch (node.type) {
			case "Identifier": {
				const variable = this.variable(node);
				if (variable === undefined || variable.defs.length === 0) return undefined;
				return this.variableShape(variable) ?? castShape(this, expression);
			}
			case "CallExpression":
				return callShape(this, node.callee, node) ?? typedShape(this.source, node);
			case "NewExpression": {
				const callee = this.shape(node.callee);
				if (callee?.is === "api") return constructed(callee.name);
				if (callee?.is === "class") return { is: "object", class: callee.class };
				if (this.isGlobal(node.callee, "Promise")) return { is: "promise" };
				return undefined;
			}
			case "MemberExpression":
				return this.#memberShape(node.object, memberName(node)) ?? castShape(this, expression);
			case "AwaitExpression":
				return awaited(this.shape(node.argument));
			case "YieldExpression":
				return node.delegate && node.argument !== null ? awaited(this.shape(node.argument)) : undefined;
			case "ImportExpression":
				return { is: "promise" };
			case "ObjectExpression":
				return { is: "record", node };
			case "ArrayExpression":
				return {
					is: "tuple",
					items: node.elements.map((item) =>
						item === null || item.type === "SpreadElement" ? undefined : this.shape(item),
					),
				};
			case "ThisExpression": {
				const around = enclosingClass(node);
				return around === undefined ? undefined : { is: "object", class: around };
			}
			case "ConditionalExpression":
				return same(this.shape(node.consequent), this.shape(node.alternate));
			case "LogicalExpression":
				return node.operator === "&&" ? this.shape(node.right) : same(this.shape(node.left), this.shape(node.right));
			case "AssignmentExpression":
				return node.operator === "=" ? this.shape(node.right) : undefined;
			case "SequenceExpression": {
				const last = node.expressions[node.expressions.length - 1];
				return last === undefined ? undefined : this.shape(last);
			}
			case "FunctionExpression":
			case "ArrowFunctionExpression":
				return this.functionShape(node);
			case "ClassExpression":
				return { is: "class", class: node };
			default:
				return undefined;
		}
	}

	functionShape(node: FunctionNode): Shape {
		return { is: "function", kind: kindOf(node), node };
	}

	variableShape(variable: Variable): Shape | undefined {
		const known = this.#variableShapes.get(variable);
		if (known !== undefined || this.#variableShapes.has(variable)) return known;
		this.#variableShapes.set(variable, undefined);
		const shape = this.#definitionShape(variable);
		this.#variableShapes.set(variable, shape);
		return shape;
	}

	#definitionShape(variable: Variable): Shape | undefined {
		// Overloads declare a function several times; one of them has the body.
		const definition = variable.defs.find(({ node }) => isFunction(node)) ?? variable.defs[variable.defs.length - 1];
		if (definition === undefined) return undefined;
		switch (definition.type) {
			case "ImportBinding": {
				// TypeScript's `import yamanote = require("yamanote")`.
				if (definition.node.type === "TSImportEqualsDeclaration")
					return this.#requiredFrom(definition.node.moduleReference);
				const declaration = definition.parent;
				if (declaration?.type !== "ImportDeclaration" || typeof declaration.source.value !== "string") return undefined;
				return this.#importedShape(definition.node, declaration.source.value);
			}
			case "FunctionName":
				if (!isFunction(definition.node)) return undefined;
				return reassigned(variable) ? undefined : this.functionShape(definition.node);
			case "ClassName":
				return isClass(definition.node) ? { is: "class", class: definition.node } : undefined;
			case "Parameter":
				return this.#parameterShape(variable, definition);
			case "Variable":
				return this.#declaratorShape(variable, definition);
			default:
				return undefined;
		}
	}

	#importedShape(specifier: Node, source: string): Shape | undefined {
		let name: string;
		switch (specifier.type) {
			case "ImportSpecifier": {
				const { imported } = specifier;
				name = imported.type === "Identifier" ? imported.name : String(imported.value);
				break;
			}
			case "ImportDefaultSpecifier":
				name = "default";
				break;
			case "ImportNamespaceSpecifier":
				name = "*";
				break;
			default:
				return undefined;
		}
		if (source.startsWith(".") || this.subpathOf(source) !== undefined) {
			return exportedShape(this.filename, source, name, this.subpathOf) ?? { is: "module", source, name };
		}
		return { is: "module", source, name };
	}

	#parameterShape(variable: Variable, definition: Definition): Shape | undefined {
		const annotated = annotationShape(this, definition.name);
		if (annotated !== undefined) return annotated;
		if (reassigned(variable) || !isFunction(definition.node)) return undefined;
		const fn = definition.node;
		for (const [index, parameter] of fn.params.entries()) {
			const path = patternPath(parameter, definition.name);
			if (path === undefined) continue;
			return this.#follow(contextualParameter(this, fn, index), path);
		}
		return undefined;
	}

	#declaratorShape(variable: Variable, definition: Definition): Shape | undefined {
		const declarator = definition.node;
		if (declarator.type !== "VariableDeclarator") return undefined;
		const annotated = annotationShape(this, definition.name);
		if (annotated !== undefined) return annotated;
		const init = this.initializer(variable);
		if (init !== undefined) return this.shape(init) ?? this.#required(init);
		if (declarator.init === null || reassigned(variable)) return undefined;
		const path = patternPath(declarator.id, definition.name);
		if (path === undefined) return undefined;
		return this.#follow(this.shape(declarator.init) ?? this.#required(declarator.init), path);
	}

	/** `require("node:fs")`, as a whole. */
	#required(init: Node): Shape | undefined {
		const call = unwrap(init);
		if (call.type !== "CallExpression" || !this.isGlobal(call.callee, "require")) return undefined;
		return call.arguments[0] === undefined ? undefined : this.#requiredFrom(call.arguments[0]);
	}

	#requiredFrom(module: Node): Shape | undefined {
		const source = stringValue(module.type === "TSExternalModuleReference" ? module.expression : module);
		if (source === undefined) return undefined;
		const subpath = this.subpathOf(source);
		if (subpath !== undefined) return exportedShape(this.filename, source, "*", this.subpathOf);
		return { is: "module", source, name: "*" };
	}

	#follow(shape: Shape | undefined, path: readonly (string | number)[]): Shape | undefined {
		let at = shape;
		for (const step of path) {
			if (at === undefined) return undefined;
			if (typeof step === "number") at = at.is === "tuple" ? at.items[step] : undefined;
			else at = this.member(at, step);
		}
		return at;
	}

	/** The shape of `object.name`. */
	member(object: Shape, name: string): Shape | undefined {
		return memberOf(this, object, name);
	}

	#memberShape(object: Node, name: string | undefined): Shape | undefined {
		if (name === undefined) return undefined;
		const shape = this.shape(object);
		return shape === undefined ? undefined : this.member(shape, name);
	}
}

// --- helpers ---------------------------------------------------------------------------------------------------

/** A checkout may lie below a folder called `test`: that says nothing about its files. */
function pathIn(filename: string, cwd: string | undefined): string {
	const inside = cwd !== undefined && filename.startsWith(cwd) ? filename.slice(cwd.length) : undefined;
	return inside ?? filename.split(/[\\/]/).slice(-5).join("/");
}

const REQUIRE = /\brequire\s*\(/;
const REQUIRE_ALL = /\brequire\s*\(\s*["']([^"']+)["']\s*\)/g;

function moduleNames(settings: Readonly<Record<string, unknown>>): ReadonlySet<string> {
	const names = new Set(["yamanote"]);
	const own = settings["yamanote"];
	if (typeof own === "object" && own !== null && "modules" in own && Array.isArray(own.modules)) {
		for (const name of own.modules as unknown[]) if (typeof name === "string") names.add(name);
	}
	return names;
}

export function kindOf(node: FunctionNode): FunctionKind {
	if (node.async) return node.generator ? "asyncGenerator" : "async";
	return node.generator ? "generator" : "sync";
}

function same(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
	if (a === undefined || b === undefined || a.is !== b.is) return undefined;
	if (a.is === "instance" && b.is === "instance" && a.of !== b.of) return undefined;
	return a;
}
