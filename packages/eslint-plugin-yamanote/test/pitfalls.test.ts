/**
 * The pages of `docs/pitfalls`: what they show as the output of the linter and of the compiler is what these say today.
 * `WRITE_PAGES=1 npx vitest run pitfalls` writes the output into the pages.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { rules } from "../src/index.ts";
import { lint } from "./support/lint.ts";
import { type Block, blocksOf } from "./support/markdown.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
const folder = join(repository, "docs", "pitfalls");
const pages = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");

interface Page {
	readonly text: string;
	readonly blocks: readonly Block[];
	readonly rule: string;
	readonly wrong: string;
}

function read(name: string): Page {
	const text = readFileSync(join(folder, name), "utf8");
	const blocks = blocksOf(text);
	const rule = /^\[`([\w-]+)`\]\(\S+\):$/m.exec(text)?.[1] ?? "";
	const wrong = blocks.find((block) => block.heading === "The wrong program")?.code ?? "";
	return { text, blocks, rule, wrong };
}

/** Compares the block of this kind with what it must show, or writes that into the page. */
function compare(name: string, page: Page, kind: string, output: string): void {
	if (process.env["WRITE_PAGES"] !== undefined) {
		const pattern = new RegExp(`(\`\`\`text ${kind}\\n)[\\s\\S]*?(\`\`\`\\n)`);
		const latest = readFileSync(join(folder, name), "utf8");
		writeFileSync(
			join(folder, name),
			latest.replace(pattern, (_, open, close) => `${open}${output}${close}`),
		);
		return;
	}
	expect(page.blocks.find((block) => block.language === `text ${kind}`)?.code).toBe(output);
}

function linted(page: Page): string {
	return lint(page.wrong, "src/wrong.ts")
		.filter((found) => found.rule === page.rule)
		.map((found) => `wrong.ts:${found.line}  ${found.message}\n`)
		.join("");
}

/** What all pages are compiled with is read once. */
const sources = new Map<string, ts.SourceFile | undefined>();

/** The first sentence of each error of the compiler, at its line. */
function compiled(page: Page): string {
	const path = join(repository, "docs", "pitfalls", "wrong.ts");
	const options: ts.CompilerOptions = {
		target: ts.ScriptTarget.ES2022,
		module: ts.ModuleKind.NodeNext,
		lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
		strict: true,
		noEmit: true,
		skipLibCheck: true,
		allowImportingTsExtensions: true,
		types: [],
		paths: {
			yamanote: [join(repository, "packages/yamanote/src/index.ts")],
			"yamanote/*": [join(repository, "packages/yamanote/src/*/index.ts")],
		},
	};
	const host = ts.createCompilerHost(options);
	const { getSourceFile, fileExists, readFile } = host;
	host.fileExists = (file) => file === path || fileExists(file);
	host.readFile = (file) => (file === path ? page.wrong : readFile(file));
	host.getSourceFile = (file, version) => {
		if (file === path) return ts.createSourceFile(file, page.wrong, version);
		if (!sources.has(file)) sources.set(file, getSourceFile(file, version));
		return sources.get(file);
	};
	const program = ts.createProgram([path], options, host);
	return program
		.getSemanticDiagnostics(program.getSourceFile(path))
		.map(({ start = 0, messageText, code }) => {
			const line = program.getSourceFile(path)?.getLineAndCharacterOfPosition(start).line ?? 0;
			return `wrong.ts:${line + 1}  TS${code}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}\n`;
		})
		.join("");
}

describe("the pages of the pitfalls", () => {
	it("cover every rule, and the index names each of them", () => {
		const index = readFileSync(join(folder, "README.md"), "utf8");
		expect(pages.map((name) => read(name).rule).sort()).toEqual(Object.keys(rules).sort());
		for (const name of pages) expect(index).toContain(`](${name})`);
	});

	it.each(pages)("%s shows what the linter says of the wrong program", (name) => {
		const page = read(name);
		const output = linted(page);
		expect(output).not.toBe("");
		compare(name, page, "lint", output);
	});

	it.each(pages)("%s has a right program that no rule reports", (name) => {
		const right = read(name).blocks.filter((block) => block.heading === "The right program");
		expect(right.length).toBeGreaterThan(0);
		for (const block of right) expect(lint(block.code, "src/right.ts")).toEqual([]);
	});

	it.each(pages.filter((name) => read(name).text.includes("```text types")))(
		"%s shows what the compiler says of the wrong program",
		(name) => {
			const page = read(name);
			const output = compiled(page);
			expect(output).not.toBe("");
			compare(name, page, "types", output);
		},
		30_000,
	);
});
