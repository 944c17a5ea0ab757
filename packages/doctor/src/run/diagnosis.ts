/** What the runtime said, as findings: like ones become one that says how often it was seen. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Diagnosis, DumpFrame } from "yamanote/diagnostics";
import { shorter } from "../lint/project.ts";
import type { Finding } from "../report/finding.ts";
import { original, type Spot } from "./original.ts";

const MAX_FRAMES = 5;

/** Findings in the order in which they were first seen. */
export function findingsOf(diagnoses: readonly Diagnosis[], cwd: string): Finding[] {
	const found = new Map<string, Finding>();
	for (const diagnosis of diagnoses) {
		const finding = findingOf(diagnosis, cwd);
		// The same thing at the same line is one finding; without a line, the words must be the same.
		const key = [
			finding.rule,
			...(finding.line === undefined ? [finding.message] : [finding.file, finding.line]),
		].join();
		const before = found.get(key);
		found.set(key, before === undefined ? finding : { ...before, count: before.count + finding.count });
	}
	return [...found.values()];
}

function findingOf(diagnosis: Diagnosis, cwd: string): Finding {
	const { code, severity, message, advice, place, stack, task, repeats } = diagnosis;
	const spot = place === undefined ? undefined : spotOf(place);
	const text = spot === undefined ? undefined : lineOf(spot);
	const further = stack.slice(place === undefined ? 0 : 1, MAX_FRAMES + 1);
	return {
		source: "run",
		rule: code,
		severity,
		message: readable(message, cwd),
		count: 1 + repeats,
		...(spot === undefined ? {} : { ...spot, file: shorter(spot.file, cwd) }),
		...(text === undefined ? {} : { text }),
		details: [
			...further.map((frame) => frameText(frame, cwd)),
			...(task === undefined ? [] : [`in task ${task}`]),
			advice,
		],
	};
}

/** The words of a message, with the places in them as short as they can be, and where the source was written. */
export function readable(message: string, cwd: string): string {
	return message.replace(PLACE, (_, file: string, line: string, column: string) => {
		const spot = original({ file: pathOf(file), line: Number(line), column: Number(column) });
		return `${shorter(spot.file, cwd)}:${spot.line}:${spot.column}`;
	});
}

/** The URL of a file, or its path in parentheses, as Bun writes it. */
const PLACE = /(file:\/\/\S+?\.\w+|(?<=\()(?:\/|[A-Z]:)[^():]+\.\w+):(\d+):(\d+)/g;

const pathOf = (file: string): string => (file.startsWith("file:") ? fileURLToPath(file) : file);

function frameText(frame: DumpFrame, cwd: string): string {
	const { file, line, column } = spotOf(frame);
	const place = `${shorter(file, cwd)}:${line}:${column}`;
	return frame.name ? `at ${frame.name} (${place})` : `at ${place}`;
}

function spotOf({ file, line, column }: DumpFrame): Spot {
	return original({ file: pathOf(file), line, column });
}

function lineOf({ file, line }: Spot): string | undefined {
	if (!existsSync(file)) return undefined;
	return readFileSync(file, "utf8").split(/\r\n|[\n\r]/)[line - 1];
}
