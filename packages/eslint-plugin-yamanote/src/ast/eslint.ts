/**
 * What the rules ask of their host. ESLint 9, ESLint 10 and oxlint all give it; naming just this much keeps the
 * rules honest about what they depend on, and the package free of one host's types.
 */
import type { Location, Node, Program } from "./nodes.ts";

export interface Reference {
	readonly identifier: Node;
	readonly resolved: Variable | null;
	readonly from: Scope;
	/** True for the reference that a declaration's initializer makes. */
	readonly init?: boolean;
	readonly writeExpr?: Node | null;
	isRead(): boolean;
	isWrite(): boolean;
}

export interface Definition {
	readonly type: string;
	readonly name: Node;
	readonly node: Node;
	readonly parent: Node | null;
}

export interface Variable {
	readonly name: string;
	readonly defs: readonly Definition[];
	readonly references: readonly Reference[];
	readonly scope: Scope;
}

export interface Scope {
	readonly type: string;
	readonly block: Node;
	readonly upper: Scope | null;
	readonly set: Map<string, Variable>;
	readonly references: readonly Reference[];
	readonly variables: readonly Variable[];
}

export interface Comment {
	readonly type: string;
	readonly value: string;
	readonly range: readonly [number, number];
}

export interface Token {
	readonly type: string;
	readonly value: string;
	readonly range: readonly [number, number];
	readonly loc: Location;
}

export interface SourceCode {
	readonly text: string;
	readonly ast: Program;
	readonly visitorKeys: Readonly<Record<string, readonly string[]>>;
	readonly scopeManager: { readonly scopes: readonly Scope[] } | null;
	readonly parserServices?: unknown;
	getText(node?: Node): string;
	getCommentsBefore(node: Node): Comment[];
	getTokenBefore(node: Node | Token): Token | null;
	getTokenAfter(node: Node | Token): Token | null;
	getFirstToken(node: Node): Token | null;
}

export interface Fix {
	readonly range: readonly [number, number];
	readonly text: string;
}

export interface Fixer {
	insertTextBefore(node: Node | Token, text: string): Fix;
	insertTextAfter(node: Node | Token, text: string): Fix;
	insertTextBeforeRange(range: readonly [number, number], text: string): Fix;
	insertTextAfterRange(range: readonly [number, number], text: string): Fix;
	replaceText(node: Node | Token, text: string): Fix;
	replaceTextRange(range: readonly [number, number], text: string): Fix;
	removeRange(range: readonly [number, number]): Fix;
}

export type FixFunction = (fixer: Fixer) => Fix | readonly Fix[] | null;

export interface Suggestion {
	readonly messageId: string;
	readonly data?: Readonly<Record<string, string>>;
	readonly fix: FixFunction;
}

export interface Report {
	readonly node?: Node;
	readonly loc?: Location;
	readonly messageId: string;
	readonly data?: Readonly<Record<string, string>>;
	readonly fix?: FixFunction | null;
	readonly suggest?: readonly Suggestion[];
}

export interface RuleContext {
	readonly sourceCode: SourceCode;
	readonly filename: string;
	readonly cwd?: string;
	readonly options: readonly unknown[];
	readonly settings: Readonly<Record<string, unknown>>;
	report(report: Report): void;
}

// A handler takes the node type it is registered for; the key and the type are matched by `Visitor` below.
export type Visitor = {
	readonly [T in Node["type"]]?: (node: Extract<Node, { type: T }>) => void;
} & { readonly "Program:exit"?: (node: Program) => void };

export interface RuleMeta {
	readonly type: "problem" | "suggestion";
	readonly docs: {
		readonly description: string;
		readonly url: string;
		readonly recommended: boolean;
		readonly requiresTypeChecking: false;
	};
	readonly fixable?: "code";
	readonly hasSuggestions?: boolean;
	readonly schema: readonly unknown[];
	readonly messages: Readonly<Record<string, string>>;
}

export interface RuleModule {
	readonly meta: RuleMeta;
	create(context: RuleContext): Visitor;
}
