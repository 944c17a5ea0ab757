/**
 * Source text as the tree that the rules read. Babel's parser gives ESTree with the TypeScript nodes of
 * typescript-eslint, and is small enough to be carried along.
 */
import { type ParseResult, type ParserOptions, parse } from "@babel/parser";
import type { Comment } from "../../../eslint-plugin-yamanote/src/ast/eslint.ts";
import type { Program } from "../../../eslint-plugin-yamanote/src/ast/nodes.ts";

export interface Parsed {
	readonly ast: Program;
	/** In the order of the text. */
	readonly comments: readonly Comment[];
	readonly sourceType: "module" | "script" | "commonjs";
}

/** The text is no program that can be read. */
export class UnreadableError extends Error {
	override readonly name = "UnreadableError";
	readonly line: number;
	readonly column: number;

	constructor(message: string, line: number, column: number) {
		super(message);
		this.line = line;
		this.column = column;
	}
}

/** @throws UnreadableError where the syntax is not understood */
export function parseProgram(text: string, filename: string): Parsed {
	try {
		const { program, comments } = parse(text, optionsFor(filename)) as ParseResult;
		return {
			ast: program as unknown as Program,
			comments: (comments ?? []).map((comment) => ({
				type: comment.type === "CommentLine" ? "Line" : "Block",
				value: comment.value,
				range: [comment.start ?? 0, comment.end ?? 0],
			})),
			sourceType: program.sourceType === "script" ? "commonjs" : "module",
		};
	} catch (error) {
		const { loc } = error as { loc?: { line: number; column: number } };
		if (!(error instanceof SyntaxError)) throw error;
		const message = error.message.replace(/ \(\d+:\d+\)$/, "");
		throw new UnreadableError(message, loc?.line ?? 1, (loc?.column ?? 0) + 1);
	}
}

/** Where each token begins and ends. The rules ask for tokens around an edit only, so that they are found when asked for. */
export function tokensOf(text: string, filename: string): readonly (readonly [number, number])[] {
	const { tokens } = parse(text, { ...optionsFor(filename), tokens: true }) as ParseResult & {
		tokens: { type: string | object; start: number; end: number }[];
	};
	return tokens.filter(({ type }) => typeof type === "object").map(({ start, end }) => [start, end]);
}

function optionsFor(filename: string): ParserOptions {
	const typescript = /\.[cm]?tsx?$/.test(filename);
	// In `.ts` files `<T>x` is a cast; everywhere else angle brackets may be JSX.
	const jsx = /x$/.test(filename) || !typescript;
	return {
		sourceType: /\.c[jt]s$/.test(filename) ? "script" : "unambiguous",
		allowReturnOutsideFunction: true,
		allowSuperOutsideMethod: true,
		allowUndeclaredExports: true,
		attachComment: false,
		createImportExpressions: true,
		errorRecovery: true,
		ranges: true,
		plugins: [
			"estree",
			"decoratorAutoAccessors",
			...(typescript ? (["typescript", "decorators"] as const) : (["decorators"] as const)),
			...(jsx ? (["jsx"] as const) : []),
		],
	};
}
