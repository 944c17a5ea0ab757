/**
 * Loops of which each round waits for something of its own and only collects what it gets.
 *
 * Such rounds can run side by side. Everything else that a round might do (stop early, print, change what another
 * round reads, pace itself) is a reason for them to go one after another.
 */
import type { Variable } from "../ast/eslint.ts";
import type { ForInStatement, ForOfStatement, ForStatement, Node } from "../ast/nodes.ts";
import { contains, isFunction, isSuspension, memberName, unwrap, walk, walkSameFunction } from "../ast/query.ts";
import { declaredBy, isBodyRead, mentions } from "./dataflow.ts";
import type { FileModel } from "./file.ts";

/** Whether evaluating an awaited expression only reads. */
export type Reads = (operand: Node) => boolean;

/** The first wait of the loop, if its rounds are independent of one another. */
export function independentWait(
	file: FileModel,
	reads: Reads,
	loop: ForStatement | ForOfStatement | ForInStatement,
): Node | undefined {
	if (loop.type === "ForOfStatement" && loop.await) return undefined;
	if (loop.type === "ForStatement" && takesPieces(loop)) return undefined;
	const heading = loop.type === "ForStatement" ? loop.init : loop.left;
	const items = heading === null ? new Set<Variable>() : declaredBy(file, heading);
	if (items.size === 0) return undefined;
	const waits: Node[] = [];
	walkSameFunction(loop.body, file.source, (inner) => {
		if (isSuspension(inner)) waits.push(inner);
	});
	if (waits.length === 0) return undefined;
	const rounds = new Rounds(file, reads, loop);
	if (!rounds.isCollecting(loop.body)) return undefined;
	// A walk over what the rounds themselves add to, or a search that ends when enough was found.
	const goesOn = loop.type === "ForStatement" ? loop.test : loop.right;
	if (goesOn !== null && rounds.readsCollected(goesOn)) return undefined;
	// Reading the body of what is at hand is no reason to do anything side by side.
	const first = waits.find((wait) => !isBodyRead(operandOf(wait) ?? wait));
	return waits.every((wait) => rounds.waitsForOwnItem(wait, items)) ? first : undefined;
}

/** `i += BATCH_SIZE`: who takes a list piece by piece does not want all of it at once. */
function takesPieces({ update }: ForStatement): boolean {
	if (update?.type !== "AssignmentExpression") return false;
	return !(update.right.type === "Literal" && update.right.value === 1);
}

/** Questions about the body of one loop. */
class Rounds {
	readonly #file: FileModel;
	readonly #reads: Reads;
	readonly #loop: Node;

	constructor(file: FileModel, reads: Reads, loop: Node) {
		this.#file = file;
		this.#reads = reads;
		this.#loop = loop;
	}

