/** One file as a host gives it to the rules: its text, tree, scopes, comments and tokens. */
import { analyze } from "@typescript-eslint/scope-manager";
import type { Comment, SourceCode, Token } from "../../../eslint-plugin-yamanote/src/ast/eslint.ts";
import type { Node } from "../../../eslint-plugin-yamanote/src/ast/nodes.ts";
import { parseProgram, tokensOf } from "./parse.ts";
import { complete, keys } from "./tree.ts";

export interface ReadSource extends SourceCode {
	readonly comments: readonly Comment[];
}

/** @throws UnreadableError where the syntax is not understood */
export function readSource(text: string, filename: string): ReadSource {
	const { ast, comments, sourceType } = parseProgram(text, filename);
	complete(ast);
	const globalReturn = sourceType === "commonjs";
	const scopeManager = analyze(ast as never, {
		childVisitorKeys: keys as never,
		globalReturn,
		// What the language's own types are called is of no interest to the rules.
		lib: [],
		sourceType: sourceType === "module" ? "module" : "script",
	}) as unknown as SourceCode["scopeManager"];
	let places: readonly (readonly [number, number])[] | undefined;
	const tokens = (): readonly (readonly [number, number])[] => {
		places ??= tokensOf(text, filename);
		return places;
	};
	const token = (place: readonly [number, number] | undefined): Token | null => {
		if (place === undefined) return null;
		const value = text.slice(...place);
		const loc = { start: positionAt(text, place[0]), end: positionAt(text, place[1]) };
		return { type: /^[\w$]/.test(value) ? "Identifier" : "Punctuator", value, range: place, loc };
	};
	return {
		text,
		ast,
		comments,
		scopeManager,
		visitorKeys: keys,
		getText: (node) => (node === undefined ? text : text.slice(node.range[0], node.range[1])),
		getCommentsBefore: (node) => commentsBefore(text, comments, node),
		getTokenBefore: (node) => token(tokens().findLast(([, end]) => end <= node.range[0])),
		getTokenAfter: (node) => token(tokens().find(([start]) => start >= node.range[1])),
		getFirstToken: (node) => token(tokens().find(([start]) => start >= node.range[0])),
	};
}

/** The comments between a node and the token before it. */
function commentsBefore(text: string, comments: readonly Comment[], node: Node): Comment[] {
	const found: Comment[] = [];
	let at = node.range[0];
	for (let i = comments.length - 1; i >= 0; i--) {
		const comment = comments[i];
		if (comment === undefined || comment.range[1] > at) continue;
		if (text.slice(comment.range[1], at).trim() !== "") break;
		found.unshift(comment);
		at = comment.range[0];
	}
	return found;
}

export function positionAt(text: string, offset: number): { line: number; column: number } {
	const before = text.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/);
	return { line: before.length, column: before[before.length - 1]?.length ?? 0 };
}
