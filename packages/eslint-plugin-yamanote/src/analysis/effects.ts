/**
 * Whether a wait only reads, or does something that others may see.
 *
 * Two waits may run side by side only if neither depends on what the other does. What a call does is told by its
 * body where this file has it, else by its name: `getUser`, `findAll` and `fetchPage` read; `save`, `nextId` and
 * `login` do something; everything else is unknown, and unknown means "leave it alone".
 */

import type { CallExpression, FunctionNode, Node } from "../ast/nodes.ts";
import { contains, isFunction, memberName, propertyOf, stringValue, unwrap, walk } from "../ast/query.ts";
import {
	BODY_METHODS,
	BROWSER_DRIVER,
	type Effect,
	effectOfName,
	HARMLESS_FUNCTIONS,
	HARMLESS_GLOBALS,
	MUTATORS,
	NEUTRAL,
	PAUSES,
	PURE_METHODS,
	QUIET_API,
	SERIAL,
	SHARED_ARGUMENT,
	wordsOf,
} from "./effect-names.ts";
import type { FileModel } from "./file.ts";

/** What a function of Yamanote says about the futures it is given: it does what they do. */
const TRANSPARENT: Readonly<Record<string, number>> = {
	run: 0,
	spawn: 0,

	fromPromise: 0,
	lazy: 0,
	timeout: 1,
	timeoutAt: 1,
	retry: 1,
};

/** A body that `computes` never waits; one that `gates` may refuse before it waits, and what follows stands behind it. */
type BodyEffect = Effect | "computes" | "gates";

export class Effects {
	readonly #file: FileModel;
	readonly #bodies = new Map<FunctionNode, BodyEffect>();

	constructor(file: FileModel) {
		this.#file = file;
	}

	/** Whether the call is handed something over which calls go one after another, or something that both may change. */
	#sharesLine(call: CallExpression): boolean {
		return call.arguments.some((argument) =>
			walk(argument, this.#file.source, (node) => {
				if (isFunction(node) || node.type === "MemberExpression") return false;
				if (node.type !== "Identifier") return undefined;
				// `page` is a number as often as it is a page of a browser.
				if (node.name === "page" && BROWSER_DRIVER.test(this.#file.source.text)) return "stop";
				return SHARED_ARGUMENT.test(node.name) ? "stop" : undefined;
			}),
		);
	}

	/** What the evaluation of an awaited expression does. */
	of(expression: Node, depth = 0): Effect {
		const node = unwrap(expression);
		if (depth > 5) return "unknown";
		if (isFunction(node)) {
			if (node.body.type !== "BlockStatement") return this.of(node.body, depth + 1);
			const body = this.#ofBody(node, depth + 1);
			return body === "computes" || body === "gates" ? "unknown" : body;
		}
		if (node.type === "AwaitExpression") return this.of(node.argument, depth + 1);
		if (node.type !== "CallExpression") return "unknown";
		if (!this.#argumentsAreQuiet(node, depth) || this.#sharesLine(node)) return "unknown";
		const callee = unwrap(node.callee);
		// `fetch` may be handed in by a framework: what it does is told by its options all the same.
		const isFetch = callee.type === "Identifier" ? callee.name === "fetch" : memberName(callee) === "fetch";
		if (isFetch) return this.#ofFetch(node);
		if (node.arguments.some(sendsSomething)) return "acts";
		const shape = this.#file.shape(callee);
		if (shape?.is === "api") {
			const position = TRANSPARENT[shape.name];
			const inner = position === undefined ? undefined : node.arguments[position];
			return inner === undefined ? "unknown" : this.of(inner, depth + 1);
		}
		if (shape?.is === "function" && shape.node !== undefined) {
			const body = this.#ofBody(shape.node, depth + 1);
			// A function that never waits has nothing to gain from running beside another.
			if (body === "acts") return "acts";
			if (body === "computes" || body === "gates") return "unknown";
			const name = callee.type === "Identifier" ? callee.name : memberName(callee);
			if (name !== undefined && effectOfName(name) === "acts") return "acts";
			if (body === "reads") return "reads";
		}
		if (callee.type === "Identifier") return this.#named(callee.name, node);
		return callee.type === "MemberExpression" ? this.#ofMethod(node, callee, depth) : "unknown";
	}

	#named(name: string, call: CallExpression): Effect {
		if (wordsOf(name)[0] === "query") return sqlEffect(call);
		return effectOfName(name);
	}

