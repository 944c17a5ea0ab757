/** A project of several files on disk, linted with or without types. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as typescriptParser from "@typescript-eslint/parser";
import { ESLint } from "eslint";
import { rules } from "../../src/index.ts";
import type { Found } from "./lint.ts";

const typesFolder = join(import.meta.dirname, "..", "..", "..", "..", "node_modules", "@types");

/** What of Yamanote's types the tests need: a package as a program would find it installed. */
const YAMANOTE = `
export declare abstract class Future<T, E = never> { poll(): T; then(f: (value: T) => void): Promise<T>; error?: E; }
export declare class Sleep extends Future<void> { reset(): void; }
export interface JoinHandle<T> extends Future<T> { abort(): void; }
export declare function sleep(ms: number): Sleep;
export declare function spawn<T>(f: Future<T>): JoinHandle<T>;
export declare function timeout<T>(ms: number, f: unknown): Future<T>;
export declare function asyncFn<A extends unknown[], T>(body: (...args: A) => Generator<unknown, T>): (...args: A) => Future<T>;
`;

export interface Project {
	/** Lints one file, by its path in the project. */
	lint(file: string): Promise<Found[]>;
	write(file: string, text: string): void;
	remove(): void;
}

export function project(files: Readonly<Record<string, string>>, options: { readonly typed: boolean }): Project {
	const folder = mkdtempSync(join(tmpdir(), "project-"));
	const write = (file: string, text: string): void => {
		const path = join(folder, file);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
	};
	write("node_modules/yamanote/package.json", '{ "name": "yamanote", "types": "dist/index.d.ts" }');
	write("node_modules/yamanote/dist/index.d.ts", YAMANOTE);
	symlinkSync(typesFolder, join(folder, "node_modules", "@types"));
	const types = Object.values(files).some((text) => text.includes('"node:')) ? ["node"] : [];
	const compilerOptions = { target: "ES2022", lib: ["ES2022"], module: "NodeNext", strict: true, noEmit: true, types };
	write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["src"] }));
	write("package.json", '{ "type": "module" }');
	for (const [file, text] of Object.entries(files)) write(file, text);
	const eslint = new ESLint({
		cwd: folder,
		overrideConfigFile: true,
		overrideConfig: {
			files: ["**/*.ts"],
			plugins: { yamanote: { rules } },
			languageOptions: {
				parser: typescriptParser,
				parserOptions: options.typed ? { project: "./tsconfig.json", tsconfigRootDir: folder } : {},
			},
			rules: Object.fromEntries(Object.keys(rules).map((name) => [`yamanote/${name}`, "error"])),
		},
	});
	return {
		write,
		remove: () => rmSync(folder, { recursive: true, force: true }),
		lint: async (file) => {
			const [result] = await eslint.lintFiles([join(folder, file)]);
			return (result?.messages ?? []).map(({ ruleId, line, message }) => {
				if (ruleId === null) throw new Error(`${file}:${line}: ${message}`);
				return { rule: ruleId.replace("yamanote/", ""), line, message };
			});
		},
	};
}
