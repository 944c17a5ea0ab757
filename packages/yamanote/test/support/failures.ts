/** How tasks fail while a test runs: what the default runtime reports, collected instead of printed, and cancellations. */
import { CancelledError, Instant, type JoinHandle, type TaskFailure } from "yamanote";
import { mainRuntime } from "./state.ts";

interface Limits {
	hostYield: number;
	cleanupGrace: number;
	cleanupTimeout: number;
	onUnhandled: (failure: TaskFailure) => void;
}

function limits(): Limits {
	Instant.now();
	return (mainRuntime() as unknown as { limits: Limits }).limits;
}

/** Runs the body with other limits on the default runtime. */
export async function withLimits<T>(change: Partial<Limits>, body: () => Promise<T>): Promise<T> {
	const now = limits();
	const before = { ...now };
	Object.assign(now, change);
	try {
		return await body();
	} finally {
		Object.assign(now, before);
	}
}

/** Runs the body and gives it the failures that the default runtime reports meanwhile, in a list that grows. */
export function reporting<T>(body: (reported: TaskFailure[]) => Promise<T>): Promise<T> {
	const reported: TaskFailure[] = [];
	return withLimits({ onUnhandled: (failure) => void reported.push(failure) }, () => body(reported));
}

/** The outcome of a task that was cancelled. */
export async function cancelled(handle: JoinHandle<unknown, unknown>): Promise<CancelledError> {
	const error = await handle.then(
		(value) => new Error(`it returned ${String(value)}`),
		(e: unknown) => e,
	);
	if (!(error instanceof CancelledError)) throw error;
	return error;
}
