/**
 * What the rules believe of the library, held against its types: where a name exists, it does what `analysis/api.ts`
 * says. A name that the rules do not know yet is no failure; they are silent about it.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { callResult, constructed, methodResult } from "../src/analysis/api.ts";
import type { Shape } from "../src/analysis/shape.ts";

const source = join(import.meta.dirname, "..", "..", "yamanote", "src");
const entries = [
	join(source, "index.ts"),
	...readdirSync(source, { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.map((entry) => join(source, entry.name, "index.ts"))
		.filter((path) => ts.sys.fileExists(path)),
];
const program = ts.createProgram(entries, {
	target: ts.ScriptTarget.ES2022,
	module: ts.ModuleKind.NodeNext,
	lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
	strict: true,
	noEmit: true,
	skipLibCheck: true,
	allowImportingTsExtensions: true,
	types: ["node"],
});
const checker = program.getTypeChecker();

/** What a type is, in the words of a shape: `future`, `promise`, `JoinHandle`, or another name. */
function kindOf(type: ts.Type): string {
	const name = type.symbol?.name ?? "";
	if (name === "Promise" || name === "JoinHandle") return name === "Promise" ? "promise" : name;
	if (name === "Future") return "future";
	if (type.isClassOrInterface() || (type as ts.TypeReference).target?.isClassOrInterface()) {
		const bases = checker.getBaseTypes((type as ts.TypeReference).target ?? (type as ts.InterfaceType));
		if (bases.some((base) => kindOf(base) === "future")) return name === "Receiver" ? name : "future";
	}
	return name;
}

function believed(shape: Shape | undefined): string | undefined {
	if (shape === undefined) return undefined;
	return shape.is === "instance" ? shape.of : shape.is;
}

function results(type: ts.Type): ts.Type[] {
	return type.getCallSignatures().map((signature) => signature.getReturnType());
}

/** Each belief about a name that the library exports, with what the types say. */
function beliefs(): { name: string; believed: string; actual: string[] }[] {
	const found: { name: string; believed: string; actual: string[] }[] = [];
	const look = (symbol: ts.Symbol, prefix: string): void => {
		const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
		const name = `${prefix}${symbol.name}`;
		if (target.flags & ts.SymbolFlags.ValueModule && prefix === "") {
			for (const inner of checker.getExportsOfModule(target)) look(inner, `${name}.`);
			return;
		}
		const node = target.valueDeclaration;
		if (node === undefined) return;
		if (target.flags & ts.SymbolFlags.Function) {
			const shape = believed(callResult(name));
			const actual = results(checker.getTypeOfSymbolAtLocation(target, node)).map(kindOf);
			if (shape !== undefined) found.push({ name, believed: shape, actual });
		} else if (target.flags & ts.SymbolFlags.Class) {
			const made = constructed(name);
			if (made?.is !== "instance") return;
			for (const member of checker.getDeclaredTypeOfSymbol(target).getProperties()) {
				const shape = believed(methodResult(made.of, member.name));
				const actual = results(checker.getTypeOfSymbolAtLocation(member, node)).map(kindOf);
				if (shape !== undefined) found.push({ name: `${name}.${member.name}`, believed: shape, actual });
			}
		}
	};
	for (const entry of entries) {
		const file = program.getSourceFile(entry);
		const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
		if (module !== undefined) for (const symbol of checker.getExportsOfModule(module)) look(symbol, "");
	}
	return found;
}

/** The library's names for what the rules call by one name. */
const SAME: Readonly<Record<string, RegExp>> = {
	Guard: /^(?:Mutex|RwLockRead|RwLockWrite)Guard$/,
	SyncGuard: /^SyncMutexGuard$/,
	Permit: /^(?:SemaphorePermit|Permit)$/,
	Scope: /^OpenScope$/,
	tuple: /^(?:Array)?$/,
	worker: /./,
};

function agrees(belief: string, actual: string): boolean {
	const last = belief.slice(belief.lastIndexOf(".") + 1);
	return actual === belief || actual === last || SAME[belief]?.test(actual) === true;
}

describe("what the rules believe of the library", () => {
	const all = beliefs();

	it("covers a good part of it", () => {
		expect(all.filter((one) => one.believed === "future").length).toBeGreaterThan(30);
	});

	it("is what its types say", () => {
		const wrong = all.filter((one) => !one.actual.every((actual) => agrees(one.believed, actual)));
		expect(wrong).toEqual([]);
	});
});
