// Each way of writing a task, through each door: what comes out, and which failures are declared.
import {
	type Async,
	asyncFn,
	currentTask,
	type Elapsed,
	type Err,
	type Future,
	fail,
	fromPromise,
	type IntoFuture,
	type JoinHandle,
	JoinSet,
	lazy,
	main,
	type Out,
	openScope,
	pending,
	Runtime,
	ready,
	run,
	type Sleep,
	scope,
	sleep,
	spawn,
	type TaskContext,
	TaskTracker,
	timeout,
} from "yamanote";
import { mockTask, paused } from "yamanote/testing";
import { equal, typeOf } from "./equal.ts";

class Down extends Error {
	readonly code = "DOWN";
}

class Full extends Error {
	readonly code = "FULL";
}

const operation = asyncFn(function* (n: number) {
	yield* sleep(1);
	if (n < 0) return yield* fail(new Down());
	return n;
});
function* bare(n: number) {
	if (n > 9) return yield* fail(new Full());
	return yield* operation(n);
}
function* annotated(): Async<string, Down> {
	yield* operation(1);
	return "a";
}
async function native({ signal, run }: TaskContext) {
	signal.throwIfAborted();
	return `${await run(operation(1))}`;
}
const plain = async () => 7n;
const declared = fromPromise(async () => "text", { catch: () => new Full() });

// Out and Err
equal<Out<typeof bare>, never>(true); // it takes a number, so it is no task
equal<Out<ReturnType<typeof bare>>, number>(true);
equal<Err<ReturnType<typeof bare>>, Down | Full>(true);
equal<Out<typeof annotated>, string>(true);
equal<Err<typeof annotated>, Down>(true);
equal<Out<typeof native>, string>(true);
equal<Err<typeof native>, never>(true);
equal<Out<typeof plain>, bigint>(true);
equal<Out<Promise<Date>>, Date>(true);
equal<Err<Promise<Date>>, never>(true);
equal<Out<JoinHandle<1, Full>>, 1>(true);
equal<Err<JoinHandle<1, Full>>, Full>(true);
equal<Out<() => Future<1, Full>>, 1>(true);
equal<Err<() => Future<1, Full>>, Full>(true);
equal<Out<typeof declared | typeof plain>, string | bigint>(true);
equal<Err<typeof declared | typeof annotated>, Full | Down>(true);
equal<Out<IntoFuture>, unknown>(true);

// spawn
typeOf(spawn(operation(1))).is<JoinHandle<number, Down>>(true);
typeOf(spawn(bare(1))).is<JoinHandle<number, Down | Full>>(true);
typeOf(spawn(annotated)).is<JoinHandle<string, Down>>(true);
typeOf(spawn(native)).is<JoinHandle<string, never>>(true);
typeOf(spawn(plain)).is<JoinHandle<bigint, never>>(true);
typeOf(spawn(Promise.resolve(true))).is<JoinHandle<boolean, never>>(true);
typeOf(spawn(() => operation(1))).is<JoinHandle<number, Down>>(true);
typeOf(spawn(() => bare(1))).is<JoinHandle<number, Down | Full>>(true);
typeOf(spawn(declared)).is<JoinHandle<string, Full>>(true);
typeOf(spawn(spawn(operation(1)))).is<JoinHandle<number, Down>>(true);
typeOf(spawn(spawn(operation(1)).abortOnDrop())).is<JoinHandle<number, Down>>(true);
typeOf(
	spawn(function* () {
		yield* sleep(1);
	}),
).is<JoinHandle<void, never>>(true);
typeOf(
	spawn(function* ({ signal, id, name }) {
		const a = yield* operation(1);
		const b = yield* bare(1);
		const c = yield* declared;
		return { a, b, c, signal, id, name };
	}),
).is<
	JoinHandle<
		{ a: number; b: number; c: string; signal: AbortSignal; id: number; name: string | undefined },
		Down | Full
	>
