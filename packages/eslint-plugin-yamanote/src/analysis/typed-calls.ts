/**
 * What a function of another file calls, where types are there.
 *
 * The compiler knows where a called function is declared. This follows the call into the project's own sources, a
 * few functions deep, and looks for calls of Node's blocking functions, told by the declarations that they resolve
 * to. No TypeScript is imported: what is used of its tree is described here.
 */
import type { SourceCode } from "../ast/eslint.ts";
import type { CallExpression, Node } from "../ast/nodes.ts";
import { CACHE_GUARD_TEXT, isBlockingExport } from "./blocking.ts";

interface TsNode {
	readonly kind: number;
	readonly expression?: TsNode;
	readonly name?: TsNode;
	readonly text?: string;
	readonly body?: TsNode;
	readonly parameters?: readonly TsNode[];
	readonly initializer?: TsNode;
	readonly asteriskToken?: TsNode;
	readonly modifiers?: readonly TsNode[];
	getText(): string;
	getSourceFile(): { readonly fileName: string; readonly isDeclarationFile: boolean };
	forEachChild<T>(visit: (node: TsNode) => T | undefined): T | undefined;
}

interface TsSymbol {
	readonly flags: number;
	readonly declarations?: readonly TsNode[];
}

interface Checker {
	getSymbolAtLocation(node: TsNode): TsSymbol | undefined;
	getAliasedSymbol(symbol: TsSymbol): TsSymbol;
}

interface Services {
	readonly program?: { getTypeChecker(): Checker } | null;
	readonly esTreeNodeToTSNodeMap?: { get(node: Node): TsNode | undefined };
}

/** `SymbolFlags.Alias`, the same in every version so far: an import, which stands for something else. */
const ALIAS = 2_097_152;
const MAX_DEPTH = 3;
const NODE_MODULE = /[\\/](fs|zlib|crypto|child_process)\.d\.ts$/;

/** The blocking function that a call of a function from another file ends up in. */
export function typedBlockingCall(source: SourceCode, call: CallExpression): string | undefined {
	const services = source.parserServices as Services | undefined;
	const node = services?.esTreeNodeToTSNodeMap?.get(call);
	if (!services?.program || node?.expression === undefined) return undefined;
	return new Follower(services.program.getTypeChecker(), node.kind).from(node.expression, 0);
}

class Follower {
	readonly #checker: Checker;
	/** The kind of a call, learned from the call that is looked at: the numbers differ between compilers. */
	readonly #callKind: number;
	readonly #seen = new Set<TsNode>();

	constructor(checker: Checker, callKind: number) {
		this.#checker = checker;
		this.#callKind = callKind;
	}

	from(callee: TsNode, depth: number): string | undefined {
		for (const declaration of this.#declarations(callee)) {
			const { fileName, isDeclarationFile } = declaration.getSourceFile();
			const name = declaration.name?.text;
			if (isDeclarationFile) {
				const module = NODE_MODULE.exec(fileName)?.[1];
				if (depth > 0 && module !== undefined && name !== undefined && isBlockingExport(module, name)) return name;
				continue;
			}
			if (depth >= MAX_DEPTH || this.#seen.has(declaration)) continue;
			this.#seen.add(declaration);
			const fn = declaration.body === undefined ? declaration.initializer : declaration;
			if (fn?.body === undefined || !isPlain(fn) || CACHE_GUARD_TEXT.test(fn.body.getText())) continue;
			const found = this.#in(fn.body, depth + 1);
			if (found !== undefined) return found;
		}
		return undefined;
	}

	#declarations(callee: TsNode): readonly TsNode[] {
		const symbol = this.#checker.getSymbolAtLocation(callee.name ?? callee);
		if (symbol === undefined) return [];
		const target = (symbol.flags & ALIAS) === 0 ? symbol : this.#checker.getAliasedSymbol(symbol);
		return target.declarations ?? [];
	}

	#in(node: TsNode, depth: number): string | undefined {
		return node.forEachChild((child) => {
			// What a nested function does, it does when it is called.
			if (child.parameters !== undefined) return undefined;
			const found = child.kind === this.#callKind && child.expression ? this.from(child.expression, depth) : undefined;
			return found ?? this.#in(child, depth);
		});
	}
}

/** Whether a function runs to its end when it is called: it is neither async nor a generator. */
function isPlain(fn: TsNode): boolean {
	return fn.asteriskToken === undefined && !fn.modifiers?.some((modifier) => modifier.getText() === "async");
}
