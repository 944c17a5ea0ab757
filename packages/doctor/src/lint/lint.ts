/** Runs rules over one file. What a host of them does, for the plugin's own rules alone: no selectors, no options. */
import type { Fix, Fixer, Report, RuleContext, RuleModule } from "../../../eslint-plugin-yamanote/src/ast/eslint.ts";
import type { Node } from "../../../eslint-plugin-yamanote/src/ast/nodes.ts";
import { quietened } from "./directives.ts";
import { type ReadSource, readSource } from "./source-code.ts";
import { forEachNode } from "./tree.ts";

export interface Problem {
	readonly rule: string;
	readonly message: string;
	/** From 1, as the columns. */
	readonly line: number;
	readonly column: number;
	readonly endLine: number;
	readonly endColumn: number;
	/** The edits that mend it without changing what is meant. */
	readonly fix: readonly Fix[] | undefined;
	/** Edits that change something: what each does, in a sentence. */
	readonly suggestions: readonly string[];
}

export interface LintOptions {
	readonly cwd: string;
	readonly rules: Readonly<Record<string, RuleModule>>;
	/** Further modules that export what Yamanote exports. */
	readonly modules?: readonly string[];
}

/** @throws UnreadableError where the syntax is not understood */
export function lintText(text: string, filename: string, options: LintOptions): Problem[] {
	const source = readSource(text, filename);
	const quiet = quietened(text, source.comments);
	const problems: Problem[] = [];
	const handlers = new Map<string, ((node: Node) => void)[]>();
	for (const [name, rule] of Object.entries(options.rules)) {
		const report = (one: Report): void => {
			const problem = problemOf(name, rule, one, source);
			const offset = one.node?.range[0] ?? 0;
			if (!quiet(name, problem.line, offset)) problems.push(problem);
		};
		const context: RuleContext = {
			sourceCode: source,
			filename,
			cwd: options.cwd,
			options: [],
			settings: options.modules === undefined ? {} : { yamanote: { modules: options.modules } },
			report,
		};
		for (const [type, handler] of Object.entries(rule.create(context))) {
			handlers.set(type, [...(handlers.get(type) ?? []), handler as (node: Node) => void]);
		}
	}
	visit(source.ast, handlers);
	return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}

function visit(root: Node, handlers: ReadonlyMap<string, readonly ((node: Node) => void)[]>): void {
	forEachNode(root, (node) => {
		for (const handler of handlers.get(node.type) ?? []) handler(node);
	});
	for (const handler of handlers.get("Program:exit") ?? []) handler(root);
}

function problemOf(name: string, rule: RuleModule, report: Report, source: ReadSource): Problem {
	const loc = report.loc ?? report.node?.loc ?? source.ast.loc;
	const fix = report.fix?.(fixer) ?? undefined;
	return {
		rule: name,
		message: sentence(rule, report.messageId, report.data),
		line: loc.start.line,
		column: loc.start.column + 1,
		endLine: loc.end.line,
		endColumn: loc.end.column + 1,
		fix: fix === undefined ? undefined : "range" in fix ? [fix] : fix,
		suggestions: (report.suggest ?? []).map(({ messageId, data }) => sentence(rule, messageId, data ?? report.data)),
	};
}

function sentence(rule: RuleModule, id: string, data: Readonly<Record<string, string>> | undefined): string {
	const message = rule.meta.messages[id] ?? id;
	return message.replace(/\{\{\s*(\w+)\s*\}\}/g, (hole, key: string) => data?.[key] ?? hole);
}

const edit = (start: number, end: number, text: string): Fix => ({ range: [start, end], text });

const fixer: Fixer = {
	insertTextBefore: ({ range }, text) => edit(range[0], range[0], text),
	insertTextAfter: ({ range }, text) => edit(range[1], range[1], text),
	insertTextBeforeRange: (range, text) => edit(range[0], range[0], text),
	insertTextAfterRange: (range, text) => edit(range[1], range[1], text),
	replaceText: ({ range }, text) => edit(range[0], range[1], text),
	replaceTextRange: (range, text) => edit(range[0], range[1], text),
	removeRange: (range) => edit(range[0], range[1], ""),
};
