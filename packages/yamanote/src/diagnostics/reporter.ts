/** Tells what was found: each thing once, not too often, to all who want to know. */
import { hostModule, hostNow, hostReport } from "../core/host.ts";
import { S } from "../core/shared.ts";
import type { Task } from "../core/task.ts";
import { type Diagnosis, type DiagnosisCode, KINDS } from "./diagnosis.ts";
import type { DumpFrame } from "./frames.ts";

/** @internal Which task, for what outlives it. */
export interface TaskFacts {
	readonly task: string;
	readonly id: number;
	readonly name: string | undefined;
	readonly runtime: string;
}

/** @internal */
export function factsOf(task: Task | null): TaskFacts | undefined {
	if (task === null) return undefined;
	return { task: task.label(), id: task.id, name: task.name, runtime: task.runtime.name };
}

/** @internal What a detector tells. */
export interface Finding {
	readonly code: DiagnosisCode;
	readonly message: string;
	readonly stack: readonly DumpFrame[];
	readonly task: TaskFacts | undefined;
	readonly details?: { readonly [key: string]: unknown };
	/** Instead of the usual one. */
	readonly advice?: string;
}

/** @internal */
export interface ReporterOptions {
	readonly repeatMs: number;
	readonly maxPerMinute: number;
	readonly sinks: readonly ((diagnosis: Diagnosis) => void)[];
}

interface Known {
	told: number;
	repeats: number;
}

const MINUTE = 60_000;
const MOST_KNOWN = 1_000;
const CHANNEL = "yamanote:diagnosis";

interface Channel {
	readonly hasSubscribers: boolean;
	publish(message: unknown): void;
}

/** @internal */
export class Reporter {
	readonly #options: ReporterOptions;
	readonly #known = new Map<string, Known>();
	readonly #channel = (
		hostModule("node:diagnostics_channel") as { channel(name: string): Channel } | undefined
	)?.channel(CHANNEL);
	/** What was found while a sink was being told. */
	readonly #waiting: Diagnosis[] = [];
	#telling = false;
	#minute = Number.NEGATIVE_INFINITY;
	#toldInMinute = 0;

	constructor(options: ReporterOptions) {
		this.#options = options;
	}

	tell(finding: Finding): void {
		const now = hostNow();
		const known = this.#knownOf(finding);
		if (now - known.told < this.#options.repeatMs || !this.#admits(now)) {
			known.repeats++;
			return;
		}
		known.told = now;
		const { repeats } = known;
		known.repeats = 0;
		this.#deliver(diagnosisOf(finding, repeats));
	}

	#knownOf({ code, stack, task, message }: Finding): Known {
		const [place] = stack;
		const key = `${code} ${place === undefined ? (task?.name ?? message) : `${place.file}:${place.line}`}`;
		let known = this.#known.get(key);
		if (known === undefined) {
			if (this.#known.size >= MOST_KNOWN) this.#known.clear();
			known = { told: Number.NEGATIVE_INFINITY, repeats: 0 };
			this.#known.set(key, known);
		}
		return known;
	}

	#admits(now: number): boolean {
		if (now - this.#minute >= MINUTE) {
			this.#minute = now;
			this.#toldInMinute = 0;
		}
		return this.#toldInMinute++ < this.#options.maxPerMinute;
	}

	/** A sink may use the library, and cause another diagnosis; it may not harm the poll in which it is told. */
	#deliver(first: Diagnosis): void {
		this.#waiting.push(first);
		if (this.#telling) return;
		const { current, native, frame, top, suspended, dropping, closing } = S;
		this.#telling = true;
		S.current = S.native = S.frame = S.top = S.closing = null;
		S.suspended = null;
		S.dropping = false;
		try {
			for (let d = this.#waiting.shift(); d !== undefined; d = this.#waiting.shift()) this.#tellAll(d);
		} finally {
			Object.assign(S, { current, native, frame, top, suspended, dropping, closing });
			this.#telling = false;
		}
	}

	#tellAll(diagnosis: Diagnosis): void {
		const channel = this.#channel;
		const sinks = channel?.hasSubscribers
			? [...this.#options.sinks, (d: Diagnosis) => channel.publish(d)]
			: this.#options.sinks;
		for (const sink of sinks) {
			try {
				sink(diagnosis);
			} catch (error) {
				hostReport(`yamanote: a listener of diagnoses threw: ${String(error)}`);
			}
		}
	}
}

function diagnosisOf({ code, message, stack, task, details, advice }: Finding, repeats: number): Diagnosis {
	return {
		code,
		severity: KINDS[code].severity,
		message,
		advice: advice ?? KINDS[code].advice,
		place: stack[0],
		stack,
		task: task?.task,
		id: task?.id,
		name: task?.name,
		runtime: task?.runtime,
		time: new Date().toISOString(),
		repeats,
		details: details ?? {},
	};
}
