/** What becomes of a value: whether the code around an expression uses it, or drops it. */
import type { FunctionNode, Node } from "../ast/nodes.ts";
import { enclosingFunction, memberName, stringValue, unwrap } from "../ast/query.ts";
import type { FileModel } from "./file.ts";

export type Drop =
	/** `save(doc);` */
	| { readonly how: "statement" }
	/** `void save(doc);` */
	| { readonly how: "void"; readonly node: Node }
	/** `const saved = save(doc);` and no use of `saved`. */
	| { readonly how: "variable"; readonly name: string }
	/** `docs.forEach((doc) => save(doc))`: returned to something that takes no result. */
	| { readonly how: "callback"; readonly to: string }
	/** `if (save(doc))`: asked for its truth or its text, which a future does not have. */
	| { readonly how: "tested" };

/** How the value of this expression is dropped; `undefined` if something uses it. */
export function dropOf(file: FileModel, expression: Node): Drop | undefined {
	let at = expression;
	for (let parent = at.parent; parent; parent = at.parent) {
		switch (parent.type) {
			case "ChainExpression":
			case "TSAsExpression":
			case "TSSatisfiesExpression":
			case "TSNonNullExpression":
			case "TSTypeAssertion":
			case "ParenthesizedExpression":
				break;
			case "ExpressionStatement":
				return { how: "statement" };
			case "UnaryExpression":
				if (parent.operator === "void") return { how: "void", node: parent };
				return parent.operator === "!" ? { how: "tested" } : undefined;
			case "LogicalExpression":
				if (parent.left === at) return at === expression ? { how: "tested" } : undefined;
				break;
			case "ConditionalExpression":
				if (parent.test === at) return at === expression ? { how: "tested" } : undefined;
				break;
			case "SequenceExpression":
				if (parent.expressions[parent.expressions.length - 1] !== at) return { how: "statement" };
				break;
			case "IfStatement":
			case "WhileStatement":
			case "DoWhileStatement":
				return parent.test === at && at === expression ? { how: "tested" } : undefined;
			case "BinaryExpression":
				return COMPARISONS.has(parent.operator) && at === expression ? { how: "tested" } : undefined;
			case "TemplateLiteral":
				return at === expression ? { how: "tested" } : undefined;
			case "VariableDeclarator":
				return parent.init === at ? unusedVariable(file, parent) : undefined;
			case "ArrowFunctionExpression":
				return parent.body === at ? droppedResult(file, parent) : undefined;
			case "ReturnStatement": {
				const fn = enclosingFunction(parent);
				return fn === undefined || fn.async || fn.generator ? undefined : droppedResult(file, fn);
			}
			default:
				return undefined;
		}
		at = parent;
	}
	return undefined;
}

const COMPARISONS = new Set(["===", "!==", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"]);

function unusedVariable(file: FileModel, declarator: Node): Drop | undefined {
	if (declarator.type !== "VariableDeclarator" || declarator.id.type !== "Identifier") return undefined;
	const declaration = declarator.parent;
	if (declaration?.type !== "VariableDeclaration" || declaration.kind === "using") return undefined;
	if (declaration.kind === "await using" || declaration.parent?.type === "ExportNamedDeclaration") return undefined;
	// At the top level of a script another script may use it.
	if (declaration.parent?.type === "Program" && declaration.kind !== "const") return undefined;
	const variable = file.declared(declarator.id);
	if (variable === undefined || variable.references.some((reference) => reference.init !== true)) return undefined;
	return { how: "variable", name: declarator.id.name };
}

/** Where a callback's result goes, if that is nowhere; what `return` gives is not the result of an async function or generator. */
function droppedResult(file: FileModel, fn: FunctionNode): Drop | undefined {
	return fn.async || fn.generator ? undefined : droppedBy(file, fn);
}

/** Who calls this callback and drops what it gives. */
export function droppedBy(file: FileModel, fn: Node): Drop | undefined {
	const parent = fn.parent;
	// `onClick={() => save(doc)}` and `onClick={save}` in JSX.
	if ((parent?.type as string | undefined) === "JSXExpressionContainer") {
		const attribute = parent?.parent as unknown as { type?: string; name?: { name?: unknown } } | null;
		const name = attribute?.name?.name;
		return typeof name === "string" && /^on[A-Z]/.test(name) ? { how: "callback", to: name } : undefined;
	}
	if (parent?.type !== "CallExpression") return undefined;
	const index = parent.arguments.indexOf(fn);
	if (index < 0) return undefined;
	const callee = unwrap(parent.callee);
	if (callee.type === "Identifier") {
		if (index === 0 && TIMERS.has(callee.name) && file.isGlobal(callee, callee.name)) {
			return { how: "callback", to: callee.name };
		}
		return index === 0 && EFFECTS.has(callee.name) ? { how: "callback", to: callee.name } : undefined;
	}
	const name = memberName(callee);
	if (name === undefined || callee.type !== "MemberExpression") return undefined;
	if (index === 0 && (name === "forEach" || name === "nextTick")) return { how: "callback", to: name };
	if (index === 0 && EFFECTS.has(name)) return { how: "callback", to: name };
	if (index === 0 && name === "map" && dropOf(file, parent)?.how === "statement") return { how: "callback", to: name };
	if (index === 1 && name === "addEventListener") return { how: "callback", to: name };
	if (index === 1 && LISTENERS.has(name) && isEventName(parent.arguments[0]) && EMITTER.test(lastName(callee.object))) {
		return { how: "callback", to: `${lastName(callee.object)}.${name}` };
	}
	return undefined;
}

const TIMERS = new Set(["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"]);
const EFFECTS = new Set(["useEffect", "useLayoutEffect", "useInsertionEffect"]);
const LISTENERS = new Set(["on", "once", "addListener", "prependListener", "prependOnceListener"]);
/** Receivers that are plain emitters; others (bots, routers) may well wait for what a listener returns. */
const EMITTER =
	/^#?(?:process|socket|sock|ws|wss|websocket|emitter|eventEmitter|ee|events|server|httpServer|stream|readable|writable|child|childProcess|proc|conn|connection|worker|port|watcher|rl|req|res|request|response)$/i;

function isEventName(node: Node | undefined): boolean {
	return node !== undefined && stringValue(node) !== undefined;
}

function lastName(node: Node): string {
	const inner = unwrap(node);
	if (inner.type === "Identifier") return inner.name;
	return memberName(inner) ?? "";
}
