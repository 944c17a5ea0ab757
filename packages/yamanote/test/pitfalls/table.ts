/** The tables of `docs/pitfalls/README.md`: a row for each page, a cell for each way in which the pitfall is caught. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { recommended } from "../../../eslint-plugin-yamanote/src/configs/presets.ts";
import { rules } from "../../../eslint-plugin-yamanote/src/rules/index.ts";
import { type Block, blocksOf } from "../../../eslint-plugin-yamanote/test/support/markdown.ts";

export interface Page {
	readonly title: string;
	readonly text: string;
	readonly blocks: readonly Block[];
}

export function readPage(folder: string, name: string): Page {
	const text = readFileSync(join(folder, name), "utf8");
	return { title: /^# (.+)$/m.exec(text)?.[1] ?? name, text, blocks: blocksOf(text) };
}

const ROW = /^\| \[[^\]]+\]\(([\w-]+\.md)\) \|.*$/gm;

/** The index, with the row of each page made anew. Which pages there are, and in which order, it says itself. */
export function indexOf(index: string, page: (name: string) => Page): string {
	return index.replace(ROW, (_, name: string) => row(name, page(name)));
}

function row(name: string, page: Page): string {
	const rule = /^\[`([\w-]+)`\]\((\S+)\):$/m.exec(page.text);
	const types = shown(page, "types") ?? firstSentence(page, "Types");
	const lint = `[\`${rule?.[1]}\`](${rule?.[2]})${mends(rule?.[1] ?? "")}: ${shown(page, "lint") ?? ""}`;
	return `| [${page.title}](${name}) | ${types} | ${lint} | ${shown(page, "run") ?? ""} |`;
}

/** What else a rule does, and where it is not on by default. */
function mends(name: string): string {
	const meta = rules[name]?.meta;
	const words = [
		...(meta?.fixable === undefined ? [] : ["with a fix"]),
		...(meta?.fixable === undefined && meta?.hasSuggestions ? ["with a suggestion"] : []),
		...(`yamanote/${name}` in recommended ? [] : ["in `strict`"]),
	];
	return words.length === 0 ? "" : `, ${words.join(", ")}`;
}

/** The first line of a recorded output, as code. */
function shown(page: Page, kind: string): string | undefined {
	const output = page.blocks.find((block) => block.language === `text ${kind}`)?.code.split("\n")[0];
	return output === undefined ? undefined : code(output.replace(/ {2}/g, " "));
}

/** As code in a cell: with as many backticks around it as it takes, and no bar that would end the cell. */
function code(text: string): string {
	const runs = [...text.matchAll(/`+/g)].map(([run]) => run.length);
	const fence = "`".repeat(Math.max(0, ...runs) + 1);
	const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
	return `${fence}${pad}${text.replaceAll("|", "\\|")}${pad}${fence}`;
}

/** What a page says under a heading where it has no output to show. */
function firstSentence(page: Page, heading: string): string {
	const section = page.text.split(`### ${heading}\n\n`)[1]?.split("\n\n")[0] ?? "";
	return section.replaceAll("\n", " ").split(/(?<=\.) /)[0] ?? "";
}
