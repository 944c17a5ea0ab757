/**
 * A call that blocks holds the thread, and with it every other task, timer and request of the program. In code that
 * waits for other things anyway there is no reason for it.
 *
 * Silent where nobody else is waiting: at the top level of a module, in a script's own start-up function, in tests,
 * in worker files and `defineWorker` functions, right before the process exits, and for work that is done once and kept.
 */

import { asyncTwin, isBlockingExport } from "../analysis/blocking.ts";
import { blockingLoop } from "../analysis/busy-loop.ts";
import { type FileModel, fileOf } from "../analysis/file.ts";
import { isDoneOnce } from "../analysis/once.ts";
import {
	isScriptFile,
	isTaskGenerator,
	isTestCode,
	isWorkerFile,
	isWorkerFunction,
	runningFunction,
	runsAtStartUp,
} from "../analysis/tasks.ts";
import { typedBlockingCall } from "../analysis/typed-calls.ts";
import type { RuleModule, Suggestion } from "../ast/eslint.ts";
import { importName, inParentheses, newImport } from "../ast/fix.ts";
import type { CallExpression, FunctionNode, Node } from "../ast/nodes.ts";
import {
	calleeText,
	closest,
	enclosingFunction,
	enclosingStatement,
	isFunction,
	isStatementList,
	memberName,
	statementsOf,
	unwrap,
	walk,
} from "../ast/query.ts";
import { defineRule } from "../rule.ts";

interface Options {
	/** More functions that block, by name: `compileTemplate`, `db.querySync`. */
	readonly functions?: readonly string[];
	/** Functions that may be called all the same: `existsSync`. */
	readonly allow?: readonly string[];
	/** Also report `JSON.parse` and `JSON.stringify` of what is not a literal. */
	readonly json?: boolean;
}

interface Blocking {
	readonly name: string;
	/** Where the thread is held, if that is in a function that the reported call calls. */
	readonly through?: { readonly name: string; readonly line: number | undefined };
	readonly isXhr?: boolean;
	readonly twin?: { readonly module: string; readonly name: string } | undefined;
}

const MAX_CALL_DEPTH = 4;