	/** Whether the wait is for something of this round's item, and nothing that an earlier round left behind. */
	waitsForOwnItem(wait: Node, items: ReadonlySet<Variable>): boolean {
		const operand = operandOf(wait);
		if (operand === undefined) return false;
		return isBodyRead(operand) || (this.#reads(operand) && this.#dependsOnItem(operand, items, 0));
	}

	#dependsOnItem(operand: Node, items: ReadonlySet<Variable>, depth: number): boolean {
		if (mentions(this.#file, operand, items)) return true;
		if (depth > 4) return false;
		return walk(operand, this.#file.source, (node) => {
			if (node.type !== "Identifier") return undefined;
			const declarator = this.#file.variable(node)?.defs[0]?.node;
			if (declarator?.type !== "VariableDeclarator" || !contains(this.#loop, declarator)) return undefined;
			const { init } = declarator;
			return init !== null && this.#dependsOnItem(init, items, depth + 1) ? "stop" : undefined;
		});
	}

	/** Whether a round only declares, collects and skips: nothing that the order of the rounds could matter to. */
	isCollecting(body: Node): boolean {
		switch (body.type) {
			case "BlockStatement":
				return body.body.every((statement) => this.isCollecting(statement));
			case "VariableDeclaration":
				if (body.kind === "using" || body.kind === "await using") return false;
				return body.declarations.every(({ init }) => init === null || this.#isQuiet(init));
			case "ExpressionStatement":
				return this.#isCollectingExpression(unwrap(body.expression));
			case "IfStatement":
				return (
					this.#isQuiet(body.test) &&
					this.isCollecting(body.consequent) &&
					(body.alternate === null || this.isCollecting(body.alternate))
				);
			case "ContinueStatement":
				return body.label === null;
			case "EmptyStatement":
				return true;
			default:
				return false;
		}
	}

	/** `found.push(x)`, `byId.set(id, x)`, `pages[i] = x`, `total += x`. */
	#isCollectingExpression(expression: Node): boolean {
		if (expression.type === "CallExpression") {
			const callee = unwrap(expression.callee);
			const container = CONTAINERS[memberName(callee) ?? ""];
			if (callee.type !== "MemberExpression" || container === undefined) return false;
			return this.#isContainer(callee.object, container) && expression.arguments.every((value) => this.#isQuiet(value));
		}
		if (expression.type === "UpdateExpression") return expression.argument.type === "Identifier";
		if (expression.type !== "AssignmentExpression") return false;
		const { left, operator, right } = expression;
		if (operator === "+=") return left.type === "Identifier" && this.#isQuiet(right);
		return (
			operator === "=" &&
			left.type === "MemberExpression" &&
			left.computed &&
			this.#isContainer(left.object, LITERALS) &&
			this.#isQuiet(left.property) &&
			this.#isQuiet(right)
		);
	}

	/** Whether the object is a plain collection that was made, empty or not, before the loop. */
	#isContainer(object: Node, kinds: ReadonlySet<string>): boolean {
		const node = unwrap(object);
		const variable = node.type === "Identifier" ? this.#file.variable(node) : undefined;
		const definition = variable?.defs[0];
		if (variable === undefined || definition === undefined || contains(this.#loop, definition.name)) return false;
		const init = this.#file.initializer(variable);
		const made = init === undefined ? undefined : unwrap(init);
		if (made?.type === "NewExpression" && made.callee.type === "Identifier") return kinds.has(made.callee.name);
		return made !== undefined && kinds.has(made.type);
	}

	/** A value whose making does nothing but read: it has no calls but of harmless methods, and its waits read. */
	#isQuiet(value: Node): boolean {
		return !walk(value, this.#file.source, (node) => {
			if (isSuspension(node)) {
				const operand = operandOf(node);
				if (operand === undefined) return "stop";
				return (this.#reads(operand) || isBodyRead(operand)) && !this.readsCollected(operand) ? false : "stop";
			}
			if (isFunction(node)) return node.async || node.generator ? "stop" : undefined;
			switch (node.type) {
				case "CallExpression": {
					const callee = unwrap(node.callee);
					const name = callee.type === "Identifier" ? callee.name : memberName(callee);
					return name !== undefined && QUIET_CALLS.has(name) ? undefined : "stop";
				}
				case "AssignmentExpression":
				case "UpdateExpression":
				case "TaggedTemplateExpression":
				case "ImportExpression":
					return "stop";
				case "Identifier":
					return this.#isCarried(node) ? "stop" : undefined;
				default:
					return undefined;
			}
		});
	}

	/** Whether the expression looks at what the rounds change. */
	readsCollected(expression: Node): boolean {
		return walk(expression, this.#file.source, (node) =>
			node.type === "Identifier" && this.#isCarried(node) ? "stop" : undefined,
		);
	}

	/** Whether the variable belongs to the code around the loop and is changed in it: the next round sees that. */
	#isCarried(node: Node): boolean {
		const variable = this.#file.variable(node);
		const definition = variable?.defs[0];
		if (variable === undefined || definition === undefined || contains(this.#loop, definition.name)) return false;
		return variable.references.some((reference) => {
			const { identifier } = reference;
			if (!contains(this.#loop, identifier)) return false;
			if (reference.isWrite() && reference.init !== true) return true;
			const member = identifier.parent;
			if (member?.type !== "MemberExpression" || member.object !== identifier) return false;
			if (member.parent?.type === "AssignmentExpression" && member.parent.left === member) return true;
			return CONTAINERS[memberName(member) ?? ""] !== undefined && member.parent?.type === "CallExpression";
		});
	}
}

function operandOf(wait: Node): Node | undefined {
	if (wait.type === "AwaitExpression") return wait.argument;
	return wait.type === "YieldExpression" && wait.delegate ? (wait.argument ?? undefined) : undefined;
}

const LITERALS = new Set(["ArrayExpression", "ObjectExpression", "Array"]);
const ARRAYS = new Set(["ArrayExpression", "Array"]);
/** Methods that put something into a collection, and what that collection must have been made as. */
const CONTAINERS: Readonly<Record<string, ReadonlySet<string>>> = {
	push: ARRAYS,
	unshift: ARRAYS,
	set: new Set(["Map"]),
	add: new Set(["Set"]),
};

/** Calls inside a round that only compute. */
const QUIET_CALLS = new Set([
	"String",
	"Number",
	"Boolean",
	"parse",
	"stringify",
	"join",
	"resolve",
	"basename",
	"dirname",
	"extname",
	"relative",
	"slice",
	"split",
	"trim",
	"toString",
	"toLowerCase",
	"toUpperCase",
	"replace",
	"startsWith",
	"endsWith",
	"includes",
	"map",
	"filter",
	"find",
	"some",
	"every",
	"keys",
	"values",
	"entries",
	"flat",
	"at",
	"has",
	"isArray",
	"isDirectory",
	"isFile",
	"encodeURIComponent",
]);
