import { describe, expect, it } from "vitest";
import { rules } from "../src/index.ts";
import { readCorpus } from "./support/corpus.ts";
import { lint } from "./support/lint.ts";

const corpus = readCorpus();
const right = corpus.filter((snippet) => snippet.rules.length === 0);
const wrong = corpus.filter((snippet) => snippet.rules.length > 0);

function rulesIn(snippet: (typeof corpus)[number]): string[] {
	return [...new Set(lint(snippet.code, snippet.as).map((found) => found.rule))].sort();
}

describe("the corpus", () => {
	it("holds at least 150 snippets, and no kind less than two fifths", () => {
		expect(corpus.length).toBeGreaterThanOrEqual(150);
		expect(Math.min(right.length, wrong.length) / corpus.length).toBeGreaterThan(0.4);
	});

	it("has wrong snippets for every rule", () => {
		const covered = new Set(wrong.flatMap((snippet) => snippet.rules));
		expect([...covered].sort()).toEqual(Object.keys(rules).sort());
	});

	it.each(right.map((snippet) => [`${snippet.file}:${snippet.line}`, snippet.title, snippet] as const))(
		"%s raises no alarm: %s",
		(_place, _title, snippet) => {
			expect(lint(snippet.code, snippet.as)).toEqual([]);
		},
	);

	it.each(wrong.map((snippet) => [`${snippet.file}:${snippet.line}`, snippet.title, snippet] as const))(
		"%s is found: %s",
		(_place, _title, snippet) => {
			expect(rulesIn(snippet)).toEqual([...snippet.rules].sort());
		},
	);

	it("is answered in whole sentences", () => {
		for (const { message } of wrong.flatMap((snippet) => lint(snippet.code, snippet.as))) {
			expect(message).toMatch(/^\S.*[.!]$/);
			expect(message).not.toMatch(/\{\{|\}\}|``|undefined/);
		}
	});
});