export const noBlockingInAsync: RuleModule = defineRule({
	name: "no-blocking-in-async",
	description: "async code does not hold the thread",
	type: "problem",
	recommended: true,
	suggests: true,
	schema: [
		{
			type: "object",
			properties: {
				functions: { type: "array", items: { type: "string" }, uniqueItems: true },
				allow: { type: "array", items: { type: "string" }, uniqueItems: true },
				json: { type: "boolean" },
			},
			additionalProperties: false,
		},
	],
	messages: {
		blocks: "`{{name}}` holds the thread until it is done, and every other task waits with it. {{advice}}",
		through:
			"`{{name}}` holds the thread: it calls `{{through}}`{{line}}, and every other task waits with it. {{advice}}",
		loop: "This loop spins until the clock says so, and no other task runs meanwhile. Wait with `sleep(ms)`.",
		xhr: "A synchronous `XMLHttpRequest` stops the page until the answer is there. Use `fetch`.",
		twin: "Use the asynchronous `{{twin}}` of `{{module}}`.",
		spawnBlocking:
			"Run it on a worker thread, with `spawnBlocking`. `worker` is then yours to write: `export const worker = defineWorker(import.meta.url, { … })` in a file of its own.",
	},
	create(context) {
		const options = (context.options[0] ?? {}) as Options;
		const named = new Set(options.functions ?? []);
		const allowed = new Set(options.allow ?? []);
		const { sourceCode } = context;
		const file = fileOf(context);
		if (!mayBlock(file, named, options)) return {};
		const isScript = isScriptFile(file) || isWorkerFile(file);
		const hasTypes = Boolean((sourceCode.parserServices as { program?: unknown } | undefined)?.program);
		const blockingFunctions = new Map<FunctionNode, Blocking | null>();
		return {
			CallExpression(node) {
				const blocking = blockingCall(node, 0);
				if (blocking === undefined) return;
				const fn = asyncAround(node);
				if (fn === undefined || isExcused(node, fn)) return;
				const { name, through } = blocking;
				// A helper that makes a report of a failure runs where things have gone wrong already.
				if (through !== undefined && closest(node, (at) => at.type === "CatchClause", fn) !== undefined) return;
				context.report({
					node,
					messageId: blocking.isXhr ? "xhr" : through === undefined ? "blocks" : "through",
					data: {
						name,
						through: through?.name ?? "",
						line: through?.line === undefined ? "" : ` (line ${through.line})`,
						advice: adviceFor(blocking, fn),
					},
					suggest: suggestions(node, blocking, fn),
				});
			},
			WhileStatement: checkLoop,
			DoWhileStatement: checkLoop,
			ForStatement: checkLoop,
		};

		function checkLoop(node: Node): void {
			if (!blockingLoop(file, node)) return;
			const fn = asyncAround(node);
			if (fn !== undefined && !isTestCode(file, node)) {
				context.report({ loc: { start: node.loc.start, end: headEnd(node) }, messageId: "loop" });
			}
		}

		/** The async function, or the generator of a task, that runs this node's code. */
		function asyncAround(node: Node): FunctionNode | undefined {
			const fn = runningFunction(file, node);
			if (fn === undefined || isWorkerFunction(file, fn)) return undefined;
			if (fn.async) return fn;
			return isTaskGenerator(file, fn) ? fn : undefined;
		}

		function isExcused(node: Node, fn: FunctionNode): boolean {
			if (isTestCode(file, node)) return true;
			if (fn.async && (isScript || runsAtStartUp(file, fn))) return true;
			return beforeExit(file, node) || isDoneOnce(file, node, fn);
		}

		/** What blocks in this call, if something does. */
		function blockingCall(node: CallExpression, depth: number): Blocking | undefined {
			const callee = unwrap(node.callee);
			const text = calleeText(callee, sourceCode);
			const last = callee.type === "Identifier" ? callee.name : memberName(callee);
			if (last === undefined || allowed.has(last) || allowed.has(text)) return undefined;
			if (named.has(last) || named.has(text)) return { name: text };
			if (callee.type === "MemberExpression") {
				if (last === "wait" && file.isGlobal(callee.object, "Atomics")) return { name: text };
				if (last.endsWith("Sync") && (file.isGlobal(callee.object, "Deno") || file.isGlobal(callee.object, "Bun"))) {
					return { name: text };
				}
				if (options.json === true && isBigJson(node, callee.object, last)) return { name: text };
				if (last === "open" && isSyncXhr(file, node, callee.object)) return { name: text, isXhr: true };
			}
			const shape = file.shape(callee);
			if (shape?.is === "module" && isBlockingExport(shape.source, shape.name)) {
				return { name: text, twin: asyncTwin(shape.source, shape.name) };
			}
			if (shape?.is !== "function" || shape.node === undefined) {
				const found = depth === 0 && hasTypes ? typedBlockingCall(sourceCode, node) : undefined;
				return found === undefined ? undefined : { name: text, through: { name: found, line: undefined } };
			}
			if (shape.kind !== "sync" || depth >= MAX_CALL_DEPTH) return undefined;
			const inner = blockingIn(shape.node, depth + 1);
			return inner === null ? undefined : { name: text, through: { name: inner.name, line: inner.through?.line } };
		}

		/** What blocks in a synchronous function of this file, followed through the functions that it calls. */
		function blockingIn(fn: FunctionNode, depth: number): Blocking | null {
			const known = blockingFunctions.get(fn);
			if (known !== undefined) return known;
			blockingFunctions.set(fn, null);
			let found: Blocking | null = null;
			walk(fn.body, sourceCode, (node) => {
				if (isFunction(node) && runningFunction(file, node.body) !== fn) return false;
				if (node.type !== "CallExpression") return undefined;
				const blocking = blockingCall(node, depth);
				if (blocking === undefined || isDoneOnce(file, node, fn) || beforeExit(file, node)) return undefined;
				found = {
					name: blocking.through?.name ?? blocking.name,
					through: { name: blocking.name, line: blocking.through?.line ?? node.loc.start.line },
				};
				return "stop";
			});
			blockingFunctions.set(fn, found);
			return found;
		}

		function isBigJson(node: CallExpression, object: Node, name: string): boolean {
			const [argument] = node.arguments;
			if (argument === undefined || !file.isGlobal(object, "JSON")) return false;
			if (name !== "parse" && name !== "stringify") return false;
			const value = unwrap(argument);
			return value.type !== "Literal" && value.type !== "ObjectExpression" && value.type !== "ArrayExpression";
		}

		function adviceFor(blocking: Blocking, fn: FunctionNode): string {
			if (blocking.twin !== undefined) {
				const wait = fn.async ? `await ${blocking.twin.name}(…)` : `yield* fromPromise(() => ${blocking.twin.name}(…))`;
				return `Use \`${wait}\` of \`${blocking.twin.module}\`, or a worker thread: \`spawnBlocking\`.`;
			}
			return "Run it on a worker thread: put it into a `defineWorker` table and call it from there, or `spawnBlocking(worker.f, …)`.";
		}

		function suggestions(node: CallExpression, blocking: Blocking, fn: FunctionNode): Suggestion[] {
			// Only where the wait can stand: directly in the async function or generator, not in a callback in between.
			if (enclosingFunction(node) !== fn || blocking.isXhr) return [];
			const found: Suggestion[] = [];
			const { twin } = blocking;
			if (twin !== undefined && fn.async) {
				found.push({
					messageId: "twin",
					data: { twin: twin.name, module: twin.module },
					fix(fixer) {
						const has = new RegExp(
							`\\{[^}]*\\b${twin.name}\\b[^}]*\\}\\s*(?:from|=\\s*require\\()\\s*["'](?:node:)?fs/promises["']`,
						);
						const added = has.test(sourceCode.text) ? [] : [newImport(file, fixer, twin.name, twin.module)];
						if (added.includes(undefined)) return null;
						const text = sourceCode.getText(node);
						const call = `await ${twin.name}${text.slice(sourceCode.getText(node.callee).length)}`;
						return [
							...added.filter((fix) => fix !== undefined),
							fixer.replaceText(node, inParentheses(node, call, sourceCode)),
						];
					},
				});
			}
			if (file.usesYamanote) {
				found.push({
					messageId: "spawnBlocking",
					data: { name: blocking.name },
					fix(fixer) {
						const imported = importName(file, fixer, "spawnBlocking", node);
						if (imported === undefined) return null;
						const rest = node.arguments.map((argument) => `, ${sourceCode.getText(argument)}`).join("");
						const work = `worker.${blocking.name.slice(blocking.name.lastIndexOf(".") + 1).replace(/^#/, "")}`;
						const call = `${fn.async ? "await" : "yield*"} ${imported.local}(${work}${rest})`;
						return [...imported.fixes, fixer.replaceText(node, inParentheses(node, call, sourceCode))];
					},
				});
			}
			return found;
		}
	},
});

