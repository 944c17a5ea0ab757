/**
 * `select` cancels the branches that lose. In a loop that happens again and again, so a branch that has taken
 * something when it is cancelled loses it: half a line of input, the message that was about to be sent.
 */

import { isTaskTaker } from "../analysis/api.ts";
import { fileOf } from "../analysis/file.ts";
import type { RuleModule } from "../ast/eslint.ts";
import type { CallExpression, Node } from "../ast/nodes.ts";
import { calleeText, closest, isFunction, isLoop, memberName, unwrap } from "../ast/query.ts";
import { defineRule } from "../rule.ts";

export const noCancelUnsafeInSelect: RuleModule = defineRule({
	name: "no-cancel-unsafe-in-select",
	description: "a branch of a `select` in a loop must be cancel safe",
	type: "problem",
	recommended: true,
	messages: {
		unsafe: "`{{call}}(…)` is not cancel safe: when another branch of this `{{select}}` wins, {{loss}}. {{advice}}",
		documented:
			"`{{call}}` is documented as not cancel safe, and this `{{select}}` cancels it each time another branch wins. Make it once before the loop and pass `byRef(…)`.",
	},
	create(context) {
		const file = fileOf(context);
		if (!file.usesYamanote) return {};
		return {
			CallExpression(node) {
				const callee = file.shape(node.callee);
				if (callee?.is !== "api" || (callee.name !== "select" && callee.name !== "race")) return;
				const around = closest(node, (at) => isLoop(at) || isFunction(at));
				if (!around || isFunction(around)) return;
				for (const branch of branchesOf(node)) check(branch, callee.name);
			},
		};

		function check(branch: Node, select: string): void {
			const call = unwrap(branch);
			if (call.type === "ConditionalExpression") {
				check(call.consequent, select);
				check(call.alternate, select);
				return;
			}
			if (call.type === "LogicalExpression") {
				check(call.right, select);
				return;
			}
			if (call.type !== "CallExpression") return;
			const callee = unwrap(call.callee);
			const name = memberName(callee);
			const text = calleeText(callee, context.sourceCode);
			if (name !== undefined && callee.type === "MemberExpression") {
				const receiver = file.shape(callee.object);
				const loss = receiver?.is === "instance" ? LOSSES[`${receiver.of}.${name}`] : undefined;
				if (loss !== undefined) {
					context.report({ node: call, messageId: "unsafe", data: { call: text, select, ...loss } });
					return;
				}
			}
			const shape = file.shape(callee);
			if (isTaskTaker(shape)) return;
			if (shape?.is === "api" && shape.name in FUNCTION_LOSSES) {
				const loss = FUNCTION_LOSSES[shape.name];
				if (loss) context.report({ node: call, messageId: "unsafe", data: { call: text, select, ...loss } });
			} else if (shape?.is === "function" && shape.node !== undefined && isDocumentedUnsafe(shape.node)) {
				context.report({ node: call, messageId: "documented", data: { call: text, select } });
			}
		}

		/** `@cancelSafety not cancel safe: …` in the comment of a function of this file. */
		function isDocumentedUnsafe(fn: Node): boolean {
			for (let at: Node | null = fn; at && at.type !== "Program" && at.type !== "BlockStatement"; at = at.parent) {
				const documented = context.sourceCode
					.getCommentsBefore(at)
					.some((comment) => /@cancelSafety\s+not\s+cancel[- ]safe/i.test(comment.value));
				if (documented) return true;
			}
			return false;
		}
	},
});

interface Loss {
	readonly loss: string;
	readonly advice: string;
}

const READ: Loss = {
	loss: "what it has read so far is lost",
	advice: "Make it once before the loop and pass `byRef(…)`, or read by pieces with `read`.",
};
const WRITE: Loss = {
	loss: "nobody knows how much of it was written",
	advice: "Make it once before the loop and pass `byRef(…)`.",
};
const SEND: Loss = {
	loss: "the message is dropped",
	advice: "Select on `reserve()` and send with the permit, which cannot wait.",
};
const JOIN_ALL: Loss = {
	loss: "the results that it has collected are lost",
	advice: "Select on `joinNext()`.",
};

/** Methods that lose something when they are cancelled, by class. */
const LOSSES: Readonly<Record<string, Loss>> = {
	"mpsc.Sender.send": SEND,
	"mpsc.Sender.sendTimeout": SEND,
	"mpmc.Sender.send": SEND,
	"Framed.send": SEND,
	"FramedWrite.send": SEND,
	"Barrier.wait": {
		loss: "its arrival stays counted, and the next loop arrives a second time",
		advice: "Make it once before the loop and pass `byRef(…)`.",
	},
	"JoinSet.joinAll": JOIN_ALL,
	...Object.fromEntries(
		["BufReader", "BufStream", "TcpStream", "UnixStream", "File"].flatMap((of) =>
			["readExact", "readToEnd", "readToString", "readLine"].map((method) => [`${of}.${method}`, READ]),
		),
	),
	...Object.fromEntries(
		["BufWriter", "BufStream", "TcpStream", "UnixStream", "File"].flatMap((of) =>
			["writeAll", "writeAllVectored"].map((method) => [`${of}.${method}`, WRITE]),
		),
	),
};

const FUNCTION_LOSSES: Readonly<Record<string, Loss>> = {
	copy: { loss: "the bytes in its buffer are lost", advice: "Make it once before the loop and pass `byRef(…)`." },
	copyBidirectional: {
		loss: "the bytes in its buffers are lost",
		advice: "Make it once before the loop and pass `byRef(…)`.",
	},
};

/** The futures that a `select({…})` or `race([…])` is given. */
function branchesOf(select: CallExpression): Node[] {
	const [branches] = select.arguments;
	if (branches === undefined) return [];
	const value = unwrap(branches);
	if (value.type === "ObjectExpression") {
		return value.properties.flatMap((property) => (property.type === "Property" ? [property.value] : []));
	}
	if (value.type === "ArrayExpression") return value.elements.flatMap((element) => (element === null ? [] : [element]));
	return [];
}
