/** Loops that wait by asking the clock again and again. */

import type { Node } from "../ast/nodes.ts";
import { hasSuspension, memberName, unwrap, walkSameFunction } from "../ast/query.ts";
import type { FileModel } from "./file.ts";

/**
 * Whether the loop does nothing but wait for the clock. A loop that works until its time is up, then lets others
 * run, is the opposite of that: whatever has another condition, or calls something in its body, is left alone.
 */
export function blockingLoop(file: FileModel, node: Node): boolean {
	if (node.type !== "WhileStatement" && node.type !== "DoWhileStatement" && node.type !== "ForStatement") return false;
	if (hasSuspension(node.body, file.source)) return false;
	const { test } = node;
	if (test !== null && isClockTest(file, test)) return doesNothing(file, node.body);
	const isEndless = test === null || (test.type === "Literal" && test.value === true);
	return isEndless && breaksByClock(file, node.body);
}

/** `Date.now() - start < ms`, `performance.now() < end`, `new Date() < until`. */
function isClockTest(file: FileModel, test: Node): boolean {
	const node = unwrap(test);
	if (node.type !== "BinaryExpression" || !/^[<>]=?$/.test(node.operator)) return false;
	return readsClock(file, node.left) || readsClock(file, node.right);
}

function readsClock(file: FileModel, expression: Node): boolean {
	return walkSameFunction(expression, file.source, (node) => {
		if (node.type === "NewExpression") {
			return file.isGlobal(node.callee, "Date") && node.arguments.length === 0 ? "stop" : undefined;
		}
		if (node.type !== "CallExpression") return undefined;
		const callee = unwrap(node.callee);
		if (callee.type !== "MemberExpression") return undefined;
		const name = memberName(callee);
		if (name === "now") {
			return file.isGlobal(callee.object, "Date") || file.isGlobal(callee.object, "performance") ? "stop" : undefined;
		}
		if (name === "hrtime") return file.isGlobal(callee.object, "process") ? "stop" : undefined;
		return name === "bigint" && memberName(unwrap(callee.object)) === "hrtime" ? "stop" : undefined;
	});
}

/** An empty body, or one that only counts or reads the clock once more. */
function doesNothing(file: FileModel, body: Node): boolean {
	const works = walkSameFunction(body, file.source, (node) => {
		if (node.type === "NewExpression" && !readsClock(file, node)) return "stop";
		if (node.type === "CallExpression") return readsClock(file, node) || isMath(file, node.callee) ? false : "stop";
		return undefined;
	});
	return !works;
}

function isMath(file: FileModel, callee: Node): boolean {
	const node = unwrap(callee);
	return node.type === "MemberExpression" && file.isGlobal(node.object, "Math");
}

/** `for (;;) { if (Date.now() > end) break; }` */
function breaksByClock(file: FileModel, body: Node): boolean {
	const statement = body.type === "BlockStatement" && body.body.length === 1 ? body.body[0] : body;
	if (statement?.type !== "IfStatement" || statement.alternate !== null) return false;
	const exit = statement.consequent.type === "BlockStatement" ? statement.consequent.body[0] : statement.consequent;
	return exit?.type === "BreakStatement" && isClockTest(file, statement.test);
}
