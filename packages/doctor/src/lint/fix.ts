/** Applies the fixes of rules, again and again until there is none left: one fix may stand in the way of another. */
import type { Problem } from "./lint.ts";

/** As ESLint does: a rule whose fix does not mend what it reports would go on for ever. */
const MAX_ROUNDS = 10;

export interface Mended {
	readonly text: string;
	/** What is left. */
	readonly problems: Problem[];
}

export function applyFixes(text: string, problems: Problem[], lint: (text: string) => Problem[]): Mended {
	let mended: Mended = { text, problems };
	for (let round = 0; round < MAX_ROUNDS; round++) {
		const next = once(mended.text, mended.problems);
		if (next === mended.text) break;
		mended = { text: next, problems: lint(next) };
	}
	return mended;
}

/** One round: the fixes that do not touch each other. The edits of one fix are made together or not at all. */
function once(text: string, problems: readonly Problem[]): string {
	const fixes = problems
		.flatMap(({ fix }) => (fix === undefined || fix.length === 0 ? [] : [[...fix].sort(byPlace)]))
		.sort((a, b) => (a[0]?.range[0] ?? 0) - (b[0]?.range[0] ?? 0));
	let result = "";
	let at = 0;
	let last = -1;
	for (const fix of fixes) {
		const start = fix[0]?.range[0] ?? 0;
		if (start <= last) continue;
		for (const { range, text: replacement } of fix) {
			result += text.slice(at, range[0]) + replacement;
			at = range[1];
		}
		last = at;
	}
	return result + text.slice(at);
}

function byPlace(a: { range: readonly [number, number] }, b: { range: readonly [number, number] }): number {
	return a.range[0] - b.range[0] || a.range[1] - b.range[1];
}
