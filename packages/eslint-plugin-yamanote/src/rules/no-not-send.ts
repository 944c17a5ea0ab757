/**
 * What goes to another thread is cloned or moved. Functions, live objects and handles are neither: they arrive as
 * nothing, or as bare data without their methods. And what runs on another thread has no page and no process of
 * its own.
 */
import { type FileModel, fileOf } from "../analysis/file.ts";
import { isHandle, type Shape } from "../analysis/shape.ts";
import { workerTable } from "../analysis/tasks.ts";
import type { RuleModule } from "../ast/eslint.ts";
import type { CallExpression, ClassNode, FunctionNode, Node } from "../ast/nodes.ts";
import { excerpt, isFunction, keyName, memberName, unwrap, walk } from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const noNotSend: RuleModule = defineRule({
	name: "no-not-send",
	description: "what is sent to another thread can be cloned or moved",
	type: "problem",
	recommended: true,
	messages: {
		notSend: "{{path}} is {{what}}, which cannot go to another thread. {{advice}}",
		mainOnly:
			"`{{name}}` exists on the main thread only, and this function runs on a worker. Pass what it needs as an argument.",
		inline:
			"`spawnBlocking` runs functions of a `defineWorker` table: an inline function cannot be sent to a thread. Put it into a worker file, `export const work = defineWorker(import.meta.url, { … })`, and pass `work.name`.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		const { sourceCode } = context;
		const crossThread = crossThreadChannels(file);
		return {
			CallExpression(node) {
				const sent = sentValues(node);
				if (sent === undefined) return;
				for (const [index, value] of sent.values.entries()) {
					const bad = notSendable(file, value, sent.isMessage ? "The message" : `Argument ${index + 1}`, 0);
					if (bad === undefined) continue;
					context.report({
						node: bad.node,
						messageId: "notSend",
						data: { path: bad.path, what: bad.what, advice: bad.advice },
					});
				}
			},
			FunctionExpression: checkWorker,
			ArrowFunctionExpression: checkWorker,
		};

		/** The values that a call sends to another thread. */
		function sentValues(node: CallExpression): { values: readonly Node[]; isMessage: boolean } | undefined {
			const callee = unwrap(node.callee);
			if (callee.type === "MemberExpression") {
				const receiver = file.shape(callee.object);
				if (receiver?.is === "worker") return { values: node.arguments, isMessage: false };
				const name = memberName(callee);
				if (name !== undefined && SENDING.has(name)) {
					const end = unwrap(callee.object);
					const variable = end.type === "Identifier" ? file.variable(end) : undefined;
					if (variable !== undefined && crossThread().has(variable)) {
						return { values: node.arguments.slice(0, 1), isMessage: true };
					}
				}
			}
			const shape = file.shape(callee);
			if (shape?.is !== "api" || shape.name !== "spawnBlocking") return undefined;
			const [work, ...values] = node.arguments;
			if (work !== undefined && isFunction(unwrap(work))) {
				context.report({ node: work, messageId: "inline" });
				return undefined;
			}
			return { values, isMessage: false };
		}

		function checkWorker(fn: FunctionNode): void {
			if (fn.parent?.type !== "Property" || workerTable(file, fn) === undefined) return;
			walk(fn.body, sourceCode, (node) => {
				if (node.type === "MemberExpression" && isMainOnlyMember(node)) {
					context.report({ node, messageId: "mainOnly", data: { name: sourceCode.getText(node) } });
					return false;
				}
				if (node.type !== "Identifier" || !MAIN_GLOBALS.has(node.name) || !isReference(node)) return undefined;
				if (!file.isGlobal(node, node.name) || isGuarded(node)) return undefined;
				context.report({ node, messageId: "mainOnly", data: { name: node.name } });
				return undefined;
			});
		}

		function isReference(node: Node): boolean {
			return file.reference(node) !== undefined;
		}

		/** `typeof document` only asks. */
		function isGuarded(node: Node): boolean {
			return node.parent?.type === "UnaryExpression" && node.parent.operator === "typeof";
		}

		function isMainOnlyMember(node: Node): boolean {
			if (node.type !== "MemberExpression" || !file.isGlobal(node.object, "process")) return false;
			const name = memberName(node);
			return name !== undefined && MAIN_PROCESS.has(name) && node.parent?.type === "CallExpression";
		}
	},
});

