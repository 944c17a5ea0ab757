/** Runs a program on a runtime of its own, and says what was wrong. */
import {
	type Async,
	CancelledError,
	Elapsed,
	Instant,
	type JoinHandle,
	joinSettled,
	Runtime,
	select,
	sleep,
	spawn,
	yieldNow,
} from "yamanote";
import { hostTurns } from "../support/host.ts";
import { Random } from "../sync/support.ts";
import { Builder } from "./build.ts";
import { broken, leftIn } from "./laws.ts";
import { type Prediction, predict } from "./predict.ts";
import { nodesOf, type Program } from "./program.ts";
import { carriedBy, Failure, Witness } from "./witness.ts";

/** By then everything has ended, or somebody waits for what never comes. */
const STUCK = 1e14;
/** By then all has ended by itself. */
const QUIET = 1e12;
/** When what has not ended is aborted in programs that may wait for ever: first the tasks of the program, then what they have spawned. */
const LATE = 500;
const AGAIN = [30, 30, 30, 30, 30, 30];

/** A runtime that goes by the virtual clock alone: no limit of real time cuts cleanup short on a busy machine. */
export function quietRuntime(witness: Witness): Runtime {
	const now = (): Instant => runtime.enter(() => Instant.now());
	const runtime: Runtime = new Runtime({
		startPaused: true,
		cleanupGrace: 60_000,
		cleanupTimeout: 60_000,
		onUnhandled: (failure) => void witness.reports.push({ failure, at: now().since(epoch) }),
	});
	const epoch = now();
	return runtime;
}

type Task = () => Promise<unknown>;

interface Ended {
	readonly at: number;
	readonly outcomes: readonly PromiseSettledResult<unknown>[];
}

function* whole({ handles, roots, abort }: Program, sparse: boolean, witness: Witness): Async<Ended, unknown> {
	const start = Instant.now();
	const builder = new Builder(witness);
	builder.handles = handles.map((node) => witness.spawn(spawn(builder.child(node) as Task)));
	const tasks = roots.map((node) => spawn(builder.child(node) as Task));
	const waitsForEver = [...handles, ...roots].some((root) => [...nodesOf(root)].some(({ kind }) => kind === "never"));
	const abortAll = (all: readonly JoinHandle<unknown, unknown>[], why: string): void => {
		for (const task of all) task.abort(witness.reason(why));
	};
	spawn(function* () {
		if (abort === null) return;
		yield* sleep(abort.ms);
		for (let i = 0; i < abort.turns; i++) yield* yieldNow();
		abortAll(tasks, "the program is aborted");
	});
	if (!sparse)
		spawn(function* () {
			yield* sleep(LATE);
			if (!waitsForEver && tasks.some((task) => !task.isFinished)) witness.wrong.push("a task has not ended by itself");
			abortAll(tasks, "the program is aborted late");
			for (const ms of AGAIN) {
				yield* sleep(ms);
				abortAll(witness.spawned, "the program ends");
			}
		});
	const outcomes = yield* joinSettled(tasks);
	const at = start.elapsed();
	for (const outcome of outcomes) if (outcome.status === "rejected") witness.see(outcome.reason);
	yield* sleep(QUIET);
	return { at, outcomes };
}

/** What is wrong with how a sparse program has ended. */
function unexpected(program: Program, { at, outcomes }: Ended, witness: Witness): string[] {
	const told: Prediction = predict(program);
	const uncut = predict({ ...program, abort: null }).at;
	// As it ended: nobody can say which came first.
	if (program.abort !== null && Math.abs(uncut - program.abort.ms) < 2) return [];
	const wrong: string[] = [];
	const { end } = told;
	const say = (what: string, got: unknown, want: unknown): void => {
		if (got !== want) wrong.push(`${what} ${String(got)}, not ${String(want)}`);
	};
	say("it ended at", at, told.at);
	const [outcome] = outcomes;
	if (outcome?.status !== "rejected") say("it ended", "ok", end.kind);
	else if (end.kind === "ok") say("it ended with", outcome.reason, "ok");
	else if (end.kind === "cancelled" || end.with === "cancellation")
		say("it was cancelled", outcome.reason instanceof CancelledError, true);
	else if (end.with === "elapsed") say("a deadline passed", outcome.reason instanceof Elapsed, true);
	else {
		say("it failed with", (outcome.reason as Partial<Failure>).id, end.ids[0]);
		const carried = [...carriedBy(outcome.reason)].filter((one) => one instanceof Failure).map(({ id }) => id);
		for (const id of end.ids) say(`its error carries #${id}`, carried.includes(id), true);
	}
	const ids = (all: readonly number[]): string => [...all].sort((a, b) => a - b).join();
	say("thrown are", ids(witness.thrown.map(({ id }) => id)), ids(told.thrown));
	return wrong;
}

/** Failures that several may see: of tasks that they share. */
function commonTo({ handles, roots }: Program): Set<number> {
	const shares = roots.flatMap((root) => [...nodesOf(root)].filter(({ ways }) => ways.length > 0));
	return new Set([...handles, ...shares].flatMap((node) => [...nodesOf(node)].map(({ id }) => id)));
}

/** Runs it. A sparse one must end as predicted; and the laws hold for all. */
export async function check(program: Program, sparse: boolean, seed: number): Promise<string[]> {
	const witness = new Witness();
	const { random } = Math;
	const own = new Random(seed);
	Math.random = () => own.next();
	try {
		const runtime = quietRuntime(witness);
		const first = await runtime.blockOn(
			select({ ended: () => whole(program, sparse, witness), stuck: sleepIn(runtime, STUCK) }, { biased: true }),
		);
		await hostTurns(2);
		const wrong = leftIn(runtime);
		await runtime.shutdown({ timeout: first.key === "stuck" ? 0 : 60_000 });
		if (first.key === "stuck") return ["it waits for ever", ...wrong];
		const aborted = new Set<object>();
		for (const handle of witness.owned) await handle.catch((error) => aborted.add(error as object));
		if (sparse) wrong.push(...unexpected(program, first.value, witness));
		return [...wrong, ...broken(witness, { common: sparse ? new Set() : commonTo(program), aborted })];
	} finally {
		Math.random = random;
	}
}

const sleepIn = (runtime: Runtime, ms: number) => runtime.enter(() => sleep(ms));