/** A glance at the text: most files have nothing that could block. */
function mayBlock(file: FileModel, named: ReadonlySet<string>, options: Options): boolean {
	const { text } = file.source;
	if (!text.includes("async") && !/function\s*\*|^\s*\*\s*\w+\s*\(/m.test(text)) return false;
	if (/Sync\b|\.sync\b|Atomics\.wait\b|XMLHttpRequest|Date\.now|performance\.now|hrtime|deasync|sync-/.test(text))
		return true;
	if (options.json === true && text.includes("JSON.")) return true;
	for (const name of named) if (text.includes(name)) return true;
	// With types, what blocks may be in another file.
	return Boolean((file.source.parserServices as { program?: unknown } | undefined)?.program);
}

/** Whether the process ends right after: what is written then can only be written synchronously. */
function beforeExit(file: FileModel, node: Node): boolean {
	const statement = enclosingStatement(node);
	const list = statement.parent;
	if (!list || !isStatementList(list)) return false;
	const statements = statementsOf(list);
	return statements
		.slice(statements.indexOf(statement))
		.some((later) => /^(?:return\s+)?process\.(?:exit|abort|kill)\(/.test(file.source.getText(later)));
}

/** `xhr.open(method, url, false)`. */
function isSyncXhr(file: FileModel, node: CallExpression, object: Node): boolean {
	const [, , isAsync] = node.arguments;
	if (isAsync?.type !== "Literal" || isAsync.value !== false) return false;
	const value = unwrap(object);
	if (value.type !== "Identifier") return false;
	const variable = file.variable(value);
	const init = variable === undefined ? undefined : file.initializer(variable);
	const made = init === undefined ? undefined : unwrap(init);
	return made?.type === "NewExpression" && file.isGlobal(made.callee, "XMLHttpRequest");
}

function headEnd(node: Node): { line: number; column: number } {
	if (node.type === "WhileStatement" || node.type === "ForStatement") return node.body.loc.start;
	return node.loc.end;
}
