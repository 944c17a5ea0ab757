// What is public says what it is: each name a text, each function its example and its counterpart, whatever can be waited for its cancel safety.
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { entries } from "../../../../scripts/exports.mjs";

const program = ts.createProgram(
	entries().map((entry) => entry.source),
	{
		target: ts.ScriptTarget.ES2022,
		module: ts.ModuleKind.NodeNext,
		lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
		types: [],
		allowImportingTsExtensions: true,
		noEmit: true,
	},
);
const checker = program.getTypeChecker();

interface Public {
	readonly name: string;
	readonly declarations: readonly ts.Declaration[];
	/** The text and tags of its comments. */
	readonly doc: string;
}

const docOf = (nodes: readonly ts.Node[]): string =>
	nodes
		.flatMap((node) => ts.getJSDocCommentsAndTags(node))
		.filter(ts.isJSDoc)
		.map((comment) => comment.getText())
		.join("\n");

function exportsOf(module: ts.Symbol, prefix: string): Public[] {
	return checker.getExportsOfModule(module).flatMap((symbol) => {
		const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
		const declarations = target.declarations ?? [];
		const name = `${prefix}.${symbol.name}`;
		if (declarations.some(ts.isSourceFile)) return exportsOf(target, name);
		return [{ name, declarations, doc: docOf(declarations) }];
	});
}

const names = entries().flatMap((entry) => {
	const module = checker.getSymbolAtLocation(program.getSourceFile(entry.source) as ts.SourceFile);
	return exportsOf(module as ts.Symbol, entry.name);
});

/** The methods, accessors and fields of classes and interfaces that their users see. */
const members = names.flatMap(({ name, declarations }): Public[] =>
	declarations
		.filter((node) => ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node))
		.flatMap((node): Public[] =>
			[...node.members]
				.filter((member) => member.name !== undefined && ts.isIdentifier(member.name))
				.filter(
					(member) => !(ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)),
				)
				.map((member) => ({
					name: `${name}.${member.name?.getText()}`,
					declarations: [member],
					doc: docOf([member]),
				}))
				.filter(({ doc }) => !doc.includes("@internal")),
		),
);

/** Whether what a call gives can be waited for and dropped. */
function givesFuture(declaration: ts.Declaration): boolean {
	const calls = checker.getTypeAtLocation(declaration).getCallSignatures();
	return calls.some((call) => {
		const given = call.getReturnType();
		return given.getProperty("poll") !== undefined && given.getProperty("then") !== undefined;
	});
}

const isFunction = ({ declarations }: Public): boolean => declarations.some(ts.isFunctionDeclaration);
const without = (list: readonly Public[], what: RegExp): string[] =>
	[...new Set(list.filter(({ doc }) => !what.test(doc)).map(({ name }) => name))].sort();

describe("docstrings", () => {
	it("of every exported name", () => {
		expect(names.length).toBeGreaterThan(250);
		expect(without(names, /\w/)).toEqual([]);
	});

	it("of functions have an example, and say what they are in Tokio or elsewhere", () => {
		expect(without(names.filter(isFunction), /@example/)).toEqual([]);
		expect(without(names.filter(isFunction), /@source/)).toEqual([]);
	});

	it("of what gives a future say what a cancel loses", () => {
		const futures = [...names.filter(isFunction), ...members].filter(({ declarations }) =>
			declarations.some(givesFuture),
		);
		expect(futures.length).toBeGreaterThan(90);
		expect(without(futures, /@cancelSafety/)).toEqual([]);
	});

	it("of methods are there", () => {
		const methods = members.filter(
			({ name, declarations }) => declarations.some(ts.isMethodDeclaration) && !name.endsWith(".poll"),
		);
		expect(without(methods, /\w/)).toEqual([]);
	});
});
