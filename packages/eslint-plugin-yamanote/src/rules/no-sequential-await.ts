/**
 * Two waits one after another take the sum of their times, where side by side they would take the longer one.
 *
 * Reported only where nothing speaks against it: the waits read (see `analysis/effects.ts`), none uses what another
 * gave, no early exit or other work lies between them, and the code is no test. Loops likewise: each round must
 * wait for something of its own item and do nothing but collect.
 */
import { Effects } from "../analysis/effects.ts";
import { fileOf } from "../analysis/file.ts";
import { isTaskGenerator, isTestCode, isWorkerFunction } from "../analysis/tasks.ts";
import type { RuleModule, Suggestion, Variable } from "../ast/eslint.ts";
import { importName } from "../ast/fix.ts";
import type { FunctionNode, Node } from "../ast/nodes.ts";
import {
	contains,
	enclosingFunction,
	excerpt,
	isFunction,
	isSuspension,
	memberName,
	statementsOf,
	unwrap,
	walk,
	walkSameFunction,
} from "../ast/query.ts";
import { defineRule } from "../rule.ts";

/** One statement of a run of waits: what it waits for, and the variables that it fills. */
interface Step {
	readonly statement: Node;
	readonly wait: Node;
	readonly operand: Node;
	readonly fills: ReadonlySet<Variable>;
	readonly isBodyRead: boolean;
}

