import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import plugin, { configs, rules } from "../src/index.ts";
import { lint } from "./support/lint.ts";
import { blocksOf } from "./support/markdown.ts";

const root = join(import.meta.dirname, "..");
const names = Object.keys(rules);

function namesIn(folder: string, ending: string): string[] {
	return readdirSync(join(root, folder))
		.filter((name) => name.endsWith(ending))
		.map((name) => name.slice(0, -ending.length))
		.sort();
}

describe("the rules", () => {
	it("have a source, a test and a page each, and there are no others", () => {
		expect(namesIn("src/rules", ".ts").filter((name) => name !== "index")).toEqual([...names].sort());
		expect(namesIn("test/rules", ".test.ts")).toEqual([...names].sort());
		expect(namesIn("docs/rules", ".md")).toEqual([...names].sort());
	});

	it.each(names)("%s has messages that say what to do", (name) => {
		const messages = Object.values(rules[name]?.meta.messages ?? {});
		expect(messages.length).toBeGreaterThan(0);
		for (const message of messages) expect(message).toMatch(/(?:[.!]|\}\})$/);
	});

	it.each(names)("%s links to its page", (name) => {
		expect(existsSync(new URL(rules[name]?.meta.docs.url ?? ""))).toBe(true);
	});

	it.each(names)("%s works without types", (name) => {
		expect(rules[name]?.meta.docs.requiresTypeChecking).toBe(false);
	});
});

describe("the page of a rule", () => {
	it.each(names)("of %s says what it is and what it does", (name) => {
		const page = readFileSync(join(root, "docs/rules", `${name}.md`), "utf8");
		const meta = rules[name]?.meta;
		const level = configs.recommended.rules[`yamanote/${name}`];
		const parts = [level === undefined ? "strict only" : `recommended: ${level === "warn" ? "warning" : level}`];
		if (meta?.fixable) parts.push("fix");
		if (meta?.hasSuggestions) parts.push("suggestions");
		expect(page.startsWith(`# ${name}\n`)).toBe(true);
		expect(page.split("\n")).toContain(parts.join(" · "));
	});

	it.each(names)("of %s shows wrong programs that the rule reports, and right ones that no rule does", (name) => {
		const blocks = blocksOf(readFileSync(join(root, "docs/rules", `${name}.md`), "utf8"));
		const wrong = blocks.filter((block) => block.heading === "Wrong");
		const right = blocks.filter((block) => block.heading === "Right");
		expect(wrong.length).toBeGreaterThan(0);
		expect(right.length).toBeGreaterThan(0);
		for (const block of wrong) expect(lint(block.code, "src/app.ts").map((found) => found.rule)).toContain(name);
		for (const block of right) expect(lint(block.code, "src/app.ts")).toEqual([]);
	});
});

describe("the README", () => {
	it("has a row for every rule, with what it says and does", () => {
		const readme = readFileSync(join(root, "README.md"), "utf8");
		for (const name of names) {
			const meta = rules[name]?.meta;
			const level = configs.recommended.rules[`yamanote/${name}`] ?? "";
			const start = `| [\`${name}\`](docs/rules/${name}.md): ${meta?.docs.description} | ${level === "warn" ? "warning" : level} | `;
			const row = readme.split("\n").find((line) => line.startsWith(start));
			expect(row, start).toBeDefined();
			expect(row?.includes("🔧")).toBe(meta?.fixable !== undefined);
			expect(row?.includes("💡")).toBe(meta?.hasSuggestions === true);
		}
	});
});

describe("the presets", () => {
	it("name rules that exist, and strict names all of them", () => {
		const named = (preset: "recommended" | "strict"): string[] =>
			Object.keys(configs[preset].rules).map((rule) => rule.replace("yamanote/", ""));
		expect(named("strict").sort()).toEqual([...names].sort());
		for (const name of named("recommended")) expect(names).toContain(name);
	});

	it("hold the plugin, so that a configuration is one line", () => {
		expect(plugin.configs.recommended.plugins?.["yamanote"]).toBe(plugin);
	});

	it.each(["recommended", "strict"] as const)("%s is the same for oxlint", (preset) => {
		const file = JSON.parse(readFileSync(join(root, "oxlint", `${preset}.json`), "utf8"));
		expect(file).toEqual({ jsPlugins: ["eslint-plugin-yamanote"], rules: configs[preset].rules });
	});
});
