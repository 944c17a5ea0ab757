/** Which functions are the bodies of tasks, and in what kind of code a place lies. */
import type { FunctionNode, Node } from "../ast/nodes.ts";
import { closest, enclosingFunction, isFunction, keyName, memberName, unwrap, walkSameFunction } from "../ast/query.ts";
import { isTaskTaker, isTaskTakingMethod } from "./api.ts";
import type { FileModel } from "./file.ts";
import { takingCall } from "./parameters.ts";

/** Whether the call is one of Yamanote's that takes tasks: `spawn(…)`, `select(…)`, `scope.spawn(…)`. */
export function takesTasks(file: FileModel, call: Node): boolean {
	if (call.type !== "CallExpression") return false;
	const callee = unwrap(call.callee);
	if (isTaskTaker(file.shape(callee))) return true;
	const name = memberName(callee);
	if (name === undefined || callee.type !== "MemberExpression" || !isTaskTakingMethod(name)) return false;
	return file.shape(callee.object)?.is === "instance";
}

const taskBodies = new WeakMap<FunctionNode, boolean>();

/**
 * Whether the function is a generator that Yamanote drives: given to `asyncFn`, `spawn`, a combinator, or waiting
 * for futures itself. A generator that merely produces values is not.
 */
export function isTaskGenerator(file: FileModel, fn: FunctionNode): boolean {
	if (!fn.generator || fn.async) return false;
	const known = taskBodies.get(fn);
	if (known !== undefined) return known;
	taskBodies.set(fn, false);
	const answer = file.usesYamanote && (isTakenDirectly(file, fn) || waitsForFutures(file, fn));
	taskBodies.set(fn, answer);
	return answer;
}

/** Whether the function is written in place as an argument of a call that takes tasks. */
export function isTakenDirectly(file: FileModel, fn: FunctionNode): boolean {
	const call = takingCall(fn.parent?.type === "Property" && fn.parent.method ? fn.parent : fn);
	return call !== undefined && takesTasks(file, call);
}

function waitsForFutures(file: FileModel, fn: FunctionNode): boolean {
	return walkSameFunction(fn.body, file.source, (node) => {
		if (node.type !== "YieldExpression" || !node.delegate || node.argument === null) return undefined;
		const shape = file.shape(node.argument);
		if (shape?.is === "future") return "stop";
		if (shape?.is === "instance" && (shape.of === "JoinHandle" || shape.of === "oneshot.Receiver")) return "stop";
		if (shape?.is === "generator" && shape.fn !== undefined && isTaskGenerator(file, shape.fn)) return "stop";
		return undefined;
	});
}

/** Whether the function is an async function that Yamanote runs as a task: `async ({ signal }) => …` given to it. */
export function isTaskAsync(file: FileModel, fn: FunctionNode): boolean {
	if (!fn.async || fn.generator || !file.usesYamanote) return false;
	if (isTakenDirectly(file, fn)) return true;
	const variable = fn.type === "FunctionDeclaration" && fn.id !== null ? file.declared(fn.id) : boundTo(file, fn);
	if (variable === undefined) return false;
	return variable.references.some((reference) => {
		if (!reference.isRead()) return false;
		const call = takingCall(reference.identifier);
		return call !== undefined && takesTasks(file, call);
	});
}

/** The variable that a function expression is the initializer of. */
export function boundTo(file: FileModel, fn: Node): ReturnType<FileModel["declared"]> {
	const parent = fn.parent;
	if (parent?.type !== "VariableDeclarator" || parent.id.type !== "Identifier") return undefined;
	return file.declared(parent.id);
}

/** Whether the function belongs to a `defineWorker` table: it runs on another thread. */
export function isWorkerFunction(file: FileModel, fn: FunctionNode): boolean {
	const table = workerTable(file, fn);
	return table !== undefined;
}