interface Bad {
	readonly node: Node;
	readonly path: string;
	readonly what: string;
	readonly advice: string;
}

const SENDING = new Set(["send", "trySend", "sendTimeout"]);

/** Globals of a page that a worker does not have. */
const MAIN_GLOBALS = new Set(["document", "window", "localStorage", "sessionStorage", "alert", "confirm", "prompt"]);
/** Functions of `process` that throw on a worker thread. */
const MAIN_PROCESS = new Set(["chdir", "setuid", "setgid", "seteuid", "setegid", "setgroups", "initgroups", "abort"]);

/** Globals of which an object cannot be cloned, or arrives empty. */
const NOT_CLONED: Readonly<Record<string, string>> = {
	AbortController: "Send a `CancellationToken`, or cancel the call: dropping it aborts it on the worker.",
	WeakMap: "Send a `Map` of what it needs.",
	WeakSet: "Send a `Set` of what it needs.",
	WeakRef: "Send the value itself.",
	Proxy: "Send a plain copy of what it needs.",
	Promise: "Wait for it first, and send its value.",
	EventTarget: "Send data, and listen here.",
	EventEmitter: "Send data, and listen here.",
	WebSocket: "Keep the connection here, and send its messages.",
};

function notSendable(file: FileModel, value: Node, path: string, depth: number): Bad | undefined {
	if (depth > 5) return undefined;
	const node = unwrap(value);
	const bad = (what: string, advice: string): Bad => ({ node, path, what, advice });
	switch (node.type) {
		case "FunctionExpression":
		case "ArrowFunctionExpression":
			return bad("a function", "Name the work in the worker's table, and send data.");
		case "ClassExpression":
			return bad("a class", "Import it in the worker's file.");
		case "ObjectExpression":
			for (const property of node.properties) {
				if (property.type !== "Property") continue;
				const key = keyName(property);
				const inner = key === undefined ? `${path}[…]` : `${path} at \`.${key}\``;
				if (property.kind === "init") {
					const found = notSendable(file, property.value, joined(path, inner, key), depth + 1);
					if (found !== undefined) return found;
				}
			}
			return undefined;
		case "ArrayExpression":
			for (const [index, element] of node.elements.entries()) {
				if (element === null || element.type === "SpreadElement") continue;
				const found = notSendable(file, element, joined(path, `${path} at \`[${index}]\``, `[${index}]`), depth + 1);
				if (found !== undefined) return found;
			}
			return undefined;
		case "NewExpression": {
			const callee = unwrap(node.callee);
			if (callee.type === "Identifier") {
				const advice = NOT_CLONED[callee.name];
				const variable = file.variable(callee);
				const isBuiltIn = variable === undefined || variable.defs.length === 0 || callee.name === "EventEmitter";
				if (advice !== undefined && isBuiltIn) return bad(`${article(callee.name)} \`${callee.name}\``, advice);
			}
			return ofShape(file, node, bad);
		}
		case "CallExpression": {
			const callee = unwrap(node.callee);
			if (file.isGlobal(callee, "Symbol")) return bad("a symbol", "Send a string.");
			if (callee.type === "MemberExpression" && file.isGlobal(callee.object, "AbortSignal")) {
				return bad("an `AbortSignal`", "Cancel the call instead: dropping it aborts it on the worker.");
			}
			return ofShape(file, node, bad);
		}
		case "MemberExpression":
			if (memberName(node) === "signal" && isController(file, node.object)) {
				return bad("an `AbortSignal`", "Cancel the call instead: dropping it aborts it on the worker.");
			}
			return ofShape(file, node, bad);
		case "Identifier": {
			const variable = file.variable(node);
			const init = variable === undefined ? undefined : file.initializer(variable);
			if (init !== undefined && LITERALS.has(unwrap(init).type)) {
				const found = notSendable(file, init, path, depth + 1);
				return found === undefined ? undefined : { ...found, node };
			}
			return ofShape(file, node, bad);
		}
		default:
			return undefined;
	}
}

/** Initializers that are looked into when their variable is sent. */
const LITERALS = new Set([
	"ObjectExpression",
	"ArrayExpression",
	"NewExpression",
	"CallExpression",
	"ArrowFunctionExpression",
]);

