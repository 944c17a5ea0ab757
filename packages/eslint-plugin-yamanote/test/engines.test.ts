import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import * as typescriptParser from "@typescript-eslint/parser";
import type { ESLint as Host, Linter } from "eslint";
import type { Linter as Linter9 } from "eslint-9";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Plugin } from "../src/index.ts";
import { type Built, build } from "./support/built.ts";
import { readCorpus } from "./support/corpus.ts";

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, "..");
// Snippets with JSX or CommonJS are asked of one host only: what differs there is the parser.
const corpus = readCorpus().filter((snippet) => snippet.as === "src/app.ts");

let built: Built;
let plugin: Plugin;

beforeAll(async () => {
	built = build();
	({ default: plugin } = (await import(pathToFileURL(built.entry).href)) as { default: Plugin });
	mkdirSync(join(built.folder, "src"));
	for (const [index, snippet] of corpus.entries()) writeFileSync(fileOf(index), snippet.code);
}, 60_000);

afterAll(() => built.remove());

function fileOf(index: number): string {
	return join(built.folder, "src", `snippet${index}.ts`);
}

/** Which rules spoke about each file, compared with what the corpus expects. */
function differences(found: ReadonlyMap<string, ReadonlySet<string>>): string[] {
	return corpus.flatMap((snippet, index) => {
		const rules = [...(found.get(fileOf(index)) ?? [])].sort().join(", ");
		const expected = [...snippet.rules].sort().join(", ");
		return rules === expected ? [] : [`${snippet.file}:${snippet.line} expects [${expected}], got [${rules}]`];
	});
}

describe.each([
	["ESLint 9", "eslint-9"],
	["ESLint 10", "eslint"],
])("%s", (title, name) => {
	it(`loads the plugin as a flat configuration and finds what the corpus says`, async () => {
		const { ESLint } = require(name) as { ESLint: typeof Host };
		expect(`ESLint ${ESLint.version.split(".")[0]}`).toBe(title);
		const eslint = new ESLint({
			cwd: built.folder,
			overrideConfigFile: true,
			overrideConfig: [
				{ files: ["**/*.ts"], languageOptions: { parser: typescriptParser } },
				plugin.configs.strict,
			] satisfies Linter.Config[] & Linter9.Config[],
		});
		const found = new Map<string, Set<string>>();
		for (const result of await eslint.lintFiles(["src/*.ts"])) {
			expect(result.fatalErrorCount, JSON.stringify(result.messages)).toBe(0);
			const rules = result.messages.map((message) => String(message.ruleId).replace("yamanote/", ""));
			found.set(result.filePath, new Set(rules));
		}
		expect(found.size).toBe(corpus.length);
		expect(differences(found)).toEqual([]);
	}, 120_000);
});

describe("oxlint", () => {
	it("loads the plugin as a JS plugin and finds what the corpus says", () => {
		const config = join(built.folder, ".oxlintrc.json");
		const rules = plugin.configs.strict.rules;
		writeFileSync(config, JSON.stringify({ jsPlugins: [built.entry], categories: { correctness: "off" }, rules }));
		const output = run(oxlint(), ["-c", config, "--format", "json", join(built.folder, "src")]);
		const report = JSON.parse(output) as {
			diagnostics: { code: string; filename: string; message: string }[];
			number_of_files: number;
		};
		const found = new Map<string, Set<string>>();
		for (const { code, filename, message } of report.diagnostics) {
			const rule = /^yamanote\(([\w-]+)\)$/.exec(code)?.[1];
			expect(rule, `${code}: ${message}`).toBeDefined();
			const path = join(built.folder, filename);
			found.set(path, (found.get(path) ?? new Set()).add(String(rule)));
		}
		expect(report.number_of_files).toBeGreaterThanOrEqual(corpus.length);
		expect(differences(found)).toEqual([]);
	}, 120_000);
});

describe("the package, installed", () => {
	it("is one line in an oxlint configuration", () => {
		const project = join(built.folder, "project");
		const installed = join(project, "node_modules", "eslint-plugin-yamanote");
		cpSync(dirname(built.entry), join(installed, "dist"), { recursive: true });
		for (const part of ["oxlint", "package.json"]) cpSync(join(root, part), join(installed, part), { recursive: true });
		const preset = "./node_modules/eslint-plugin-yamanote/oxlint/recommended.json";
		writeFileSync(join(project, ".oxlintrc.json"), JSON.stringify({ extends: [preset] }));
		writeFileSync(
			join(project, "app.ts"),
			'import { sleep } from "yamanote";\nexport async function f() {\n  sleep(1);\n}\n',
		);
		const output = run(oxlint(), ["-c", join(project, ".oxlintrc.json"), "--format", "json", project]);
		const codes = (JSON.parse(output) as { diagnostics: { code: string }[] }).diagnostics.map(({ code }) => code);
		expect(codes).toContain("yamanote(no-unpolled-future)");
	}, 60_000);
});

function oxlint(): string {
	return join(dirname(require.resolve("oxlint/package.json")), "bin", "oxlint");
}

/** The output of a linter, which ends with an error when it has found something. */
function run(program: string, args: string[]): string {
	try {
		return execFileSync(process.execPath, [program, ...args], {
			cwd: built.folder,
			encoding: "utf8",
			maxBuffer: 64_000_000,
			stdio: ["ignore", "pipe", "pipe"],
		});
	} catch (error) {
		return (error as { stdout: string }).stdout;
	}
}
