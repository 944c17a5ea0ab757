/**
 * The comments that quieten a linter: `eslint-disable`, `eslint-enable`, `eslint-disable-line` and
 * `eslint-disable-next-line`, and the same of oxlint. A project that uses the plugin already has them.
 */
import type { Comment } from "../../../eslint-plugin-yamanote/src/ast/eslint.ts";
import { positionAt } from "./source-code.ts";

const DIRECTIVE = /^\s*(?:eslint|oxlint)-(disable-next-line|disable-line|disable|enable)(?=\s|$)([\s\S]*)$/;

interface Switch {
	readonly on: boolean;
	readonly rules: readonly string[];
	readonly offset: number;
}

/** Tells of each place whether a rule is quietened there. */
export function quietened(
	text: string,
	comments: readonly Comment[],
): (rule: string, line: number, offset: number) => boolean {
	const lines = new Map<number, string[][]>();
	const switches: Switch[] = [];
	for (const comment of comments) {
		const match = DIRECTIVE.exec(comment.value);
		if (match === null) continue;
		const [, kind, rest = ""] = match;
		const rules = namesIn(rest);
		if (kind === "disable" || kind === "enable") {
			// As in ESLint, these two are block comments.
			if (comment.type === "Block") switches.push({ on: kind === "enable", rules, offset: comment.range[0] });
			continue;
		}
		const line =
			kind === "disable-line" ? positionAt(text, comment.range[0]).line : positionAt(text, comment.range[1]).line + 1;
		lines.set(line, [...(lines.get(line) ?? []), rules]);
	}
	return (rule, line, offset) => {
		if (lines.get(line)?.some((rules) => names(rules, rule)) === true) return true;
		const last = switches.findLast((one) => one.offset <= offset && names(one.rules, rule));
		return last !== undefined && !last.on;
	};
}

/** The rules of a comment, without what is said after `--`. */
function namesIn(text: string): string[] {
	const [list = ""] = text.split(/\s-{2,}(?:\s|$)/);
	return list
		.split(",")
		.map((name) => name.trim())
		.filter((name) => name !== "");
}

function names(rules: readonly string[], rule: string): boolean {
	return rules.length === 0 || rules.includes(`yamanote/${rule}`) || rules.includes(rule);
}
