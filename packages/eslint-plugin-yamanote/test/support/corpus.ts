/** Reads the corpus: snippets under headings `=== right: title` and `=== wrong <rule>: title`, one file a subject. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Snippet {
	readonly file: string;
	readonly line: number;
	readonly title: string;
	/** The rules that must speak; none for a right snippet. */
	readonly rules: readonly string[];
	/** The name that the snippet's file is given. */
	readonly as: string;
	readonly code: string;
}

const HEADING = /^=== (?:right|wrong ([\w, -]+?))(?: \(as ([^)]+)\))?: (.+)$/;

export function readCorpus(): Snippet[] {
	const folder = join(import.meta.dirname, "..", "corpus");
	return readdirSync(folder)
		.filter((name) => name.endsWith(".txt"))
		.sort()
		.flatMap((name) => parse(name, readFileSync(join(folder, name), "utf8")));
}

function parse(file: string, text: string): Snippet[] {
	const snippets: Snippet[] = [];
	let code: string[] = [];
	let heading: { rules: string[]; as: string; title: string; line: number } | undefined;
	const finish = (): void => {
		if (heading !== undefined) snippets.push({ file, ...heading, code: `${code.join("\n").trim()}\n` });
	};
	for (const [index, line] of text.split("\n").entries()) {
		const match = HEADING.exec(line);
		if (match === null) {
			if (line.startsWith("===")) throw new Error(`${file}:${index + 1}: not a heading: ${line}`);
			code.push(line);
			continue;
		}
		finish();
		const [, rules, as, title = ""] = match;
		heading = {
			rules: rules === undefined ? [] : rules.split(",").map((rule) => rule.trim()),
			as: as ?? "src/app.ts",
			title,
			line: index + 1,
		};
		code = [];
	}
	finish();
	return snippets;
}
