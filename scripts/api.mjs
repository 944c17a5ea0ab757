// The public surface as text: one report for each entry of the export map, committed in packages/yamanote/api.
// `npm run check api` fails when the sources say something else; `npm run api -- --write` rewrites the reports.
//
// A report holds the declaration of every exported name without its comments, as the compiler emits it, and of
// every type that such a declaration mentions though no entry exports it (so that nothing public hides).
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { entries, packageDir, root } from "./exports.mjs";

export const reportDir = join(packageDir, "api");

const options = {
	target: ts.ScriptTarget.ES2022,
	module: ts.ModuleKind.NodeNext,
	moduleResolution: ts.ModuleResolutionKind.NodeNext,
	lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
	types: [],
	strict: true,
	noLib: true,
	noResolve: false,
	declaration: true,
	isolatedDeclarations: true,
	allowImportingTsExtensions: true,
	emitDeclarationOnly: true,
	stripInternal: true,
	removeComments: true,
	skipLibCheck: true,
};

/** A program over declarations alone: each source file is replaced by what `tsc` would emit for it. */
function declarationProgram(files) {
	const host = ts.createCompilerHost(options, true);
	const read = host.getSourceFile;
	host.getSourceFile = (fileName, language, ...rest) => {
		if (!fileName.endsWith(".ts") || fileName.endsWith(".d.ts")) return read(fileName, language, ...rest);
		const text = ts.transpileDeclaration(readFileSync(fileName, "utf8"), { fileName, compilerOptions: options });
		return ts.createSourceFile(fileName, text.outputText, ts.ScriptTarget.ES2022, true);
	};
	return ts.createProgram(files, options, host);
}

const inPackage = (node, dir) => resolve(node.getSourceFile().fileName).startsWith(join(dir, "src"));

/** The statement that declares a symbol, e.g. the `declare const` around a variable. */
function statementOf(declaration) {
	let node = declaration;
	while (!ts.isSourceFile(node.parent) && !ts.isModuleBlock(node.parent)) node = node.parent;
	return node;
}

const print = (node) =>
	node
		.getText()
		.replace(/^export (default )?/, "")
		.replace(/^declare /, "")
		.replace(/ {4}/g, "  ");

const isNamespace = (symbol) => (symbol.declarations ?? []).some(ts.isSourceFile);

/**
 * The names that a face exports, each with what it stands for. A namespace (`export * as mpsc from "./mpsc.ts"`) is
 * the names in it: `mpsc.channel`.
 */
function exportsOf(module, checker, prefix = "") {
	return checker.getExportsOfModule(module).flatMap((symbol) => {
		const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
		const name = prefix + symbol.name;
		return isNamespace(target) ? exportsOf(target, checker, `${name}.`) : [[name, target]];
	});
}

/** What the declaration of one symbol says, and the symbols of the package that it mentions. */
function describe(symbol, checker, dir) {
	const statements = [...new Set((symbol.declarations ?? []).filter((node) => inPackage(node, dir)).map(statementOf))];
	const mentioned = new Set();
	const visit = (node) => {
		if (ts.isIdentifier(node)) {
			let target = checker.getSymbolAtLocation(node);
			if (target !== undefined && target.flags & ts.SymbolFlags.Alias) target = checker.getAliasedSymbol(target);
			const owner = target?.declarations?.[0];
			if (owner !== undefined && inPackage(owner, dir) && ts.isSourceFile(statementOf(owner).parent)) {
				if (statementOf(owner) === owner || ts.isVariableDeclaration(owner)) mentioned.add(target);
			}
		}
		ts.forEachChild(node, visit);
	};
	statements.forEach(visit);
	mentioned.delete(symbol);
	return { text: statements.map(print).join("\n"), mentioned };
}

/**
 * All reports of a package: file name -> text.
 *
 * @returns {Record<string, string>}
 */