	#ofMethod(call: CallExpression, callee: Extract<Node, { type: "MemberExpression" }>, depth: number): Effect {
		const names: string[] = [];
		let at: Node = call;
		let first: CallExpression = call;
		// `db.select().from(users).where(…)`: all names of the chain, the innermost last.
		while (at.type === "CallExpression") {
			const inner = unwrap(at.callee);
			if (inner.type !== "MemberExpression") break;
			const name = memberName(inner);
			if (name === undefined) return "unknown";
			names.push(name);
			first = at;
			at = unwrap(inner.object);
		}
		// `fetch(url).then((r) => r.json())`, `getUser(1).catch(() => null)`: what the call below does.
		if (at.type === "CallExpression") {
			return names.every((name) => NEUTRAL.has(name)) ? this.of(at, depth + 1) : "unknown";
		}
		if (at.type === "AwaitExpression") {
			return names.every((name) => BODY_METHODS.has(name)) ? this.of(at.argument, depth + 1) : "unknown";
		}
		const receiver = this.#receiver(at);
		if (receiver === undefined || SERIAL.test(receiver)) return "unknown";
		let reads = false;
		for (const name of names) {
			const effect = effectOfName(name);
			if (NEUTRAL.has(name) && effect !== "reads") {
				// `db.select()` at the root of a query reads; further out it only refines.
				if (name === "select") reads = true;
				continue;
			}
			if (effect === "acts") return "acts";
			if (effect === "unknown") return "unknown";
			if (wordsOf(name)[0] === "query") {
				if (receiver === "client" || sqlEffect(name === names[names.length - 1] ? first : call) !== "reads")
					return "unknown";
			} else if (wordsOf(name)[0] === "read" && !this.#isImported(at)) return "unknown";
			else if (wordsOf(name)[0] === "scan") return "unknown";
			reads = true;
		}
		return reads && callee.type === "MemberExpression" ? "reads" : "unknown";
	}

