/**
 * What the runtimes of this program hold right now, read from the one place where every copy of the library keeps its state.
 *
 * For the leak check, and for clocks; a test of behaviour asks the public face.
 */

/** The parts of a runtime that a test looks at. */
export interface RuntimeView {
	readonly name: string;
	readonly alive: number;
	readonly live: TaskView | null;
	readonly unobserved: ReadonlySet<{ readonly task: string; readonly error: unknown }>;
	readonly slots: ReadonlyMap<symbol, unknown>;
	readonly roots: number;
	readonly hostWork: number;
	readonly clock: object | null;
	readonly head: unknown;
	readonly polls: number;
	readonly queue: { readonly size: number };
}

interface TaskView {
	readonly after: TaskView | null;
	label(): string;
	abort(): void;
	detach(): void;
}

/** The timers of a runtime. */
export interface ClockView {
	readonly wheel: { readonly size: number; advance(tick: number): void };
	shift: number;
	now(): number;
}

interface SharedView {
	readonly main: RuntimeView | null;
	readonly runtimes: ReadonlySet<RuntimeView>;
}

/** Every runtime that is not shut down. */
export function runtimes(): RuntimeView[] {
	const shared = (globalThis as unknown as Record<symbol, SharedView | undefined>)[Symbol.for("yamanote/1")];
	return shared === undefined ? [] : [...shared.runtimes];
}

/** The default runtime; undefined as long as nothing has used it. */
export function mainRuntime(): RuntimeView | undefined {
	const shared = (globalThis as unknown as Record<symbol, SharedView | undefined>)[Symbol.for("yamanote/1")];
	return shared?.main ?? undefined;
}

/** The live tasks of a runtime, the youngest first. */
export function liveTasks(runtime: RuntimeView | undefined = mainRuntime()): TaskView[] {
	const tasks: TaskView[] = [];
	for (let task = runtime?.live ?? null; task !== null; task = task.after) tasks.push(task);
	return tasks;
}

/** The clock of a runtime; undefined as long as nothing has used it. */
export function clockOf(runtime: RuntimeView | undefined = mainRuntime()): ClockView | undefined {
	return runtime?.slots.get(Symbol.for("yamanote.timers.v1")) as ClockView | undefined;
}