export const noSequentialAwait: RuleModule = defineRule({
	name: "no-sequential-await",
	description: "independent waits run side by side",
	type: "suggestion",
	recommended: true,
	suggests: true,
	messages: {
		sequential:
			"`{{second}}` does not need `{{first}}`, and still waits for it to end. Run them side by side: `{{keyword}} {{join}}([…])`.",
		inExpression:
			"The waits in this expression go one after another, and none needs the other. Run them side by side: `{{keyword}} {{join}}([…])`.",
		loop: "Each round of this loop waits for the one before, and none needs it. Run them side by side: `{{advice}}`.",
		together: "Wait for them together with `{{join}}`.",
	},
	create(context) {
		const file = fileOf(context);
		const { sourceCode } = context;
		if (!/\basync\b/.test(sourceCode.text) && !file.usesYamanote) return {};
		let effects: Effects | undefined;
		const reads = (node: Node): boolean => {
			effects ??= new Effects(file);
			return effects.of(node) === "reads";
		};
		return {
			BlockStatement: (node) => checkStatements(node.body),
			SwitchCase: (node) => checkStatements(node.consequent),
			ForOfStatement: checkLoop,
			ForStatement: checkLoop,
			ForInStatement: checkLoop,
			ArrayExpression: checkExpression,
			ObjectExpression: checkExpression,
			CallExpression: checkExpression,
			NewExpression: checkExpression,
			BinaryExpression: checkExpression,
			TemplateLiteral: checkExpression,
		};

		// --- consecutive statements ------------------------------------------------------------------------------

		function checkStatements(statements: readonly Node[]): void {
			if (statements.length < 2) return;
			let run: Step[] = [];
			for (const statement of statements) {
				const step = stepOf(statement);
				if (step !== undefined) run.push(step);
				else if (!isQuietDeclaration(statement)) {
					checkRun(run);
					run = [];
				}
			}
			checkRun(run);
		}

		/** `const user = await getUser(id);`, `let b; … b = yield* load(x);` */
		function stepOf(statement: Node): Step | undefined {
			let target: Node;
			let value: Node | null;
			if (statement.type === "VariableDeclaration" && statement.declarations.length === 1) {
				const [declarator] = statement.declarations;
				if (declarator === undefined || statement.kind === "using" || statement.kind === "await using")
					return undefined;
				target = declarator.id;
				value = declarator.init;
			} else if (statement.type === "ExpressionStatement" && statement.expression.type === "AssignmentExpression") {
				const { left, operator, right } = statement.expression;
				if (operator !== "=" || left.type !== "Identifier") return undefined;
				target = left;
				value = right;
			} else return undefined;
			const found = value === null ? undefined : waitOf(value);
			if (found === undefined) return undefined;
			const operand = unwrap(found.operand);
			return { statement, ...found, fills: namesIn(target), isBodyRead: isBodyRead(operand) };
		}

		/** The wait that a value consists of: `await f()`, `(await f()).data`, `(await f())!`. */
		function waitOf(value: Node): { wait: Node; operand: Node } | undefined {
			let node = unwrap(value);
			while (node.type === "MemberExpression" && !node.computed) node = unwrap(node.object);
			if (node.type === "AwaitExpression") return { wait: node, operand: node.argument };
			if (node.type !== "YieldExpression" || !node.delegate || node.argument === null) return undefined;
			return { wait: node, operand: node.argument };
		}

		/** `response.json()` of a response that was waited for before: it depends on that one, and reads only it. */
		function isBodyRead(operand: Node): boolean {
			if (operand.type !== "CallExpression" || operand.arguments.length > 0) return false;
			const callee = unwrap(operand.callee);
			const name = memberName(callee);
			return callee.type === "MemberExpression" && callee.object.type === "Identifier" && BODY_READS.has(name ?? "");
		}

		function checkRun(run: readonly Step[]): void {
			const [head] = run;
			if (run.length < 2 || head === undefined || !isCandidate(head.wait)) return;
			for (let later = 1; later < run.length; later++) {
				const second = run[later];
				if (second === undefined || second.isBodyRead) continue;
				for (let earlier = 0; earlier < later; earlier++) {
					const first = run[earlier];
					if (first === undefined || first.isBodyRead) continue;
					if (dependsOn(second, first, run)) continue;
					// A step in between that does something may be what the second one waits to see.
					const steps = run.slice(earlier, later + 1);
					if (!steps.every((step) => step.isBodyRead || reads(step.operand))) continue;
					report(first, second, run);
					return;
				}
			}
		}

		/** Whether `second` uses, through the steps between, anything that `first` gave. */
		function dependsOn(second: Step, first: Step, run: readonly Step[]): boolean {
			const tainted = new Set(first.fills);
			for (const step of run.slice(run.indexOf(first) + 1, run.indexOf(second))) {
				if (mentions(step.operand, tainted)) for (const variable of step.fills) tainted.add(variable);
			}
			// What is declared between the steps may pass a result on.
			const { parent } = second.statement;
			if (parent) {
				for (const statement of statementsOf(parent)) {
					const isBetween =
						statement.range[0] > first.statement.range[1] && statement.range[1] < second.statement.range[0];
					if (!isBetween || statement.type !== "VariableDeclaration") continue;
					for (const { id, init } of statement.declarations) {
						if (init !== null && mentions(init, tainted)) for (const variable of namesIn(id)) tainted.add(variable);
					}
				}
			}
			// The same variable filled twice keeps its last value.
			for (const variable of second.fills) if (tainted.has(variable)) return true;
			return mentions(second.operand, tainted) || mentionsDeclaredBetween(second, first);
		}

		/** Whether a destructuring default or computed key of the second target uses the first result. */
		function mentionsDeclaredBetween(second: Step, first: Step): boolean {
			return second.statement.type === "VariableDeclaration" && mentions(second.statement, first.fills);
		}

		function report(first: Step, second: Step, run: readonly Step[]): void {
			const keyword = second.wait.type === "AwaitExpression" ? "await" : "yield*";
			const join = joinName(second.operand);
			context.report({
				node: second.wait,
				messageId: "sequential",
				data: {
					first: excerpt(first.operand, sourceCode),
					second: excerpt(second.operand, sourceCode),
					keyword,
					join,
				},
				suggest: suggestion(first, second, run, keyword, join),
			});
		}

		function joinName(operand: Node): string {
			return file.usesYamanote && file.shape(operand)?.is === "future" ? "tryJoin" : "Promise.all";
		}

		/** For two neighbouring constants: `const [a, b] = await Promise.all([f(), g()]);`. */
		function suggestion(first: Step, second: Step, run: readonly Step[], keyword: string, join: string): Suggestion[] {
			if (run.indexOf(second) !== run.indexOf(first) + 1) return [];
			const [a, b] = [first.statement, second.statement];
			if (a.type !== "VariableDeclaration" || b.type !== "VariableDeclaration" || a.kind !== b.kind) return [];
			const [one, two] = [a.declarations[0], b.declarations[0]];
			if (!one?.init || !two?.init || unwrap(one.init) !== first.wait || unwrap(two.init) !== second.wait) return [];
			if (first.wait.type !== second.wait.type || sourceCode.text.slice(a.range[1], b.range[0]).trim() !== "")
				return [];
			if (joinName(first.operand) !== join) return [];
			return [
				{
					messageId: "together",
					data: { join },
					fix(fixer) {
						const imported = join === "tryJoin" ? importName(file, fixer, "tryJoin", a) : { local: join, fixes: [] };
						if (imported === undefined) return null;
						const names = `[${sourceCode.getText(one.id)}, ${sourceCode.getText(two.id)}]`;
						const calls = `[${sourceCode.getText(first.operand)}, ${sourceCode.getText(second.operand)}]`;
						const text = `${a.kind} ${names} = ${keyword} ${imported.local}(${calls});`;
						return [...imported.fixes, fixer.replaceTextRange([a.range[0], b.range[1]], text)];
					},
				},
			];
		}

		/** A declaration without calls or waits changes nothing about when things happen. */
		function isQuietDeclaration(statement: Node): boolean {
			if ((statement.type as string).startsWith("TS")) return true;
			if (statement.type !== "VariableDeclaration" || statement.kind === "using") return false;
			return !walk(statement, sourceCode, (node) => {
				if (isFunction(node)) return false;
				return isSuspension(node) || CALLS.has(node.type) ? "stop" : undefined;
			});
		}

		// --- one expression --------------------------------------------------------------------------------------

		function checkExpression(node: Node): void {
			const parts = partsOf(node);
			if (parts === undefined) return;
			const waits = parts.filter((part) => isSuspension(part) && waitOf(part) !== undefined);
			if (waits.length < 2 || waits.length !== parts.filter((part) => containsWait(part)).length) return;
			const [first] = waits;
			if (first === undefined || !isCandidate(first)) return;
			const operands = waits.map((wait) => waitOf(wait)?.operand ?? wait);
			if (!operands.every(reads)) return;
			// Other parts are evaluated between the waits: calls among them may do something.
			if (parts.some((part) => !waits.includes(part) && hasCall(part))) return;
			const keyword = first.type === "AwaitExpression" ? "await" : "yield*";
			context.report({
				node: waits[1] ?? node,
				messageId: "inExpression",
				data: { keyword, join: operands[0] === undefined ? "Promise.all" : joinName(operands[0]) },
			});
		}

		/** The parts of an expression that are evaluated one after another, whatever each of them gives. */
		function partsOf(node: Node): Node[] | undefined {
			switch (node.type) {
				case "ArrayExpression":
					return node.elements.flatMap((element) => (element === null ? [] : [unwrap(element)]));
				case "ObjectExpression":
					return node.properties.flatMap((property) => (property.type === "Property" ? [unwrap(property.value)] : []));
				case "CallExpression":
				case "NewExpression":
					return node.arguments.length < 2 ? undefined : node.arguments.map(unwrap);
				case "BinaryExpression":
					return [unwrap(node.left), unwrap(node.right)];
				case "TemplateLiteral":
					return node.expressions.length < 2 ? undefined : node.expressions.map(unwrap);
				default:
					return undefined;
			}
		}

		function containsWait(node: Node): boolean {
			return walkSameFunction(node, sourceCode, (inner) => (isSuspension(inner) ? "stop" : undefined));
		}

		function hasCall(node: Node): boolean {
			return walkSameFunction(node, sourceCode, (inner) => (CALLS.has(inner.type) ? "stop" : undefined));
		}

		// --- loops -----------------------------------------------------------------------------------------------

		function checkLoop(node: Node): void {
			if (node.type !== "ForOfStatement" && node.type !== "ForStatement" && node.type !== "ForInStatement") return;
			if (node.type === "ForOfStatement" && node.await) return;
			const items = loopVariables(node);
			if (items.size === 0) return;
			const waits: Node[] = [];
			walkSameFunction(node.body, sourceCode, (inner) => {
				if (isSuspension(inner)) waits.push(inner);
			});
			const [first] = waits;
			if (first === undefined || !isCandidate(first)) return;
			if (!isCollecting(node.body, node, items) || !waits.every((wait) => waitsForOwnItem(wait, node, items))) return;
			context.report({ node: first, messageId: "loop", data: { advice: adviceFor(first) } });
		}

		function adviceFor(wait: Node): string {
			if (file.usesYamanote) {
				const keyword = wait.type === "AwaitExpression" ? "await" : "yield*";
				return `${keyword} mapConcurrent(items, 8, (item) => …)`;
			}
			return "await Promise.all(items.map(async (item) => …))";
		}

		function loopVariables(node: Node): ReadonlySet<Variable> {
			if (node.type === "ForStatement") {
				return node.init?.type === "VariableDeclaration" ? declaredIn(node.init) : new Set();
			}
			if (node.type !== "ForOfStatement" && node.type !== "ForInStatement") return new Set();
			return node.left.type === "VariableDeclaration" ? declaredIn(node.left) : new Set();
		}

		/** Whether the wait is for something of this round's item, and nothing that an earlier round left behind. */
		function waitsForOwnItem(wait: Node, loop: Node, items: ReadonlySet<Variable>): boolean {
			if (wait.type === "YieldExpression" && !wait.delegate) return false;
			const operand = wait.type === "AwaitExpression" || wait.type === "YieldExpression" ? wait.argument : null;
			if (operand === null) return false;
			if (isBodyRead(unwrap(operand))) return true;
			return reads(operand) && dependsOnItem(operand, loop, items, 0);
		}

		function dependsOnItem(operand: Node, loop: Node, items: ReadonlySet<Variable>, depth: number): boolean {
			if (mentions(operand, items)) return true;
			if (depth > 4) return false;
			return walk(operand, sourceCode, (node) => {
				if (node.type !== "Identifier") return undefined;
				const variable = file.variable(node);
				const definition = variable?.defs[0];
				if (definition?.node.type !== "VariableDeclarator" || !contains(loop, definition.node)) return undefined;
				const { init } = definition.node;
				return init !== null && dependsOnItem(init, loop, items, depth + 1) ? "stop" : undefined;
			});
		}

		/** Whether a round only declares, collects and skips: nothing that the order of the rounds could matter to. */
		function isCollecting(body: Node, loop: Node, items: ReadonlySet<Variable>): boolean {
			const statements = body.type === "BlockStatement" ? body.body : [body];
			return statements.every((statement) => isCollectingStatement(statement, loop, items));
		}

		function isCollectingStatement(statement: Node, loop: Node, items: ReadonlySet<Variable>): boolean {
			switch (statement.type) {
				case "BlockStatement":
					return isCollecting(statement, loop, items);
				case "VariableDeclaration":
					return (
						statement.kind !== "using" &&
						statement.kind !== "await using" &&
						statement.declarations.every(({ init }) => init === null || isQuietValue(init, loop))
					);
				case "ExpressionStatement":
					return isCollectingExpression(unwrap(statement.expression), loop);
				case "IfStatement":
					return (
						isQuietValue(statement.test, loop) &&
						isCollecting(statement.consequent, loop, items) &&
						(statement.alternate === null || isCollecting(statement.alternate, loop, items))
					);
				case "ContinueStatement":
					return statement.label === null;
				case "EmptyStatement":
					return true;
				default:
					return false;
			}
		}

		/** `found.push(x)`, `byId.set(id, x)`, `pages[i] = x`, `total += x`. */
		function isCollectingExpression(expression: Node, loop: Node): boolean {
			if (expression.type === "CallExpression") {
				const callee = unwrap(expression.callee);
				if (callee.type !== "MemberExpression" || !COLLECTING.has(memberName(callee) ?? "")) return false;
				return isOutside(callee.object, loop) && expression.arguments.every((value) => isQuietValue(value, loop));
			}
			if (expression.type === "UpdateExpression") return expression.argument.type === "Identifier";
			if (expression.type !== "AssignmentExpression") return false;
			if (expression.operator === "+=") {
				return expression.left.type === "Identifier" && isQuietValue(expression.right, loop);
			}
			const { left } = expression;
			return (
				expression.operator === "=" &&
				left.type === "MemberExpression" &&
				left.computed &&
				isOutside(left.object, loop) &&
				isQuietValue(left.property, loop) &&
				isQuietValue(expression.right, loop)
			);
		}

		function isOutside(object: Node, loop: Node): boolean {
			const node = unwrap(object);
			if (node.type !== "Identifier") return false;
			const definition = file.variable(node)?.defs[0];
			return definition !== undefined && !contains(loop, definition.name) && definition.type === "Variable";
		}

		/** A value whose making does nothing but read: it has no calls but of harmless methods, and its waits read. */
		function isQuietValue(value: Node, loop: Node): boolean {
			return !walk(value, sourceCode, (node) => {
				if (isSuspension(node)) {
					const operand = node.type === "AwaitExpression" || node.type === "YieldExpression" ? node.argument : null;
					return operand !== null && (reads(operand) || isBodyRead(unwrap(operand))) && !readsCollected(operand, loop)
						? false
						: "stop";
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
						return isCarried(node, loop) ? "stop" : undefined;
					default:
						return undefined;
				}
			});
		}

		function readsCollected(operand: Node, loop: Node): boolean {
			return walk(operand, sourceCode, (node) =>
				node.type === "Identifier" && isCarried(node, loop) ? "stop" : undefined,
			);
		}

		/** Whether the variable belongs to the code around the loop and is changed in it: the next round sees that. */
		function isCarried(node: Node, loop: Node): boolean {
			const variable = file.variable(node);
			const definition = variable?.defs[0];
			if (variable === undefined || definition === undefined || contains(loop, definition.name)) return false;
			return variable.references.some(({ identifier, ...reference }) => {
				if (!contains(loop, identifier)) return false;
				if (file.reference(identifier)?.isWrite() === true && reference.init !== true) return true;
				const member = identifier.parent;
				if (member?.type !== "MemberExpression" || member.object !== identifier) return false;
				if (member.parent?.type === "AssignmentExpression" && member.parent.left === member) return true;
				return COLLECTING.has(memberName(member) ?? "") && member.parent?.type === "CallExpression";
			});
		}

		// --- shared ----------------------------------------------------------------------------------------------

		/** Whether the wait is in an async function or a task's generator that is no test and no worker. */
		function isCandidate(wait: Node): boolean {
			const fn = enclosingFunction(wait);
			if (fn === undefined || !isAsyncCode(fn, wait)) return false;
			return !isWorkerFunction(file, fn) && !isTestCode(file, wait);
		}

		function isAsyncCode(fn: FunctionNode, wait: Node): boolean {
			if (wait.type === "AwaitExpression") return fn.async;
			return isTaskGenerator(file, fn);
		}

		function declaredIn(declaration: Node): ReadonlySet<Variable> {
			return declaration.type === "VariableDeclaration"
				? new Set(declaration.declarations.flatMap(({ id }) => [...namesIn(id)]))
				: new Set();
		}

		/** The variables that a pattern, or a plain name, fills. */
		function namesIn(pattern: Node): ReadonlySet<Variable> {
			const found = new Set<Variable>();
			walk(pattern, sourceCode, (node) => {
				if (node.type !== "Identifier") return undefined;
				const variable = file.declared(node) ?? file.variable(node);
				if (variable !== undefined) found.add(variable);
				return undefined;
			});
			return found;
		}

		/** Whether the expression uses one of the variables, itself or through a function of this file that it names. */
		function mentions(expression: Node, variables: ReadonlySet<Variable>, depth = 0): boolean {
			if (variables.size === 0) return false;
			return walk(expression, sourceCode, (node) => {
				if (node.type !== "Identifier") return undefined;
				const variable = file.variable(node);
				if (variable === undefined) return undefined;
				if (variables.has(variable)) return "stop";
				const shape = depth < 2 ? file.variableShape(variable) : undefined;
				const body = shape?.is === "function" ? shape.node : undefined;
				return body !== undefined && !contains(expression, body) && mentions(body, variables, depth + 1)
					? "stop"
					: undefined;
			});
		}
	},
});

const BODY_READS = new Set(["json", "text", "blob", "arrayBuffer", "bytes", "formData"]);
const CALLS = new Set(["CallExpression", "NewExpression", "TaggedTemplateExpression", "ImportExpression"]);
const COLLECTING = new Set(["push", "unshift", "set", "add", "append"]);
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
	"encodeURIComponent",
]);
