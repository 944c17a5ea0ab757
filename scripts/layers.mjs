// Which folder of packages/yamanote/src may import which (`npm run check layers`). Imports point downwards only,
// there is no cycle of value imports, and an engine's own modules are touched in few places.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { packageDir } from "./exports.mjs";

/** A folder may import the folders of every floor below its own. */
export const floors = [
	["core"],
	["future", "sync"],
	["runtime"],
	["time", "task"],
	["threads", "stream", "service", "io", "net", "fs", "process", "signal"],
	["diagnostics", "testing"],
];

/** Steps aside on one floor that are meant: the importing folder, then what it may import besides. */
export const sideways = {
	task: ["time"],
	net: ["io"],
	fs: ["io"],
	process: ["io", "signal"],
	testing: ["diagnostics"],
};

/** Where `node:` modules may be imported; everywhere else the library runs without Node. */
const nodeAllowed = [/^(io|net|fs|process|signal)\//, /^(runtime\/host|threads|diagnostics)\/(.+[/-])?node\.ts$/];

/**
 * @typedef {{ from: string, line: number, specifier: string, to: string | undefined, value: boolean }} Import
 * `from` and `to` are paths inside src with forward slashes; `to` is undefined for what is not a relative path.
 */

/** All imports of one file: static, re-exporting, dynamic and in types. */
export function importsOf(from, text) {
	const file = ts.createSourceFile(from, text, ts.ScriptTarget.ES2022, true);
	/** @type {Import[]} */
	const found = [];
	const add = (node, literal, value) => {
		const specifier = literal.text;
		const to = specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : undefined;
		found.push({ from, line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1, specifier, to, value });
	};
	const visit = (node) => {
		if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, node.importClause?.isTypeOnly !== true);
		else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node, node.moduleSpecifier, !node.isTypeOnly);
		else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, false);
		else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
			if (node.arguments[0] !== undefined && ts.isStringLiteralLike(node.arguments[0]))
				add(node, node.arguments[0], false);
		}
		ts.forEachChild(node, visit);
	};
	visit(file);
	return found;
}

/** Statements of an `index.ts` that are more than `export { a, type B } from "./file.ts"`. */
function faceFaults(from, text) {
	const file = ts.createSourceFile(from, text, ts.ScriptTarget.ES2022, true);
	return file.statements
		.filter((node) => {
			if (!ts.isExportDeclaration(node) || node.moduleSpecifier === undefined) return true;
			return node.exportClause === undefined;
		})
		.map((node) => {
			const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
			return `${from}:${line} an index.ts lists names only: export { a, b } from "./file.ts"`;
		});
}

const folderOf = (file) => (file.includes("/") ? file.slice(0, file.indexOf("/")) : "");
const floorOf = (folder) => floors.findIndex((floor) => floor.includes(folder));

/** What is wrong with one import; undefined if nothing is. */
function importFault(one, files) {
	const at = `${one.from}:${one.line}`;
	if (one.to === undefined) {
		if (!one.specifier.startsWith("node:")) return `${at} imports "${one.specifier}": the library has no dependency`;
		if (nodeAllowed.some((pattern) => pattern.test(one.from))) return undefined;
		return `${at} imports "${one.specifier}": only Node's own folders and host files may`;
	}
	if (one.to.startsWith("..")) return `${at} imports "${one.specifier}", which lies outside src`;
	if (!files.has(one.to)) return `${at} imports "${one.specifier}", which does not exist`;
	if (one.to === "index.ts") return `${at} imports the face of the package; import the file that has it`;
	const [here, there] = [folderOf(one.from), folderOf(one.to)];
	if (here === "") return undefined;
	if (here === there) {
		if (one.to === `${here}/index.ts`) return `${at} imports its own folder's index.ts; import the file that has it`;
		return undefined;
	}
	if (there === "") return `${at} imports "${one.specifier}": no folder imports a file of the root`;
	if (floorOf(there) < floorOf(here)) return undefined;
	if (sideways[here]?.includes(there)) return undefined;
	return `${at} imports "${one.specifier}": ${here} (floor ${floorOf(here)}) may not import ${there} (floor ${floorOf(there)})`;
}

/** Groups of files that import each other by value, each a path that ends where it began. */
export function cycles(imports) {
	const graph = new Map();
	for (const { from, to, value } of imports) {
		if (!value || to === undefined) continue;
		graph.set(from, [...(graph.get(from) ?? []), to]);
	}
	const state = new Map();
	const path = [];
	const found = [];
	const visit = (file) => {
		state.set(file, "open");
		path.push(file);
		for (const next of graph.get(file) ?? []) {
			if (state.get(next) === "open") found.push([...path.slice(path.indexOf(next)), next].join(" -> "));
			else if (!state.has(next)) visit(next);
		}
		path.pop();
		state.set(file, "done");
	};
	for (const file of graph.keys()) if (!state.has(file)) visit(file);
	return found;
}

/** Every fault of a source tree given as path -> text. */
export function faults(tree) {
	const files = new Set(Object.keys(tree));
	const imports = Object.entries(tree).flatMap(([file, text]) => importsOf(file, text));
	const unknown = [...new Set([...files].map(folderOf))].filter((folder) => folder !== "" && floorOf(folder) < 0);
	return [
		...unknown.map((folder) => `${folder}/ stands on no floor: give it one in scripts/layers.mjs`),
		...imports.map((one) => importFault(one, files)).filter((fault) => fault !== undefined),
		...cycles(imports).map((cycle) => `value imports in a circle: ${cycle}`),
		...Object.entries(tree)
			.filter(([file]) => posix.basename(file) === "index.ts")
			.flatMap(([file, text]) => faceFaults(file, text)),
	];
}

/** The sources of a folder as path -> text. */
export function readTree(dir) {
	if (!existsSync(dir)) return {};
	return Object.fromEntries(
		readdirSync(dir, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
			.map((entry) => join(entry.parentPath, entry.name))
			.map((path) => [relative(dir, path).split(sep).join("/"), readFileSync(path, "utf8")]),
	);
}

export const sourceDir = join(packageDir, "src");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const found = faults(readTree(sourceDir));
	for (const fault of found) console.log(`packages/yamanote/src/${fault}`);
	process.exitCode = found.length > 0 ? 1 : 0;
}
