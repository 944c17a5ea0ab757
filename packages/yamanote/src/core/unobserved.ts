/**
 * Failures are never silent, and never reported because of microtask timing.
 *
 * A task that fails with no awaiter enters its runtime's set. Observing it removes it. It is reported once: after 5 s, when its handle
 * is collected, at `detach()`, or when the runtime ends.
 */
import { hostNow, hostReport, setHostTimer } from "./host.ts";
import type { RuntimeCore } from "./runtime-core.ts";
import type { Task } from "./task.ts";

/** A failure that nobody has observed: what {@link RuntimeOptions.onUnhandled} is told. */
export interface TaskFailure {
	/** What the task threw. */
	readonly error: unknown;
	/** The task's name and number, as `"worker" (#7)`. */
	readonly task: string;
	/** Where it was spawned, as `at main (file:1:2)`; known while `trackTasks` of `yamanote/diagnostics` is on. */
	readonly spawnedAt: string | undefined;
	/** The name of its runtime. */
	readonly runtime: string;
	/** Why it is reported now. */
	readonly when: "unobserved" | "collected" | "detached" | "shutdown" | "cleanup";
}

const AFTER_MS = 5_000;

interface Entry extends TaskFailure {
	when: TaskFailure["when"];
	readonly since: number;
}

const registry = /* @__PURE__ */ (() =>
	typeof FinalizationRegistry === "undefined"
		? undefined
		: new FinalizationRegistry<{ runtime: RuntimeCore; entry: Entry }>(({ runtime, entry }) =>
				tell(runtime, entry, "collected"),
			))();

/** @internal A task has failed, and nobody awaits it. */
export function remember(runtime: RuntimeCore, task: Task, error: unknown): TaskFailure {
	try {
		// A stack that was not read yet holds the objects of its frames, this task among them: it would never be collected.
		if (error instanceof Error) String(error.stack);
	} catch {
		// A getter of somebody's.
	}
	const entry: Entry = {
		error,
		task: task.task.label(),
		spawnedAt: task.rare?.spawnedAt,
		runtime: runtime.name,
		when: "unobserved",
		since: hostNow(),
	};
	runtime.unobserved.add(entry);
	if (runtime.unobserved.size === 1) lookLater(runtime, AFTER_MS);
	registry?.register(task, { runtime, entry }, entry);
	return entry;
}

/** @internal Somebody looked at it. False if that was known, or it was told. */
export function observe(runtime: RuntimeCore, entry: TaskFailure): boolean {
	const first = runtime.unobserved.delete(entry);
	if (first) registry?.unregister(entry);
	return first;
}

/** @internal Reports a remembered failure now. */
export function tell(runtime: RuntimeCore, entry: TaskFailure, when: TaskFailure["when"]): void {
	if (!observe(runtime, entry)) return;
	(entry as Entry).when = when;
	runtime.limits.onUnhandled(entry);
}

/** One timer for the whole set. */
function lookLater(runtime: RuntimeCore, ms: number): void {
	setHostTimer(ms, () => {
		for (const entry of runtime.unobserved) {
			const left = (entry as Entry).since + AFTER_MS - hostNow();
			if (left > 0) return lookLater(runtime, Math.ceil(left));
			tell(runtime, entry, "unobserved");
		}
	});
}

/** @internal The default policy: prints the failure with its stack. */
export function reportFailure({ error, task, spawnedAt, when }: TaskFailure): void {
	const which = spawnedAt === undefined ? task : `${task}, spawned ${spawnedAt},`;
	const what =
		when === "cleanup" ? `in the cleanup of task ${which}` : `task ${which} failed, and nobody observed it (${when})`;
	hostReport(`yamanote: ${what}:`, error);
}
