/**
 * Two waits one after another take the sum of their times, where side by side they would take the longer one.
 *
 * Reported only where nothing speaks against it: the waits read (see `analysis/effects.ts`), none uses what another
 * gave, no early exit or other work lies between them, no comment says that the order is meant, and the code is no
 * test and no script. Loops likewise (see `analysis/independent-loop.ts`).
 */
import { declaredBy, isBodyRead, mentions, variablesIn } from "../analysis/dataflow.ts";
import { Effects } from "../analysis/effects.ts";
import { fileOf } from "../analysis/file.ts";
import { independentWait } from "../analysis/independent-loop.ts";
import { isScriptFile, isTaskGenerator, isTestCode, isWorkerFunction } from "../analysis/tasks.ts";
import type { RuleModule, Suggestion, Variable } from "../ast/eslint.ts";
import { importName } from "../ast/fix.ts";
import type { ForInStatement, ForOfStatement, ForStatement, Node } from "../ast/nodes.ts";
import {
	enclosingFunction,
	excerpt,
	isFunction,
	isSuspension,
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

		function checkStatements(statements: readonly Node[]): void {
			if (statements.length < 2) return;
			let run: Step[] = [];
			for (const statement of statements) {
				const step = stepOf(statement);
				if (step !== undefined) run.push(step);
				else if (run.length > 0 && !isQuietDeclaration(statement)) {
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
			return { statement, ...found, fills: variablesIn(file, target), isBodyRead: isBodyRead(found.operand) };
		}

		function checkRun(run: readonly Step[]): void {
			const [head] = run;
			if (run.length < 2 || head === undefined || !isCandidate(head.wait)) return;
			for (const [later, second] of run.entries()) {
				if (second.isBodyRead) continue;
				for (const [earlier, first] of run.slice(0, later).entries()) {
					if (first.isBodyRead || !isUsed(first) || dependsOn(second, first, run)) continue;
					// A step in between that does something may be what the second one waits to see.
					const steps = run.slice(earlier, later + 1);
					if (!steps.every((step) => step.isBodyRead || reads(step.operand))) continue;
					if (isOrderMeant(first.statement, second.statement)) return;
					report(first, second, run);
					return;
				}
			}
		}

		/** Whether anybody reads what the step filled; a wait whose value is not wanted is there for what it does. */
		function isUsed(step: Step): boolean {
			return [...step.fills].some((variable) => variable.references.some((reference) => reference.isRead()));
		}

		/** Whether `second` uses, through the steps between, anything that `first` gave. */
		function dependsOn(second: Step, first: Step, run: readonly Step[]): boolean {
			const tainted = new Set(first.fills);
			const between = (node: Node): boolean =>
				node.range[0] > first.statement.range[1] && node.range[1] < second.statement.range[0];
			const list = second.statement.parent === null ? [] : statementsOf(second.statement.parent);
			for (const statement of list.filter(between)) {
				const step = run.find((other) => other.statement === statement);
				if (step !== undefined) {
					if (mentions(file, step.operand, tainted)) for (const variable of step.fills) tainted.add(variable);
				} else if (mentions(file, statement, tainted)) {
					// What is declared between the steps may pass a result on.
					for (const variable of declaredBy(file, statement)) tainted.add(variable);
				}
			}
			// The same variable filled twice keeps its last value.
			for (const variable of second.fills) if (tainted.has(variable)) return true;
			return mentions(file, second.statement, tainted);
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

		/** Futures are joined by what cancels the rest; promises know no such thing. */
		function joinName(operand: Node): string {
			const isTask = operand.parent?.type === "YieldExpression";
			return isTask || (file.usesYamanote && file.shape(operand)?.is === "future") ? "tryJoin" : "Promise.all";
		}

		/** For two neighbouring constants: `const [a, b] = await Promise.all([f(), g()]);`. */
		function suggestion(first: Step, second: Step, run: readonly Step[], keyword: string, join: string): Suggestion[] {
			if (run.indexOf(second) !== run.indexOf(first) + 1) return [];
			const [a, b] = [first.statement, second.statement];
			if (a.type !== "VariableDeclaration" || b.type !== "VariableDeclaration" || a.kind !== b.kind) return [];
			const [one, two] = [a.declarations[0], b.declarations[0]];
			if (!one?.init || !two?.init || unwrap(one.init) !== first.wait || unwrap(two.init) !== second.wait) return [];
			const between = sourceCode.text.slice(a.range[1], b.range[0]);
			if (first.wait.type !== second.wait.type || between.trim() !== "" || joinName(first.operand) !== join) return [];
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

		function checkExpression(node: Node): void {
			const parts = partsOf(node);
			if (parts === undefined) return;
			const waits = parts.filter((part) => isSuspension(part) && waitOf(part) !== undefined);
			const [first, second] = waits;
			if (first === undefined || second === undefined || !isCandidate(first)) return;
			// Other parts are evaluated between the waits: what they call may matter to the next one.
			if (parts.some((part) => !waits.includes(part) && hasCallOrWait(part))) return;
			if (!waits.every((wait) => reads(waitOf(wait)?.operand ?? wait)) || isOrderMeant(node, node)) return;
			context.report({
				node: second,
				messageId: "inExpression",
				data: {
					keyword: first.type === "AwaitExpression" ? "await" : "yield*",
					join: joinName(waitOf(first)?.operand ?? first),
				},
			});
		}

		function hasCallOrWait(node: Node): boolean {
			return walkSameFunction(node, sourceCode, (inner) =>
				isSuspension(inner) || CALLS.has(inner.type) ? "stop" : undefined,
			);
		}

		function checkLoop(node: ForStatement | ForOfStatement | ForInStatement): void {
			const wait = independentWait(file, reads, node);
			if (wait === undefined || !isCandidate(wait) || isOrderMeant(node, node)) return;
			const keyword = wait.type === "AwaitExpression" ? "await" : "yield*";
			const advice = file.usesYamanote
				? `${keyword} mapConcurrent(items, 8, (item) => …)`
				: "await Promise.all(items.map(async (item) => …))";
			context.report({ node: wait, messageId: "loop", data: { advice } });
		}

		/** A comment at or between the nodes that speaks of order, of load, or switches another such rule off. */
		function isOrderMeant(from: Node, to: Node): boolean {
			const before = sourceCode.getCommentsBefore(from).map((comment) => comment.value);
			const comments = `${before.join(" ")} ${commentsIn(sourceCode.text.slice(from.range[0], to.range[1]))}`;
			return ORDER_MEANT.test(comments) && !REGRETTED.test(comments);
		}

		/** Whether the wait is in an async function or a task's generator that is no test, script or worker. */
		function isCandidate(wait: Node): boolean {
			const fn = enclosingFunction(wait);
			if (fn === undefined || isWorkerFunction(file, fn)) return false;
			const isAsync = wait.type === "AwaitExpression" ? fn.async : isTaskGenerator(file, fn);
			return isAsync && !isTestCode(file, wait) && !isScriptFile(file);
		}
	},
});

const CALLS = new Set(["CallExpression", "NewExpression", "TaggedTemplateExpression", "ImportExpression"]);

const ORDER_MEANT =
	/no-await-in-loop|\b(?:sequential|serial|one (?:at|by|after)|in order|order (?:matters|is)|rate|throttl|memory|deadlock|race|concurren|parallel|overload|must (?:be|run|come|happen)|avoid)/i;
/** Comments that speak of the order as a thing to mend. */
const REGRETTED =
	/❌|\b(?:bad|wrong|slow|todo|fixme|accident|mistake|pitfall|problem|unnecessar|needless|independent|could|total|instead)|\bshould (?:be |run |happen )?(?:joined|in parallel|parallel|concurrent|together|side)/i;

function commentsIn(text: string): string {
	return [...text.matchAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g)].map(([comment]) => comment).join(" ");
}

/** The wait that a value consists of: `await f()`, `(await f()).data`, `(await f())!`. */
function waitOf(value: Node): { wait: Node; operand: Node } | undefined {
	let node = unwrap(value);
	while (node.type === "MemberExpression" && !node.computed) node = unwrap(node.object);
	if (node.type === "AwaitExpression") return { wait: node, operand: node.argument };
	if (node.type !== "YieldExpression" || !node.delegate || node.argument === null) return undefined;
	return { wait: node, operand: node.argument };
}

/** The parts of an expression that are evaluated one after another, whatever each of them gives. */
function partsOf(node: Node): Node[] | undefined {
	let parts: readonly (Node | null)[];
	switch (node.type) {
		case "ArrayExpression":
			parts = node.elements;
			break;
		case "ObjectExpression":
			parts = node.properties.map((property) => (property.type === "Property" ? property.value : property));
			break;
		case "CallExpression":
		case "NewExpression":
			parts = node.arguments;
			break;
		case "BinaryExpression":
			parts = [node.left, node.right];
			break;
		case "TemplateLiteral":
			parts = node.expressions;
			break;
		default:
			return undefined;
	}
	return parts.length < 2 ? undefined : parts.flatMap((part) => (part === null ? [] : [unwrap(part)]));
}
