/** Compiles the plugin into a folder of its own: oxlint and ESLint load it there as they would from a registry. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const tsc = join(root, "..", "..", "node_modules", "typescript", "bin", "tsc");

export interface Built {
	/** The compiled entry, to import. */
	readonly entry: string;
	/** A folder for files to lint, beside it. */
	readonly folder: string;
	remove(): void;
}

export function build(): Built {
	const folder = mkdtempSync(join(tmpdir(), "lint-"));
	const out = join(folder, "dist");
	const options = [
		"--outDir",
		out,
		"--declaration",
		"false",
		"--isolatedDeclarations",
		"false",
		"--sourceMap",
		"false",
	];
	// Whether it compiles is another test's question.
	const inline = ["--inlineSources", "false", "--noCheck"];
	execFileSync(process.execPath, [tsc, "-p", join(root, "tsconfig.build.json"), ...options, ...inline]);
	writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
	return { entry: join(out, "index.js"), folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