/** The `defineWorker` call in whose table this function stands. */
export function workerTable(file: FileModel, fn: FunctionNode): Node | undefined {
	const property = fn.parent;
	if (property?.type !== "Property" || property.value !== fn) return undefined;
	const object = property.parent;
	const call = object?.parent;
	if (object?.type !== "ObjectExpression" || call?.type !== "CallExpression") return undefined;
	if (call.arguments[1] !== object) return undefined;
	const callee = file.shape(call.callee);
	return callee?.is === "api" && callee.name === "defineWorker" ? call : undefined;
}

// --- tests -----------------------------------------------------------------------------------------------------

const TEST_FUNCTIONS = new Set([
	"it",
	"test",
	"describe",
	"suite",
	"specify",
	"context",
	"bench",
	"before",
	"after",
	"beforeAll",
	"afterAll",
	"beforeEach",
	"afterEach",
	"onTestFinished",
]);

const TEST_FILE =
	/(?:^|[\\/])(?:__tests__|__mocks__|tests?|specs?|e2e|fixtures?|__fixtures__|testing|test-?(?:utils?|helpers?|kit)|benchmarks?|bench|playwright|cypress)[\\/]|[.-](?:test|spec|e2e|bench|test-d|cy|stories|test-?(?:utils?|helpers?|kit))\.[cm]?[jt]sx?$|(?:^|[\\/])(?:vitest|jest|playwright)[.-][^\\/]*$/;

/** Whether the place is test code: the file says so, or a function around it is given to `it`, `beforeEach`, …. */
export function isTestCode(file: FileModel, node: Node): boolean {
	if (TEST_FILE.test(file.path)) return true;
	for (let fn = enclosingFunction(node); fn; fn = enclosingFunction(fn)) {
		const call = fn.parent;
		if (call?.type === "CallExpression" && isTestCall(call.callee)) return true;
	}
	return false;
}

function isTestCall(callee: Node): boolean {
	for (let at = unwrap(callee); ; ) {
		if (at.type === "Identifier") return TEST_FUNCTIONS.has(at.name);
		if (at.type === "MemberExpression") {
			// `test.only(…)`, `Deno.test(…)`, `t.test(…)`
			if (memberName(at) === "test" || memberName(at) === "step") return true;
			at = unwrap(at.object);
		} else if (at.type === "CallExpression") at = unwrap(at.callee);
		else if (at.type === "TaggedTemplateExpression") at = unwrap(at.tag);
		else return false;
	}
}

const SCRIPT_FILE =
	/(?:^|[\\/])(?:scripts?|bin|(?:[\w-]+-)?cli(?:-[\w-]+)?|tools|build|release|ci|\.github|[\w-]*[mM]igrations?|codemods?|seeds?|seeders?|playgrounds?|docs|create-[\w-]+)[\\/]|[-.](?:build|codegen)\.[cm]?[jt]s$|[mM]igrat[\w-]*\.[cm]?[jt]s$|(?:^|[\\/])cli\.[cm]?[jt]sx?$|\.config\.[cm]?[jt]s$|(?:^|[\\/])(?:gulpfile|rollup|webpack|esbuild|vite|build|setup|release|generate|codegen|prepare|postinstall|preinstall)(?:[-.][^\\/]*)?\.[cm]?[jt]s$/;

