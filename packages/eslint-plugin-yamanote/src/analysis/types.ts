/**
 * Types, where they are there.
 *
 * typescript-eslint's parser puts a `program` into `parserServices` when it is asked for types. The rules then ask
 * what an expression is whenever syntax and imports did not tell. No TypeScript is imported: what is used of it is
 * described here, and a missing piece means "unknown".
 */
import type { SourceCode } from "../ast/eslint.ts";
import type { Node } from "../ast/nodes.ts";
import type { Shape } from "./shape.ts";

interface TypeSymbol {
	readonly name: string;
	getJsDocTags?(checker?: unknown): readonly { readonly name: string }[];
	readonly declarations?: readonly { getSourceFile(): { readonly fileName: string } }[];
}

interface Type {
	readonly symbol?: TypeSymbol;
	readonly types?: readonly Type[];
	isUnion?(): boolean;
	getBaseTypes?(): readonly Type[] | undefined;
}

interface Checker {
	getTypeAtLocation(node: unknown): Type;
	getSymbolAtLocation(node: unknown): TypeSymbol | undefined;
	getAliasedSymbol?(symbol: TypeSymbol): TypeSymbol;
}

interface Services {
	readonly program?: { getTypeChecker(): Checker } | null;
	readonly esTreeNodeToTSNodeMap?: { get(node: Node): unknown };
}

/** The shape that the type of an expression gives it, if types are there and say one. */
export function typedShape(source: SourceCode, node: Node): Shape | undefined {
	const services = source.parserServices as Services | undefined;
	if (!services?.program || services.esTreeNodeToTSNodeMap === undefined) return undefined;
	const tsNode = services.esTreeNodeToTSNodeMap.get(node);
	if (tsNode === undefined) return undefined;
	return shapeOfType(services.program.getTypeChecker().getTypeAtLocation(tsNode), 0);
}

/** Whether the type of an expression, or the function that a callee names, carries a documentation tag. */
export function typedTag(source: SourceCode, node: Node, tag: string): boolean {
	const services = source.parserServices as Services | undefined;
	if (!services?.program || services.esTreeNodeToTSNodeMap === undefined) return false;
	const tsNode = services.esTreeNodeToTSNodeMap.get(node);
	if (tsNode === undefined) return false;
	const checker = services.program.getTypeChecker();
	const symbols = [checker.getTypeAtLocation(tsNode).symbol, checker.getSymbolAtLocation(tsNode)];
	return symbols.some((symbol) => symbol?.getJsDocTags?.(checker).some((found) => found.name === tag) === true);
}

function shapeOfType(type: Type, depth: number): Shape | undefined {
	if (depth > 6) return undefined;
	const name = type.symbol?.name;
	if (name === "Promise" && declaredIn(type.symbol, /[\\/]lib\.[\w.]+\.d\.ts$/)) return { is: "promise" };
	if (name === "JoinHandle" && declaredIn(type.symbol, YAMANOTE_FILE)) return { is: "instance", of: "JoinHandle" };
	if (name === "Future" && declaredIn(type.symbol, YAMANOTE_FILE)) return { is: "future", by: "its type" };
	for (const base of safeBases(type)) {
		const shape = shapeOfType(base, depth + 1);
		if (shape?.is === "future" || shape?.is === "instance") return shape;
	}
	return undefined;
}

const YAMANOTE_FILE = /[\\/]yamanote[\\/](?:src|dist)[\\/]/;

function declaredIn(symbol: TypeSymbol | undefined, file: RegExp): boolean {
	return symbol?.declarations?.some((declaration) => file.test(declaration.getSourceFile().fileName)) === true;
}

function safeBases(type: Type): readonly Type[] {
	if (type.isUnion?.() === true) return [];
	try {
		return type.getBaseTypes?.() ?? [];
	} catch {
		// Only classes and interfaces have base types; for other kinds the compiler may object to the question.
		return [];
	}
}