>(true);
typeOf(
	spawn(async ({ run, signal }) => {
		const n = await run(operation(1));
		const s = await run(async () => "s");
		return signal.aborted ? n : s;
	}),
).is<JoinHandle<string | number, never>>(true);
typeOf(
	spawn(async () => {
		const handle = await operation(1);
		return [handle, await declared] as const;
	}),
).is<JoinHandle<readonly [number, string], never>>(true);
typeOf(spawn(Math.random() > 0.5 ? operation(1) : declared)).is<JoinHandle<string | number, Down | Full>>(true);

// run, blockOn, and what awaits natively
typeOf(run(operation(1))).is<Promise<number>>(true);
typeOf(run(annotated)).is<Promise<string>>(true);
typeOf(run(native, { signal: new AbortController().signal, name: "n" })).is<Promise<string>>(true);
typeOf(run(plain)).is<Promise<bigint>>(true);
typeOf(run(async ({ id }) => id)).is<Promise<number>>(true);
typeOf(run(function* () {})).is<Promise<void>>(true);
typeOf(new Runtime().blockOn(bare(1))).is<Promise<number>>(true);
typeOf(new Runtime().blockOn(async ({ run }) => run(operation(1)))).is<Promise<number>>(true);
typeOf(new Runtime().spawn(annotated)).is<JoinHandle<string, Down>>(true);
typeOf(new Runtime().enter(() => 3)).is<number>(true);
typeOf(operation(1).then((n) => n.toFixed())).is<Promise<string>>(true);
typeOf(operation(1).catch(() => "else")).is<Promise<number | string>>(true);
typeOf(operation(1).finally(() => {})).is<Promise<number>>(true);
typeOf(Promise.all([operation(1), declared])).is<Promise<[number, string]>>(true);
main(annotated);
main(async ({ run }) => run(operation(1)), { timeout: { seconds: 1 } });
main(function* () {
	yield* bare(1);
});

// the smallest futures
typeOf(ready("x")).is<Future<string, never>>(true);
typeOf(ready<"x">("x")).is<Future<"x", never>>(true);
typeOf(pending()).is<Future<never, never>>(true);
typeOf(lazy(() => 3)).is<Future<number, never>>(true);
typeOf(fail(new Down())).is<Future<never, Down>>(true);
typeOf(sleep(1)).is<Sleep>(true);
typeOf(currentTask()?.name).is<string | undefined>(true);

// scopes and sets
typeOf(
	scope(function* ({ spawn, signal, run, size }) {
		const child = spawn(operation(size));
		spawn(native);
		spawn(async ({ run }) => run(bare(1)));
		void [signal, run];
		return yield* child;
	}),
).is<Future<number, Down>>(true);
typeOf(scope(async ({ spawn }) => await spawn(operation(1)))).is<Future<number, never>>(true);
typeOf(scope(async () => "late", { deadline: { seconds: 1 } })).is<Future<string, Elapsed>>(true);
typeOf(scope(async () => "all", { concurrency: 3 })).is<Future<string, never>>(true);
typeOf(openScope().spawn(bare(1))).is<JoinHandle<number, Down | Full>>(true);
typeOf(new TaskTracker().spawn(bare(1))).is<JoinHandle<number, Down | Full>>(true);
typeOf(new TaskTracker().track(bare(1))).is<Future<number, Down | Full>>(true);
const set = new JoinSet<number>();
set.spawn(operation(1));
set.spawn(async () => 1);
set.spawn(function* ({ signal }) {
	return (yield* operation(1)) + Number(signal.aborted);
});
typeOf(set.joinNext()).is<Future<number | undefined, never>>(true);
typeOf(set.joinAll()).is<Future<number[], never>>(true);

// tests
typeOf(mockTask(operation(1)).poll()).is<ReturnType<ReturnType<typeof mockTask<Future<number, Down>>>["poll"]>>(true);
typeOf(paused(async ({ run }) => void (await run(operation(1))))).is<ReturnType<typeof paused>>(true);

// a signal that is a failure like any other
typeOf(timeout(1, native)).is<Future<string, Elapsed>>(true);