function ofShape(file: FileModel, node: Node, bad: (what: string, advice: string) => Bad): Bad | undefined {
	const shape: Shape | undefined = file.shape(node);
	if (shape === undefined) return undefined;
	if (isHandle(shape)) return bad("a task's handle", "Wait for the task, and send its result.");
	switch (shape.is) {
		case "future":
			return bad("a future", "Wait for it first: `yield*`, and send its value.");
		case "promise":
			return bad("a promise", "Wait for it first, and send its value.");
		case "generator":
			return bad("a generator", "Send the values that it gives.");
		case "function":
			return bad("a function", "Name the work in the worker's table, and send data.");
		case "class":
			return bad("a class", "Import it in the worker's file.");
		case "object":
			return isPlainEnough(file, shape.class)
				? undefined
				: bad(
						`an object of class \`${shape.class.id?.name ?? excerpt(node, file.source)}\``,
						"It would arrive as bare data without its methods: send the data, or make the class `sendable`.",
					);
		case "instance":
			if (shape.of === "Guard" || shape.of === "SyncGuard" || shape.of === "DropGuard") {
				return bad("a guard", "Send a copy of the value that it guards.");
			}
			if (shape.of === "Permit") return bad("a permit", "Keep it here until the work is done.");
			if (shape.of === "AbortSignal")
				return bad("an `AbortSignal`", "Cancel the call instead: dropping it aborts it on the worker.");
			if (shape.of === "Mutex" || shape.of === "RwLock" || shape.of === "SyncMutex" || shape.of === "Semaphore") {
				return bad(`a \`${shape.of}\``, "It lives on this thread: take it here, and send the data.");
			}
			return undefined;
		default:
			return undefined;
	}
}

/** A class that only holds data arrives as that data; one with methods, or one that extends another, does not. */
function isPlainEnough(file: FileModel, node: ClassNode): boolean {
	if (/\b(?:toSend|fromSend|sendable)\b/.test(file.source.text)) return true;
	if (node.superClass !== null) return /Error$/.test(file.source.getText(node.superClass));
	return !node.body.body.some((member) => member.type === "MethodDefinition" && member.kind !== "constructor");
}

function isController(file: FileModel, object: Node): boolean {
	const value = unwrap(object);
	if (value.type !== "Identifier") return false;
	const variable = file.variable(value);
	const init = variable === undefined ? undefined : file.initializer(variable);
	const made = init === undefined ? undefined : unwrap(init);
	return made?.type === "NewExpression" && file.isGlobal(made.callee, "AbortController");
}

/** The other ends of channels of which one end was handed to a worker. */
function crossThreadChannels(file: FileModel): () => ReadonlySet<unknown> {
	let found: Set<unknown> | undefined;
	return () => {
		if (found !== undefined) return found;
		found = new Set();
		for (const scope of file.source.scopeManager?.scopes ?? []) {
			for (const variable of scope.variables) {
				const shape = file.variableShape(variable);
				if (shape?.is !== "instance" || !/Sender|Receiver/.test(shape.of)) continue;
				if (!variable.references.some((reference) => isGivenToWorker(file, reference.identifier))) continue;
				const pattern = variable.defs[0]?.name.parent;
				if (pattern?.type !== "ArrayPattern") continue;
				for (const element of pattern.elements) {
					const other = element === null ? undefined : file.declared(element);
					if (other !== undefined && other !== variable) found.add(other);
				}
			}
		}
		return found;
	};
}

function isGivenToWorker(file: FileModel, identifier: Node): boolean {
	const call = identifier.parent;
	if (call?.type !== "CallExpression" || call.callee === identifier) return false;
	const callee = unwrap(call.callee);
	if (callee.type === "MemberExpression") return file.shape(callee.object)?.is === "worker";
	const shape = file.shape(callee);
	return shape?.is === "api" && shape.name === "spawnBlocking";
}

function joined(path: string, nested: string, key: string | undefined): string {
	// `Argument 1 at .user` and `.onClick` become `Argument 1 at .user.onClick`.
	if (!path.includes(" at `")) return nested;
	const step = key === undefined ? "[…]" : key.startsWith("[") ? key : `.${key}`;
	return `${path.slice(0, -1)}${step}\``;
}

function article(name: string): string {
	return /^[AEIOU]/.test(name) ? "an" : "a";
}