/** What reads a command line or asks at a terminal, and what writes the files of a project. */
const SCRIPT_MODULE =
	/(?:\bfrom|\brequire\(|\bimport)\s*["'](?:commander|@commander-js\/[\w-]+|yargs(?:-parser|\/\w+)?|cac|sade|meow|minimist|mri|args?|citty|clipanion|cleye|@oclif\/[\w-]+|@?caporal(?:\/core)?|command-line-args|optionator|@clack\/prompts|prompts|@inquirer\/[\w-]+|inquirer|enquirer|ora|listr2?|(?:@expo|expo)\/config-plugins|gulp|plop|yeoman-generator|@nx\/devkit|@angular-devkit\/[\w-]+|jscodeshift)["']/;

const scriptFiles = new WeakMap<FileModel, boolean>();

/** Whether the file is a script of the project (a build step, a tool, a migration): it has the process to itself. */
export function isScriptFile(file: FileModel): boolean {
	let answer = scriptFiles.get(file);
	if (answer === undefined) {
		const { text } = file.source;
		answer = text.startsWith("#!") || SCRIPT_FILE.test(file.path);
		// A server may read its command line as well.
		answer ||= SCRIPT_MODULE.test(text) && !/\.listen\(/.test(text);
		scriptFiles.set(file, answer);
	}
	return answer;
}

const WORKER_FILE = /(?:^|[\\/._-])worker[\w-]*\.[cm]?[jt]sx?$/i;
const WORKER_SIGNS =
	/\b(?:parentPort|workerData)\b[^;]*["'](?:node:)?worker_threads["']|\bself\.onmessage\b|\bself\.addEventListener\(\s*["']message/;

/** Whether the file is the program of a worker thread: what it holds is its own thread. */
export function isWorkerFile(file: FileModel): boolean {
	return WORKER_FILE.test(file.path) || WORKER_SIGNS.test(file.source.text);
}

/**
 * Whether the function runs as the program starts: called at the top level of the module, and nowhere else.
 * `(async () => {…})()` and `main().catch(…)` are the usual forms.
 */
export function runsAtStartUp(file: FileModel, fn: FunctionNode): boolean {
	if (enclosingFunction(fn) !== undefined) return false;
	const immediate = fn.parent;
	if (immediate?.type === "CallExpression" && unwrap(immediate.callee) === fn) return true;
	const variable = fn.type === "FunctionDeclaration" && fn.id !== null ? file.declared(fn.id) : boundTo(file, fn);
	if (variable === undefined) return false;
	let called = false;
	for (const reference of variable.references) {
		if (reference.init === true) continue;
		const { identifier } = reference;
		const isCall = identifier.parent?.type === "CallExpression" && identifier.parent.callee === identifier;
		if (!isCall || enclosingFunction(identifier) !== undefined) return false;
		if (closest(identifier, (node) => node.type === "ExportNamedDeclaration")) return false;
		called = true;
	}
	return called && fn.parent?.type !== "ExportNamedDeclaration";
}

/** The name under which a function is known where it is written, for messages. */
export function functionName(fn: FunctionNode): string | undefined {
	if (fn.id !== null && fn.id !== undefined) return fn.id.name;
	const parent = fn.parent;
	if (parent?.type === "VariableDeclarator" && parent.id.type === "Identifier") return parent.id.name;
	if (parent?.type === "Property" || parent?.type === "MethodDefinition" || parent?.type === "PropertyDefinition") {
		return keyName(parent);
	}
	const call = parent?.type === "CallExpression" ? parent.parent : null;
	if (call?.type === "VariableDeclarator" && call.id.type === "Identifier") return call.id.name;
	return undefined;
}

/** The functions that run this node's code synchronously: itself, out through callbacks of `forEach`, `new Promise`. */
export function runningFunction(file: FileModel, node: Node): FunctionNode | undefined {
	let fn = enclosingFunction(node);
	while (fn !== undefined && !fn.async && !fn.generator && isRunInPlace(file, fn)) fn = enclosingFunction(fn);
	return fn;
}

const IN_PLACE_METHODS = new Set([
	"map",
	"forEach",
	"filter",
	"some",
	"every",
	"find",
	"findIndex",
	"findLast",
	"flatMap",
	"reduce",
	"reduceRight",
	"sort",
	"toSorted",
]);

function isRunInPlace(file: FileModel, fn: FunctionNode): boolean {
	const call = fn.parent;
	if (!call || isFunction(call)) return false;
	if (call.type === "NewExpression") return file.isGlobal(call.callee, "Promise") && call.arguments[0] === fn;
	if (call.type !== "CallExpression") return false;
	if (unwrap(call.callee) === fn) return true;
	const name = memberName(unwrap(call.callee));
	if (name === "from" && call.arguments[1] === fn) return true;
	return name !== undefined && IN_PLACE_METHODS.has(name) && call.arguments[0] === fn;
}