	/**
	 * The last name of what a method is called on: `this.db` and `db.users` give `db` and `users`. What hangs on
	 * something serial is serial too, so `tx.users` gives `tx`.
	 */
	#receiver(node: Node): string | undefined {
		if (node.type === "Identifier") return node.name;
		if (node.type === "ThisExpression") return "this";
		if (node.type !== "MemberExpression") return undefined;
		const object = this.#receiver(unwrap(node.object));
		return object === undefined || SERIAL.test(object) ? object : memberName(node);
	}

	#isImported(node: Node): boolean {
		let root = node;
		while (root.type === "MemberExpression") root = unwrap(root.object);
		return root.type === "Identifier" && this.#file.shape(root)?.is === "module";
	}

	#ofFetch(call: CallExpression): Effect {
		const options = call.arguments[1];
		if (options === undefined) return "reads";
		let literal = unwrap(options);
		if (literal.type === "Identifier") {
			const variable = this.#file.variable(literal);
			const init = variable === undefined ? undefined : this.#file.initializer(variable);
			if (init === undefined) return "unknown";
			literal = unwrap(init);
		}
		if (literal.type !== "ObjectExpression") return "unknown";
		if (literal.properties.some((property) => property.type === "SpreadElement")) return "unknown";
		if (propertyOf(literal, "body") !== undefined) return "acts";
		const method = propertyOf(literal, "method");
		if (method === undefined) return "reads";
		const verb = stringValue(method.value);
		return verb !== undefined && /^(?:get|head)$/i.test(verb) ? "reads" : "acts";
	}

	/** Arguments that call something of their own must read as well, and a function of ours may keep what it did. */
	#argumentsAreQuiet(call: CallExpression, depth: number): boolean {
		return call.arguments.every(
			(argument) =>
				!walk(argument, this.#file.source, (node) => {
					if (isFunction(node)) return false;
					switch (node.type) {
						case "AssignmentExpression":
						case "UpdateExpression":
						case "YieldExpression":
						case "AwaitExpression":
							return "stop";
						case "Identifier":
							return node === argument && this.#file.shape(node)?.is === "function" ? "stop" : undefined;
						case "CallExpression": {
							const callee = unwrap(node.callee);
							const name = callee.type === "Identifier" ? callee.name : memberName(callee);
							if (name === undefined) return "stop";
							if (effectOfName(name) === "acts") return "stop";
							return depth > 4 ? "stop" : undefined;
						}
						default:
							return undefined;
					}
				}),
		);
	}

	/** What the body of a function of this file does. */
	#ofBody(fn: FunctionNode, depth: number): BodyEffect {
		const known = this.#bodies.get(fn);
		if (known !== undefined) return known;
		this.#bodies.set(fn, "unknown");
		let effect = "reads" as Effect;
		let waits = false;
		let gates = false;
		walk(fn.body, this.#file.source, (node) => {
			const found = this.#step(fn, node, depth);
			if (found === "acts") {
				effect = "acts";
				return "stop";
			}
			if (found === "unknown") effect = "unknown";
			if (node.type === "ThrowStatement" && !waits) gates = true;
			if (node.type === "AwaitExpression" || node.type === "YieldExpression") waits = true;
			return undefined;
		});
		let result: BodyEffect = effect;
		if (result !== "acts" && gates) result = "gates";
		else if (result === "reads" && !waits && !returnsCall(fn)) result = "computes";
		this.#bodies.set(fn, result);
		return result;
	}

	/** What one node of a body does to the world outside of it. */
	#step(fn: FunctionNode, node: Node, depth: number): Effect | undefined {
		switch (node.type) {
			case "AssignmentExpression":
				return this.#isOwn(fn, node.left) ? undefined : "acts";
			case "UpdateExpression":
				return this.#isOwn(fn, node.argument) ? undefined : "acts";
			case "UnaryExpression":
				return node.operator === "delete" ? "acts" : undefined;
			case "NewExpression":
				return undefined;
			case "CallExpression": {
				const callee = unwrap(node.callee);
				const name = callee.type === "Identifier" ? callee.name : memberName(callee);
				if (name === undefined) return "unknown";
				if (callee.type === "MemberExpression") {
					const object = unwrap(callee.object);
					if (object.type === "Identifier" && this.#isHarmless(object, name)) return undefined;
					// A change of a value that was made in here is nobody else's business.
					if (MUTATORS.has(name)) return this.#isOwn(fn, object) ? undefined : "acts";
					if (NEUTRAL.has(name) || PURE_METHODS.has(name)) return undefined;
				}
				const shape = this.#file.shape(callee);
				if (shape?.is === "api") return QUIET_API.has(shape.name) ? undefined : "unknown";
				if (this.#file.isGlobal(callee, "fetch")) return this.#ofFetch(node);
				if (callee.type === "Identifier" && HARMLESS_FUNCTIONS.has(name)) return undefined;
				// Inside a function a pause takes time and does nothing else.
				if (PAUSES.test(name)) return undefined;
				// A callback's own parameter (`resolve`, `reject`) settles the promise that this body made.
				if (callee.type === "Identifier" && this.#isOwn(fn, callee)) return undefined;
				return this.of(node, depth);
			}
			default:
				return undefined;
		}
	}

	#isHarmless(object: Node, method: string): boolean {
		if (object.type !== "Identifier") return false;
		if (LOGGERS.test(object.name)) return LOGGING.test(method);
		if (!HARMLESS_GLOBALS.has(object.name)) return false;
		return this.#file.isGlobal(object, object.name) || this.#file.shape(object)?.is === "module";
	}

	/** Whether the root of an expression is a variable (not a parameter) of the function itself. */
	#isOwn(fn: FunctionNode, target: Node): boolean {
		let root = unwrap(target);
		let isMember = false;
		while (root.type === "MemberExpression") {
			root = unwrap(root.object);
			isMember = true;
		}
		if (root.type === "ObjectPattern" || root.type === "ArrayPattern") return false;
		if (root.type === "ObjectExpression" || root.type === "ArrayExpression" || root.type === "NewExpression")
			return true;
		if (root.type !== "Identifier") return false;
		const definition = this.#file.variable(root)?.defs[0];
		if (definition === undefined || !contains(fn, definition.name)) return false;
		return !(definition.type === "Parameter" && definition.node === fn && isMember);
	}
}

/** Whether what the function returns may be a promise that a call gave it. */
function returnsCall(fn: FunctionNode): boolean {
	const isCall = (value: Node | null): boolean => {
		const node = value === null ? null : unwrap(value);
		return node?.type === "CallExpression" || node?.type === "NewExpression";
	};
	if (fn.body.type !== "BlockStatement") return isCall(fn.body);
	return fn.body.body.some((statement) => statement.type === "ReturnStatement" && isCall(statement.argument));
}

/** An options literal such as `{ method: "POST" }` or `{ body }`. */
function sendsSomething(argument: Node): boolean {
	const options = unwrap(argument);
	if (options.type !== "ObjectExpression") return false;
	const method = propertyOf(options, "method");
	const verb = method === undefined ? "GET" : stringValue(method.value);
	return propertyOf(options, "body") !== undefined || verb === undefined || !/^(?:get|head)$/i.test(verb);
}

const LOGGERS = /^(?:log|logger|console)$/;
const LOGGING = /^(?:log|trace|debug|info|warn|error|fatal|verbose|time|timeEnd)$/;

/** What an SQL query does, by its first word. */
function sqlEffect(call: CallExpression): Effect {
	const [text] = call.arguments;
	if (text === undefined) return "unknown";
	const value = unwrap(text);
	const sql =
		stringValue(value) ?? (value.type === "TemplateLiteral" ? (value.quasis[0]?.value.cooked ?? undefined) : undefined);
	return sql !== undefined && /^\s*(?:select|with|show|explain)\b/i.test(sql) ? "reads" : "unknown";
}
