/** What a test asks of `diagnose`. */
import { expect } from "vitest";
import { run, sleep } from "yamanote";
import {
	type DiagnoseOptions,
	type Diagnosis,
	type DiagnosisCode,
	type DumpFrame,
	diagnose,
} from "yamanote/diagnostics";

/** Detectors that are not asked for are off. */
const off = {
	longPoll: false,
	neverPolled: false,
	guardAcrossWait: false,
	forgottenGuard: false,
	wakeStorm: false,
	longWait: false,
	deadlock: false,
	lagged: false,
	fullQueue: false,
	starvedLoop: false,
} as const;

export interface Collected extends Disposable {
	readonly all: Diagnosis[];
	/** Those of one kind. */
	of(code: DiagnosisCode): Diagnosis[];
}

/** Diagnoses from now on, by some detectors alone. */
export function collect(options: DiagnoseOptions): Collected {
	const all: Diagnosis[] = [];
	const on = diagnose({ onDiagnosis: (d) => void all.push(d), ...off, ...options });
	return {
		all,
		of: (code) => all.filter((d) => d.code === code),
		[Symbol.dispose]: () => on[Symbol.dispose](),
	};
}

/** `file:line` of this call, by the engine's own stack. */
export function here(offset = 0): string {
	// As the library takes stacks: Bun maps one way to the sources, and not the other.
	const E = Error as unknown as { captureStackTrace?(o: object, f: unknown): void };
	const o: { stack?: string } = {};
	E.captureStackTrace?.(o, here);
	const [, line = ""] = (o.stack ?? "").split("\n");
	const match = /([^/\\(]+):(\d+):\d+\)?$/.exec(line);
	return `${match?.[1]}:${Number(match?.[2]) + offset}`;
}

export function placeOf(frame: DumpFrame | undefined): string {
	return `${frame?.file.replace(/^.*[/\\]/, "")}:${frame?.line}`;
}

/** Whatever is told is told as it must be: a code, a severity, one line, advice, and data fit for JSON. */
export function expectWellFormed(diagnosis: Diagnosis | undefined): void {
	expect(diagnosis?.code).toMatch(/^YAMANOTE_[A-Z_]+$/);
	expect(diagnosis?.message).toMatch(/^[^\n]+$/);
	expect(diagnosis?.advice).toMatch(/^[^\n]{20,}$/);
	expect(JSON.parse(JSON.stringify(diagnosis)).code).toBe(diagnosis?.code);
}

/** Waits, by the real clock, until something is so, or for ten seconds. */
export async function until(so: () => boolean): Promise<void> {
	const end = performance.now() + 10_000;
	while (!so() && performance.now() < end) await run(sleep(5));
}

/** Long enough for the detectors to have looked a few times. */
export async function severalBeats(): Promise<void> {
	await run(sleep(450));
}