export function reports(dir = packageDir) {
	const list = entries(dir);
	const program = declarationProgram(list.map((entry) => entry.source));
	const checker = program.getTypeChecker();

	const faces = list.map((entry) => {
		const file = program.getSourceFile(entry.source);
		const module = file && checker.getSymbolAtLocation(file);
		if (module === undefined) throw new Error(`${relative(root, entry.source)} exports nothing or does not exist`);
		return { entry, names: exportsOf(module, checker) };
	});
	const exported = new Set(faces.flatMap(({ names }) => names.map(([, symbol]) => symbol)));

	const files = {};
	const said = new Map();
	for (const { entry, names } of faces) {
		const shown = [];
		const queue = [];
		for (const [name, symbol] of names.sort(([a], [b]) => (a < b ? -1 : 1))) {
			const earlier = said.get(symbol);
			if (earlier !== undefined) {
				shown.push(`// ${name}: as in "${earlier}"`);
				continue;
			}
			said.set(symbol, entry.name);
			const { text, mentioned } = describe(symbol, checker, dir);
			const renamed = symbol.name === name ? "" : `// ${name}, declared as ${symbol.name}\n`;
			shown.push(renamed + (text === "" ? `// ${name}: not found` : text));
			queue.push(...mentioned);
		}
		const hidden = [];
		while (queue.length > 0) {
			const symbol = queue.shift();
			if (exported.has(symbol) || said.has(symbol)) continue;
			said.set(symbol, entry.name);
			const { text, mentioned } = describe(symbol, checker, dir);
			hidden.push([symbol.name, text]);
			queue.push(...mentioned);
		}
		const rest = hidden.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
		files[`${entry.subpath === "." ? "index" : entry.subpath.slice(2).replaceAll("/", "-")}.api.md`] = [
			`# ${entry.name}`,
			"",
			"What this entry exports. Written by `npm run api -- --write`; a change here is a change of the public API.",
			"",
			"```ts",
			shown.join("\n\n"),
			"```",
			...(rest.length > 0 ? ["", "Mentioned by these, not exported:", "", "```ts", rest.join("\n\n"), "```"] : []),
			"",
		].join("\n");
	}
	return files;
}

/** The committed reports: file name -> text. */
export function committed(dir = reportDir) {
	if (!existsSync(dir)) return {};
	const names = readdirSync(dir).filter((name) => name.endsWith(".api.md"));
	return Object.fromEntries(names.map((name) => [name, readFileSync(join(dir, name), "utf8")]));
}

/** The lines that two texts do not share, in the manner of `diff`. */
export function difference(before, after) {
	const [a, b] = [before.split("\n"), after.split("\n")];
	const longest = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
	for (let i = a.length - 1; i >= 0; i--) {
		for (let j = b.length - 1; j >= 0; j--) {
			longest[i][j] = a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
		}
	}
	const lines = [];
	for (let i = 0, j = 0; i < a.length || j < b.length; ) {
		if (i < a.length && j < b.length && a[i] === b[j]) [i, j] = [i + 1, j + 1];
		else if (j >= b.length || (i < a.length && longest[i + 1][j] >= longest[i][j + 1])) lines.push(`- ${a[i++]}`);
		else lines.push(`+ ${b[j++]}`);
	}
	return lines;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const now = reports();
	const before = committed();
	const stale = [...new Set([...Object.keys(now), ...Object.keys(before)])].filter(
		(name) => now[name] !== before[name],
	);
	if (process.argv.includes("--write")) {
		mkdirSync(reportDir, { recursive: true });
		for (const name of stale) {
			const path = join(reportDir, name);
			if (now[name] === undefined) rmSync(path);
			else writeFileSync(path, now[name]);
			console.log(`${now[name] === undefined ? "removed" : "wrote"} ${relative(root, path)}`);
		}
	} else {
		for (const name of stale) {
			console.log(`packages/yamanote/api/${name} is not what the sources export:`);
			for (const line of difference(before[name] ?? "", now[name] ?? "")) console.log(`  ${line}`);
		}
		if (stale.length > 0) console.log("If the change is meant: npm run api -- --write");
		process.exitCode = stale.length > 0 ? 1 : 0;
	}
}
