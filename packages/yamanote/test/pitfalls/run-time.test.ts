// @engines node20
/**
 * The pages of `docs/pitfalls`: what they show as the output of the running program is what it says today, when
 * `yamanote doctor` runs it. And the tables of the index are put together from what the pages show.
 * `WRITE_PAGES=1 npx vitest run pitfalls` writes both.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finding } from "../../../doctor/src/report/finding.ts";
import { readable } from "../../../doctor/src/run/diagnosis.ts";
import { blocksOf } from "../../../eslint-plugin-yamanote/test/support/markdown.ts";
import { stage } from "../doctor/staged.ts";
import { indexOf, readPage } from "./table.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "..", "docs", "pitfalls");
const pages = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
const write = process.env["WRITE_PAGES"] !== undefined;

let project: string;

beforeAll(() => {
	project = realpathSync(mkdtempSync(join(tmpdir(), "pitfalls-")));
	writeFileSync(join(project, "package.json"), '{ "type": "module" }\n');
	stage(join(project, "node_modules", "yamanote"));
}, 300_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** A program as the project has it: its source, and beside it what Node runs. */
function program(name: string, code: string): string {
	writeFileSync(join(project, `${name}.ts`), code);
	const { code: compiled } = transformSync(code, {
		loader: "ts",
		target: "es2022",
		sourcemap: "inline",
		sourcefile: `${name}.ts`,
	});
	writeFileSync(join(project, `${name}.js`), compiled);
	return `${name}.js`;
}

/** What the doctor, the runtime and the program itself say when the program runs. */
function ran(file: string, expected: string): Promise<string> {
	const command = ["node_modules/yamanote/bin/yamanote.mjs", "doctor", "--json", "node", file];
	const env = { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" };
	return new Promise((resolve) => {
		execFile(process.execPath, command, { cwd: project, env, encoding: "utf8" }, (_, out, err) => {
			const findings = (JSON.parse(out) as { findings: Finding[] }).findings
				// On a busy machine anything may take long: that counts where it is what the page is about.
				.filter(({ rule }) => !/LONG|STARVED|NEVER_YIELDS/.test(rule) || alike(expected).includes(alike(rule)))
				.map(
					({ file: at, line, rule, message }) => `${at === undefined ? "" : `${at}:${line}  `}${rule}: ${message}\n`,
				);
			resolve(said(err) + findings.join(""));
		});
	});
}

/** What a program prints: of an error that nobody caught, its own words alone. */
function said(output: string): string {
	const crash = /^(?:file:|node:)[^\n]*\n[\s\S]*?^([A-Z]\w*\b[^\n]*)[\s\S]*$/m;
	return readable(output.replace(crash, "$1\n"), project)
		.split("\n")
		.filter((line) => line.trim() !== "")
		.map((line) => `${line}\n`)
		.join("");
}

/** Durations differ from run to run. */
function timeless(output: string): string {
	return alike(output).replace(/\d+(?:\.\d+)? ms/g, "… ms");
}

/** What takes long enough on a busy machine is told by a stronger word. */
function alike(output: string): string {
	return output.replaceAll("YAMANOTE_NEVER_YIELDS", "YAMANOTE_LONG_POLL");
}

describe("the running programs of the pitfalls", () => {
	it.each(pages)(
		"%s shows what is said of the wrong program when it runs",
		// On a busy machine the profile that knows the line of a long poll may come too late.
		{ timeout: 60_000, retry: 3 },
		async (name) => {
			const text = readFileSync(join(folder, name), "utf8");
			const blocks = blocksOf(text);
			const wrong = blocks.find((block) => block.heading === "The wrong program")?.code ?? "";
			// A program that only defines something is called by another, which the page shows.
			const caller = blocks.find((block) => block.heading === "Run time" && block.language === "tsx")?.code;
			const shown = blocks.find((block) => block.heading === "Run time" && block.language === "text run")?.code;
			expect(shown, "a block of `text run` under Run time").toBeDefined();
			let file = program("wrong", wrong);
			if (caller !== undefined) file = program("main", caller.replace("./wrong.ts", "./wrong.js"));
			const output = await ran(file, shown ?? "");
			expect(output).not.toBe("");
			if (write && timeless(output) !== timeless(shown ?? "")) {
				const replaced = text.replace(/(```text run\n)[\s\S]*?(```\n)/, (_, open, close) => open + output + close);
				writeFileSync(join(folder, name), replaced);
			} else expect(timeless(output)).toBe(timeless(shown ?? ""));
		},
	);

	it("are put together in the tables of the index", () => {
		const index = join(folder, "README.md");
		const made = indexOf(readFileSync(index, "utf8"), (page) => readPage(folder, page));
		if (write) writeFileSync(index, made);
		else expect(readFileSync(index, "utf8")).toBe(made);
	});
});
