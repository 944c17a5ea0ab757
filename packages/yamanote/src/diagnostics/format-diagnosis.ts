/** A diagnosis as a person reads it: `formatDiagnosis`. */
import { checkOptions } from "../core/error.ts";
import { hostModule } from "../core/host.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { type DumpFrame, frameText } from "./frames.ts";

/** Options of {@link formatDiagnosis}. */
export interface FormatDiagnosisOptions {
	/** Colours, as terminals have them. Default false. */
	readonly colors?: boolean | undefined;
	/** The lines of the source around the place, where the file can be read. Default true. */
	readonly codeFrame?: boolean | undefined;
}

const FRAMES = 4;
const AROUND = 2;
const MOST_BYTES = 5_000_000;

type Paint = (style: keyof typeof styles, text: string) => string;

const styles = { red: 31, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const;
const plain: Paint = (_style, text) => text;
const coloured: Paint = (style, text) => `\u001b[${styles[style]}m${text}\u001b[0m`;

/**
 * What `diagnose` prints: what happened, where, with the lines of the source around it, and what to do.
 *
 * @returns several lines, without a newline at the end
 * @source none
 *
 * @example
 * ```ts no-run
 * import { diagnose, formatDiagnosis } from "yamanote/diagnostics";
 *
 * diagnose({ onDiagnosis: (diagnosis) => console.warn(formatDiagnosis(diagnosis)) });
 * ```
 */
export function formatDiagnosis(diagnosis: Diagnosis, options: FormatDiagnosisOptions = {}): string {
	checkOptions("formatDiagnosis", options);
	const { severity, code, message, advice, stack, place, repeats } = diagnosis;
	const paint = options.colors === true ? coloured : plain;
	const colour = severity === "error" ? "red" : "yellow";
	const lines = [`${paint("bold", paint(colour, `yamanote: ${severity}`))} ${paint("dim", code)}: ${message}`];
	const frame = place === undefined || options.codeFrame === false ? [] : codeFrame(place, paint, colour);
	stack.slice(0, FRAMES).forEach((f, i) => {
		lines.push(`    ${paint(i === 0 ? "cyan" : "dim", frameText(f))}`);
		if (i === 0) lines.push(...frame);
	});
	const { cycle } = diagnosis.details;
	if (Array.isArray(cycle)) for (const step of cycle) lines.push(`  ${String(step)}`);
	lines.push(`  ${paint("cyan", "what to do:")} ${advice}`);
	if (repeats > 0) lines.push(paint("dim", `  (${repeats} more like it since it was last told)`));
	return lines.join("\n");
}

function codeFrame({ file, line, column }: DumpFrame, paint: Paint, colour: "red" | "yellow"): string[] {
	const source = sourceOf(file)?.split("\n");
	if (source === undefined || source[line - 1] === undefined) return [];
	const from = Math.max(1, line - AROUND);
	const to = Math.min(source.length, line + AROUND);
	const width = String(to).length;
	const lines: string[] = [];
	for (let n = from; n <= to; n++) {
		const text = (source[n - 1] ?? "").replace(/\r$/, "");
		const number = String(n).padStart(width);
		if (n !== line) {
			if (n !== to || text !== "") lines.push(paint("dim", `      ${number} | ${text}`.trimEnd()));
			continue;
		}
		lines.push(`    ${paint(colour, ">")} ${number} | ${text}`);
		const indent = text.slice(0, column - 1).replace(/[^\t]/g, " ");
		lines.push(`      ${" ".repeat(width)} | ${indent}${paint(colour, "^")}`);
	}
	return lines;
}

/** The text of a file; undefined where files cannot be read. */
function sourceOf(file: string): string | undefined {
	const fs = hostModule("node:fs") as
		| { readFileSync(path: string | URL, encoding: "utf8"): string; statSync(path: string | URL): { size: number } }
		| undefined;
	if (fs === undefined) return undefined;
	try {
		const path = file.startsWith("file:") ? new URL(file) : file;
		return fs.statSync(path).size > MOST_BYTES ? undefined : fs.readFileSync(path, "utf8");
	} catch {
		return undefined;
	}
}

/** @internal Whether the standard error wants colours: NO_COLOR and FORCE_COLOR are honoured. */
export function wantsColors(): boolean {
	const { process } = globalThis as {
		process?: { env?: Record<string, string | undefined>; stderr?: { isTTY?: boolean } };
	};
	try {
		const { NO_COLOR, FORCE_COLOR } = process?.env ?? {};
		if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
		if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
		return process?.stderr?.isTTY === true;
	} catch {
		// Deno, without the permission to read the environment.
		return false;
	}
}
