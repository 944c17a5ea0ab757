/** The report for people: each finding with its place, its words, and the line that it is about. */
import type { Finding, Severity } from "./finding.ts";

export interface Look {
	readonly colour: boolean;
}

export type Paint = (text: string) => string;

const codes = { red: 31, yellow: 33, blue: 34, dim: 2, bold: 1, underline: 4 } as const;

function painter(look: Look): Record<keyof typeof codes, Paint> {
	const paint =
		(code: number): Paint =>
		(text) =>
			look.colour && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
	return Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, paint(code)])) as ReturnType<
		typeof painter
	>;
}

const COLOURS = { error: "red", warning: "yellow", info: "blue" } as const;

/** The findings, grouped by file; those without a place come last. Ends with a line feed if there are any. */
export function findingsText(findings: readonly Finding[], look: Look): string {
	const paint = painter(look);
	const byFile = new Map<string, Finding[]>();
	for (const finding of findings) {
		const file = finding.file ?? "";
		byFile.set(file, [...(byFile.get(file) ?? []), finding]);
	}
	const files = [...byFile].sort(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : a < b ? -1 : 1));
	return files
		.map(([file, list]) => {
			const title = file === "" ? "" : `${paint.underline(file)}\n`;
			return `${title}${list.map((finding) => one(finding, paint)).join("")}`;
		})
		.join("\n");
}

function one(finding: Finding, paint: ReturnType<typeof painter>): string {
	const { line, column, severity, rule, message } = finding;
	const place = line === undefined ? "" : `${line}:${column ?? 1}  `;
	const times = finding.count > 1 ? paint.dim(` (${finding.count} times)`) : "";
	const head = `  ${place}${paint[COLOURS[severity]](severity)}  ${message}${times}  ${paint.dim(rule)}\n`;
	const more = (finding.details ?? []).map((detail) => `      ${paint.dim(detail)}\n`).join("");
	return head + frame(finding, paint) + more;
}

function frame({ line, column, endColumn, text, severity }: Finding, paint: ReturnType<typeof painter>): string {
	if (line === undefined || column === undefined || text === undefined || text.length > 200) return "";
	const shown = text.replaceAll("\t", "  ");
	const indent = text.slice(0, column - 1).replaceAll("\t", "  ").length;
	const end = text.slice(0, (endColumn ?? column + 1) - 1).replaceAll("\t", "  ").length;
	const gutter = `${line} | `;
	const mark = "^".repeat(Math.max(1, Math.min(end, shown.length) - indent));
	const blank = `${" ".repeat(gutter.length - 2)}| `;
	return `      ${paint.dim(gutter)}${shown}\n      ${paint.dim(blank)}${" ".repeat(indent)}${paint[COLOURS[severity]](mark)}\n`;
}

export function count(findings: readonly Finding[], severity: Severity): number {
	return findings.filter((finding) => finding.severity === severity).length;
}

/** `3 errors, 1 warning`, or that there is nothing. */
export function totals(findings: readonly Finding[]): string {
	const parts = (["error", "warning", "info"] as const).flatMap((severity) => {
		const n = count(findings, severity);
		const name = severity === "info" ? "note" : severity;
		return n === 0 ? [] : [`${n} ${name}${n === 1 ? "" : "s"}`];
	});
	return parts.length === 0 ? "no problems" : parts.join(", ");
}
