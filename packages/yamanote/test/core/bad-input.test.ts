// Rule 12: bad arguments are refused at the call, by a typed error whose message says what to give. One table for all that is exported.
import { describe, expect, it } from "vitest";
import * as face from "yamanote";
import {
	acquire,
	advance,
	asyncFn,
	attempt,
	byRef,
	cooperative,
	deadline,
	disposeUnclaimed,
	each,
	events,
	FuturesUnordered,
	fromCallback,
	fromPromise,
	gracefulShutdown,
	Instant,
	interval,
	intervalAt,
	JoinSet,
	join,
	joinSettled,
	lazy,
	main,
	mapConcurrent,
	NotIterableError,
	once,
	openScope,
	pending,
	pollFn,
	promiseFn,
	Runtime,
	race,
	ready,
	retry,
	run,
	scope,
	select,
	sendTimeout,
	shared,
	sleep,
	sleepUntil,
	spawn,
	TaskTracker,
	taskLocal,
	timeout,
	timeoutAt,
	tryJoin,
	unconstrained,
	withContext,
	withLimits,
	YieldError,
} from "yamanote";
import * as diagnostics from "yamanote/diagnostics";
import * as sync from "yamanote/sync";
import {
	Barrier,
	broadcast,
	CancellationToken,
	Mutex,
	mpmc,
	mpsc,
	OnceCell,
	oneshot,
	RwLock,
	Semaphore,
	SyncMutex,
	watch,
} from "yamanote/sync";
import * as testing from "yamanote/testing";
import * as threads from "yamanote/threads";
import { microtasks } from "../support/host.ts";
import { leaves } from "../support/leaks.ts";

const f = (): face.Future<number> => ready(1);
const never = function* (): face.Async<never> {
	return yield* pending();
};
const any = (value: unknown): never => value as never;

/** The kinds of bad values. */
/** Objects that do not let themselves be looked at. */
const shy = [
	Object.create({
		get constructor() {
			throw new Error("a getter");
		},
	}) as object,
	Object.create(null) as object,
];
const noFuture = [undefined, null, 5, Number.NaN, -1, "text", {}, [], true, 10n, Symbol("s"), ...shy];
const noFunction = [undefined, null, 5, "text", {}, [], true, ready(1)];
const noDuration = [undefined, null, "5", {}, [], true, 10n, () => 5];
const noTime = [Number.NaN, { years: 1 }, { seconds: Number.NaN }, { seconds: "5" }, { minutes: null }];
const noCount = [Number.NaN, -1, 0, 1.5, "1", null, 5n, Symbol("five"), {}];
const noInstant = [undefined, null, 5, "now", {}, new Date()];
const noOptions = [null, 5, "text", true, 10n];
const noSignal = [null, 5, "abort", {}, new EventTarget().dispatchEvent];

interface Row {
	/** What is called; the first word is the export. */
	readonly call: string;
	readonly with: (bad: never) => unknown;
	readonly bad: readonly unknown[];
	/** Default: a TypeError. Of a count, a RangeError for a number, and a TypeError for what is none. */
	readonly error?: "range" | "count" | "any";
	/** A part of the message: what to give. */
	readonly says: RegExp;
}

const isNoFuture = /is no future: give a future, a generator, a promise, or a function that makes one$/;
const isDuration = /^a duration is a number of milliseconds, or an object such as \{ seconds: 5 \}/;
const isNoTime = /^a duration cannot (be NaN$|have years)/;
const isGiveInstant = /give an Instant/;
const isFunction = /give a function/;

/** Rows for something that takes whatever can be waited for. */
const takesFuture = (call: string, take: (bad: never) => unknown): Row => ({
	call,
	with: take,
	bad: noFuture,
	says: isNoFuture,
});
const takesFunction = (call: string, take: (bad: never) => unknown, says = isFunction): Row => ({
	call,
	with: take,
	bad: noFunction,
	says,
});
const takesDuration = (call: string, take: (bad: never) => unknown): Row[] => [
	{ call, with: take, bad: noDuration, says: isDuration },
	{ call, with: take, bad: noTime, error: "range", says: isNoTime },
];
const takesInstant = (call: string, take: (bad: never) => unknown): Row => ({
	call,
	with: take,
	bad: noInstant,
	says: isGiveInstant,
});
const takesCount = (call: string, take: (bad: never) => unknown, bad: readonly unknown[] = noCount): Row => ({
	call,
	with: take,
	bad,
	error: "count",
	says: /must be .*(number|at least|from)/,
});
const takesName = (call: string, take: (bad: never) => unknown): Row => ({
	call,
	with: take,
	bad: [null, 5, {}],
	says: /^name: give a string, not /,
});
const takesOptions = (call: string, take: (bad: never) => unknown): Row => ({
	call,
	with: take,
	bad: noOptions,
	says: /^\w+: options must be an object, not /,
});
const refusesUndefined = (call: string, take: (bad: never) => unknown): Row => ({
	call,
	with: take,
	bad: [undefined],
	says: /undefined/,
});

const runtime = (): Runtime => new Runtime({ name: "bad input" });

const rows: readonly Row[] = [
	// options
	...(
		[
			["run", (v) => run(f(), v)],
			["spawn", (v) => spawn(f(), v)],
			["Runtime", (v) => new Runtime(v)],
			["Runtime.blockOn", (v) => runtime().blockOn(f(), v)],
			["Runtime.spawn", (v) => runtime().spawn(f(), v)],
			["Runtime.shutdown", (v) => runtime().shutdown(v)],
			["main", (v) => main(f(), v)],
			["join", (v) => join([f()], v)],
			["tryJoin", (v) => tryJoin([f()], v)],
			["joinSettled", (v) => joinSettled([f()], v)],
			["select", (v) => select({ a: f() }, v)],
			["fromPromise", (v) => fromPromise(Promise.resolve(1), v)],
			["events", (v) => events(new EventTarget(), "x", v)],
			["scope", (v) => scope(() => f(), v)],
			["openScope", (v) => openScope(v)],
			["gracefulShutdown", (v) => gracefulShutdown(() => f(), v)],
			["JoinSet", (v) => new JoinSet(v)],
			["JoinSet.spawn", (v) => new JoinSet<number>().spawn(f(), v)],
			["TaskTracker.spawn", (v) => new TaskTracker().spawn(f(), v)],
			["taskLocal", (v) => taskLocal(v)],
			["interval", (v) => interval(5, v)],
			["intervalAt", (v) => intervalAt(Instant.now(), 5, v)],
			["SyncMutex", (v) => new SyncMutex(0, v)],
			["trackHolders", (v) => sync.trackHolders(v)],
			["ThreadPool", (v) => new threads.ThreadPool(v)],
			["parallel", (v) => threads.parallel([1], v)],
			["with", (v) => threads.defineWorker("file:///x.mjs", { f: () => 1 }).f.with(v)],
			["paused", (v) => testing.paused(f(), v)],
			["explore", (v) => testing.explore(() => f(), v)],
			["diagnose", (v) => diagnostics.diagnose(v)],
			["dump", (v) => diagnostics.dump(v)],
			["installDump", (v) => diagnostics.installDump(v)],
			["trackTasks", (v) => diagnostics.trackTasks(v)],
		] as [string, (bad: never) => unknown][]
	).map(([call, take]) => takesOptions(call, take)),
	// futures and combinators
	...(
		[
			["attempt", (v) => attempt(v)],
			["byRef", (v) => byRef(v)],
			["cooperative", (v) => cooperative(v)],
			["unconstrained", (v) => unconstrained(v)],
			["deadline", (v) => deadline(5, v)],
			["timeout", (v) => timeout(5, v)],
			["timeoutAt", (v) => timeoutAt(Instant.now(), v)],
			["shared", (v) => shared(v)],
			["spawn", (v) => spawn(v)],
			["run", (v) => run(v)],
			["main", (v) => main(v)],
			["scope", (v) => scope(any(v)), isFunction],
			["withContext", (v) => withContext({ run: (_, g) => g() }, 1, v)],
			["withLimits", (v) => withLimits({}, v)],
			["disposeUnclaimed", (v) => disposeUnclaimed(v)],
			["join", (v) => join([v])],
			["join of a record", (v) => join({ a: v })],
			["tryJoin", (v) => tryJoin([v])],
			["joinSettled", (v) => joinSettled([v])],
			["race", (v) => race([v])],
			["FuturesUnordered.push", (v) => new FuturesUnordered().push(v)],
			["JoinSet.spawn", (v) => new JoinSet().spawn(v)],
			["TaskTracker.spawn", (v) => new TaskTracker().spawn(v)],
			["TaskTracker.track", (v) => new TaskTracker().track(v)],
			["TaskLocal.scope", (v) => taskLocal().scope(any(1), v)],
			["Runtime.blockOn", (v) => runtime().blockOn(v)],
			["Runtime.spawn", (v) => runtime().spawn(v)],
			["CancellationToken.runUntilCancelled", (v) => new CancellationToken().runUntilCancelled(v)],
			["OnceCell.getOrInit", (v) => new OnceCell<number>(any(undefined)).getOrInit(v)],
			["mockTask", (v) => testing.mockTask(v)],
			["paused", (v) => testing.paused(v)],
		] as [string, (bad: never) => unknown, RegExp?][]
	)
		// `undefined` and `null` disable a branch of a race.
		.map(([call, take, says = isNoFuture]) => ({
			...takesFuture(call, take),
			says,
			bad: call === "race" ? noFuture.slice(2) : noFuture,
		})),
	{ call: "select", with: (v) => select({ a: v }), bad: noFuture.slice(2), says: isNoFuture },
	{
		call: "join",
		with: (v) => join(v),
		bad: [undefined, null, 5, "ab", true],
		says: /^join: give one array or one record/,
	},
	{ call: "tryJoin", with: (v) => tryJoin(v), bad: [undefined, null, 5, "ab"], says: /give one array or one record/ },
	{ call: "joinSettled", with: (v) => joinSettled(v), bad: [undefined, 5], says: /give one array or one record/ },
	{ call: "select", with: (v) => select(v), bad: [undefined, 5, "ab"], says: /record/ },
	{ call: "race", with: (v) => race(v), bad: [undefined, 5, {}], says: /array/ },
	{ call: "FuturesUnordered", with: (v) => new FuturesUnordered(v), bad: [5, {}, true], says: /iterable/ },
	{ call: "attempt", with: (v) => attempt(f(), v), bad: [undefined, 5, "Error"], says: /give error classes/ },
	takesCount("join", (v) => join([f()], { concurrency: v })),
	takesCount("tryJoin", (v) => tryJoin([f()], { concurrency: v })),
	takesCount("mapConcurrent", (v) => mapConcurrent([1], v, f), [Number.NaN, -1, 0, 1.5, "1", undefined]),
	{
		call: "mapConcurrent",
		with: (v) => mapConcurrent(v, 1, f),
		bad: [undefined, null, 5, {}, { recv: 5 }],
		says: /neither a receiver nor iterable/,
	},
	takesFunction("mapConcurrent", (v) => mapConcurrent([1], 1, v)),
	{ call: "acquire", with: (v) => acquire(v), bad: [undefined, null, 5, {}], says: /has neither Symbol.asyncDispose/ },
	takesFunction("asyncFn", (v) => asyncFn(v), /give a generator function/),
	takesFunction("promiseFn", (v) => promiseFn(v), /give a generator function/),
	{
		call: "asyncFn",
		with: (v) => asyncFn(any(() => v))(),
		bad: [undefined, 5, {}, Promise.resolve()],
		says: /give a generator function \(`function\*`\)/,
	},
	takesFunction("lazy", (v) => lazy(v)),
	takesFunction("pollFn", (v) => pollFn(v)),
	takesFunction("fromCallback", (v) => fromCallback(v)),
	{
		call: "fromPromise",
		with: (v) => fromPromise(Promise.resolve(1), { catch: v }),
		bad: [null, 5, "text", {}],
		says: isFunction,
	},
	{
		call: "fromPromise",
		with: (v) => fromPromise(v),
		bad: [undefined, null, 5, {}],
		says: /give a promise or a function that starts one/,
	},
	takesFunction("each", (v) => each([1], v)),
	{
		call: "each",
		with: (v) => each(v, f as never),
		bad: [undefined, null, 5, {}, { recv: 5 }],
		says: /neither a receiver nor iterable/,
	},
	{ call: "each", with: (v) => each([1], f as never, v), bad: [null, 5, "text"], says: /options must be an object/ },
	takesCount("each", (v) => each([1], f as never, { concurrency: v }), [Number.NaN, -1, 0, 1.5, "1", null]),
	...[events as (target: EventTarget, name: string) => unknown, once].flatMap((listen): Row[] => [
		{
			call: listen.name,
			with: (v) => listen(v, "x"),
			bad: [undefined, null, 5, {}, "text"],
			says: /neither an EventTarget nor an EventEmitter/,
		},
		{
			call: listen.name,
			with: (v) => listen(new EventTarget(), v),
			bad: [undefined, null, 5, Symbol("s")],
			says: /the name of an event is a string/,
		},
	]),
	{
		call: "events",
		with: (v) => events(new EventTarget(), "x", { capacity: v }),
		bad: [0, -1, Number.NaN, null, "5", true],
		error: "range",
		says: /capacity must be at least 1/,
	},
	{
		call: "events",
		with: (v) => events(new EventTarget(), "x", { overflow: v }),
		bad: ["drop", null, 5],
		says: /overflow is "error", "drop-oldest" or "drop-newest"/,
	},
	{
		call: "retry",
		with: (v) => retry(v, f),
		bad: [{ times: 0 }, { times: Number.NaN }, { times: "3" }, {}],
		error: "range",
		says: /^retry: times must be a whole number of at least 1, or Infinity, not (0|NaN|"3"|undefined)$/,
	},
	takesFunction("retry", (v) => retry({ times: 1 }, v)),
	{
		call: "withContext",
		with: (v) => withContext(v, 1, f()),
		bad: [undefined, null, 5, {}],
		says: /give an AsyncLocalStorage/,
	},
	{
		call: "withLimits",
		with: (v) => withLimits(v, f()),
		bad: [undefined, null, 5],
		says: /give \{ cleanupGrace, cleanupTimeout \} first/,
	},
	{
		call: "disposeUnclaimed",
		with: (v) => disposeUnclaimed(f(), v),
		bad: [null, 5, {}],
		says: /give a function that disposes of the value/,
	},
	// tasks and runtimes
	{ call: "spawn", with: (v) => spawn(f(), { signal: v }), bad: noSignal, says: /give an AbortSignal/ },
	{ call: "run", with: (v) => run(f(), { signal: v }), bad: noSignal, says: /give an AbortSignal/ },
	{
		call: "spawn",
		with: (v) => spawn(f(), { runtime: v }),
		bad: [null, 5, "default", {}],
		says: /runtime must be a Runtime or a Handle/,
	},
	...(
		[
			["Runtime", (v) => new Runtime({ name: v })],
			["Runtime.spawn", (v) => runtime().spawn(f(), { name: v })],
			["Runtime.blockOn", (v) => runtime().blockOn(f(), { name: v })],
			["run", (v) => run(f(), { name: v })],
			["spawn", (v) => spawn(f(), { name: v })],
			["openScope", (v) => openScope({ name: v })],
			["SyncMutex", (v) => new SyncMutex(0, { name: v })],
		] satisfies [string, (bad: never) => unknown][]
	).map(
		([call, take]): Row => ({
			call,
			with: take,
			bad: [null, 5, {}, Symbol("name")],
			says: /^name: give a string, not /,
		}),
	),
	takesFunction("Runtime.enter", (v) => runtime().enter(v)),
	{ call: "Runtime", with: (v) => new Runtime({ onUnhandled: v }), bad: [5, "log", {}], says: /must be a function/ },
	takesCount("Runtime", (v) => new Runtime({ maxBlockingThreads: v }), [0, -1, 1.5, Number.NaN, "1"]),
	...(["hostYield", "cleanupGrace", "cleanupTimeout"] as const).flatMap((name) =>
		takesDuration("Runtime", (v) =>
			v === undefined ? new Runtime({ [name]: {} as never }) : new Runtime({ [name]: v }),
		),
	),
	...takesDuration("Runtime.shutdown", (v) => runtime().shutdown({ timeout: v ?? any({}) })),
	...takesDuration("main", (v) => main(never as never, { timeout: v ?? any({}) })),
	...takesDuration("gracefulShutdown", (v) => gracefulShutdown(never, { grace: v ?? any({}) })),
	takesFunction("gracefulShutdown", (v) => gracefulShutdown(v)),
	{
		call: "gracefulShutdown",
		with: (v) => gracefulShutdown(never, { signals: v }),
		bad: [null, 5, "SIGINT"],
		says: /an array/,
	},
	takesCount("scope", (v) => scope(never as never, { concurrency: v }), [0, -1, 1.5, Number.NaN]),
	takesCount("openScope", (v) => openScope({ concurrency: v }), [0, -1, 1.5, Number.NaN]),
	takesFunction("TaskLocal.with", (v) => taskLocal().with(v)),
	takesFunction("TaskLocal.syncScope", (v) => taskLocal().syncScope(any(1), v)),
	takesFunction("TaskLocal.run", (v) => taskLocal().run(any(1), v)),
	takesName("taskLocal", (v) => taskLocal({ name: v })),
	{ call: "taskLocal", with: (v) => taskLocal({ storage: v }), bad: [5, {}, () => 1], says: /AsyncLocalStorage/ },
	// time
	...takesDuration("sleep", (v) => sleep(v)),
	...takesDuration("timeout", (v) => timeout(v, f())),
	...takesDuration("deadline", (v) => deadline(v, f())),
	...takesDuration("advance", (v) => advance(v)),
	...takesDuration("interval", (v) => interval(v)),
	...takesDuration("sendTimeout", (v) => sendTimeout(mpsc.channel<number>(1)[0], 1, v)),
	...takesDuration("Instant.plus", (v) => Instant.now().plus(v)),
	...takesDuration("Instant.minus", (v) => Instant.now().minus(v)),
	...takesDuration("Interval.resetAfter", (v) => interval(5).resetAfter(v)),
	{ call: "interval", with: (v) => interval(v), bad: [0, -1], error: "range", says: /longer than 0/ },
	takesInstant("sleepUntil", (v) => sleepUntil(v)),
	takesInstant("timeoutAt", (v) => timeoutAt(v, f())),
	takesInstant("intervalAt", (v) => intervalAt(v, 5)),
	takesInstant("Instant.since", (v) => Instant.now().since(v)),
	takesInstant("Instant.compare", (v) => Instant.now().compare(v)),
	takesInstant("Interval.resetAt", (v) => interval(5).resetAt(v)),
	takesInstant("assertElapsed", (v) => testing.assertElapsed(v, 5)),
	...takesDuration("assertElapsed", (v) => testing.assertElapsed(Instant.now(), v)),
	// sync
	takesCount("Barrier", (v) => new Barrier(v), [-1, Number.NaN, 1.5, "1", undefined]),
	takesCount("Semaphore", (v) => new Semaphore(v), [-1, Number.NaN, 1.5, "1", undefined]),
	...(["acquireMany", "tryAcquireMany", "addPermits", "forgetPermits"] as const).map((name) =>
		takesCount(`Semaphore.${name}`, (v) => new Semaphore(2)[name](v), [-1, Number.NaN, 1.5, "1", undefined]),
	),
	takesCount("Semaphore.withPermits", (v) => new Semaphore(2).withPermits(v, never), [-1, Number.NaN, 1.5]),
	takesCount("SemaphorePermit.split", (v) => new Semaphore(2).tryAcquire().split(v), [-1, Number.NaN, 1.5]),
	{
		call: "SemaphorePermit.merge",
		with: (v) => new Semaphore(2).tryAcquire().merge(v),
		bad: [undefined, null, 5, {}],
		says: /give a permit/,
	},
	takesCount("RwLock", (v) => RwLock.withMaxReaders(1, v), [0, -1, Number.NaN, 1.5, "1"]),
	takesCount("mpsc.channel", (v) => mpsc.channel(v), [-1, Number.NaN, 1.5, "1", undefined]),
	takesCount("mpmc.channel", (v) => mpmc.channel(v), [-1, Number.NaN, 1.5, "1", undefined]),
	takesCount("broadcast.channel", (v) => broadcast.channel(v), [0, -1, Number.NaN, 1.5, "1", undefined]),
	takesCount("mpsc.reserveMany", (v) => mpsc.channel(1)[0].reserveMany(v), [-1, Number.NaN, 1.5]),
	takesCount("mpsc.tryReserveMany", (v) => mpsc.channel(1)[0].tryReserveMany(v), [-1, Number.NaN, 1.5]),
	takesCount("mpsc.recvMany", (v) => mpsc.channel(1)[1].recvMany([], v), [-1, Number.NaN, 1.5, undefined]),
	{
		call: "mpsc.recvMany",
		with: (v) => mpsc.channel(1)[1].recvMany(v, 1),
		bad: [undefined, null, 5, {}],
		says: /give an array/,
	},
	takesFunction("Mutex.withLock", (v) => new Mutex(1).withLock(v)),
	takesFunction("RwLock.withRead", (v) => new RwLock(1).withRead(v)),
	takesFunction("RwLock.withWrite", (v) => new RwLock(1).withWrite(v)),
	takesFunction("Semaphore.withPermit", (v) => new Semaphore(1).withPermit(v)),
	takesFunction("SyncMutex.withLock", (v) => new SyncMutex(1).withLock(v)),
	takesFunction("watch.sendModify", (v) => watch.channel(1)[0].sendModify(v)),
	takesFunction("watch.sendIfModified", (v) => watch.channel(1)[0].sendIfModified(v)),
	takesFunction("watch.waitFor", (v) => watch.channel(1)[1].waitFor(v)),
	refusesUndefined("mpsc.send", (v) => mpsc.channel(1)[0].send(v)),
	refusesUndefined("mpsc.trySend", (v) => mpsc.channel(1)[0].trySend(v)),
	refusesUndefined("mpsc.unboundedChannel send", (v) => mpsc.unboundedChannel()[0].send(v)),
	refusesUndefined("mpmc.send", (v) => mpmc.channel(1)[0].send(v)),
	refusesUndefined("broadcast.send", (v) => broadcast.channel(1)[0].send(v)),
	refusesUndefined("oneshot.send", (v) => oneshot.channel()[0].send(v)),
	refusesUndefined("watch.channel", (v) => watch.channel(v)),
	refusesUndefined("watch.send", (v) => watch.channel<number>(1)[0].send(v)),
	refusesUndefined("OnceCell.set", (v) => new OnceCell<number>().set(v)),
	{
		call: "CancellationToken.fromSignal",
		with: (v) => CancellationToken.fromSignal(v),
		bad: [undefined, null, 5, {}],
		says: /AbortSignal/,
	},
	// testing, threads, diagnostics
	takesFunction("assertFails", (v) => testing.assertFails(v)),
	...takesDuration("mockStream wait", (v) => testing.mockStream().wait(v)),
	refusesUndefined("mockStream next", (v) => testing.mockStream().next(v)),
	...takesDuration("mockIo wait", (v) => testing.mockIo().wait(v)),
	takesCount("mockIo read", (v) =>
		testing
			.mockIo()
			.build()
			.read(v ?? any({})),
	),
	{
		call: "mockIo name",
		with: (v) => testing.mockIo().name(v),
		bad: [null, 5, {}, Symbol("name")],
		says: /name/,
	},
	...[
		(v: never) => testing.mockIo().read(v),
		(v: never) => testing.mockIo().write(v),
		(v: never) => testing.mockIo().build().write(v),
	].map((take, i) => ({
		call: `mockIo bytes ${i}`,
		with: take,
		bad: [undefined, null, 5, {}, [1, 2], new ArrayBuffer(2)],
		says: /give a Uint8Array or a string/,
	})),
	takesFunction("MockTask.enter", (v) => testing.mockTask(never).enter(v)),
	{
		call: "defineWorker",
		with: (v) => threads.defineWorker(v, { f: () => 1 }),
		bad: [undefined, null, 5, {}],
		says: /import\.meta\.url|URL|url/,
	},
	{
		call: "defineWorker",
		with: (v) => threads.defineWorker("file:///x.mjs", v),
		bad: [undefined, null, 5],
		says: /functions/,
	},
	{
		call: "defineWorker",
		with: (v) => threads.defineWorker("file:///x.mjs", { f: v }),
		bad: [undefined, null, 5, "f", {}],
		says: /function/,
	},
	{
		call: "spawnBlocking",
		with: (v) => threads.spawnBlocking(v),
		bad: [undefined, null, 5, () => 1],
		says: /defineWorker/,
	},
	{
		call: "sendable",
		with: (v) => threads.sendable(v, class {} as never),
		bad: [undefined, null, 5, {}],
		says: /give a name/,
	},
	{ call: "sendable", with: (v) => threads.sendable("bad-input", v), bad: [undefined, null, 5, {}], says: /class/ },
	{
		call: "checkSend",
		with: (v) => threads.checkSend(any(v)),
		bad: [() => 1, Symbol("s"), ready(1)],
		error: "any",
		says: /./,
	},
	{
		call: "transfer",
		with: (v) => threads.transfer(v),
		bad: [undefined, null, 5, {}, "text"],
		error: "any",
		says: /transfer/,
	},
	{
		call: "defineWorker",
		with: (v) => threads.defineWorker("file:///x.mjs", { f: () => 1 }, { pool: v }),
		bad: [null, 5, {}],
		says: /^pool must be a ThreadPool, not /,
	},
	takesName("ThreadPool", (v) => new threads.ThreadPool({ name: v })),
	takesCount("ThreadPool", (v) => new threads.ThreadPool({ maxBlockingThreads: v }), [0, -1, 1.5, Number.NaN]),
	takesCount("ThreadPool", (v) => new threads.ThreadPool({ callsPerThread: v }), [0, -1, 1.5, Number.NaN]),
	takesCount("ThreadPool", (v) => new threads.ThreadPool({ maxQueue: v }), [-1, 1.5, Number.NaN]),
	{
		call: "ThreadPool",
		with: (v) => new threads.ThreadPool({ whenFull: v }),
		bad: ["drop", 5],
		says: /"wait" or "fail"/,
	},
	{ call: "diagnose", with: (v) => diagnostics.diagnose({ onDiagnosis: v }), bad: [null, 5, {}], says: isFunction },
	...(["repeatMs", "maxPerMinute"] as const).map(
		(limit): Row => ({
			call: "diagnose",
			with: (v) => diagnostics.diagnose({ [limit]: v }),
			bad: [0, -1, Number.NaN],
			error: "range",
			says: new RegExp(`${limit} must be above 0`),
		}),
	),
	{
		call: "explore",
		with: (v) => testing.explore(() => f(), { cancel: v }),
		bad: [null, 5, "text"],
		says: /explore: cancel must be true, false or "leaks"/,
	},
	{
		call: "diagnose",
		with: (v) => diagnostics.diagnose({ longPoll: { thresholdMs: v } }),
		bad: [0, -1, Number.NaN],
		error: "range",
		says: /thresholdMs must be above 0/,
	},
	{
		call: "holdersOf",
		with: (v) => sync.holdersOf(v as object),
		bad: [undefined, null, 5, "mutex"],
		says: /^holdersOf: give a lock or an end of a channel, not /,
	},
	{
		call: "named",
		with: (v) => diagnostics.named(v as object, "accounts"),
		bad: [undefined, null, 5, "mutex"],
		says: /give a lock, a channel or a token/,
	},
	{
		call: "named",
		with: (v) => diagnostics.named(new Mutex(0), v as string),
		bad: [undefined, null, 5, ""],
		says: /the name must be a string/,
	},
];

const text = (value: unknown): string =>
	typeof value === "function" ? "a function" : typeof value === "object" ? JSON.stringify(value) : String(value);

function kindOf(error: Row["error"], bad: unknown): new (message: string) => Error {
	if (error === "any" || (error === "count" && typeof bad !== "number")) return Error;
	return error === undefined ? TypeError : RangeError;
}

/** What the call throws; `undefined` if it does not. */
function thrownBy(call: () => unknown): unknown {
	try {
		call();
		return undefined;
	} catch (error) {
		return error;
	}
}

describe("rule 12: bad arguments throw at the call, and the message says what to give", () => {
	for (const { call, with: take, bad, error, says } of rows) {
		it(`${call} refuses ${bad.map(text).join(", ")}`, () => {
			for (const value of bad) {
				const thrown = thrownBy(() => take(value as never));
				expect(thrown, `${call} with ${text(value)}`).toBeInstanceOf(kindOf(error, value));
				expect((thrown as Error).message, `${call} with ${text(value)}`).toMatch(says);
				// What the engine says of a null that we have not looked at is no advice.
				expect((thrown as Error).message).not.toMatch(/Cannot (read|convert)|is not a function$|\(reading/);
			}
		});
	}

	it("everything that takes arguments stands in the table", () => {
		const nothingToRefuse: Record<string, string> = {
			consumeBudget: "no argument",
			currentDeadline: "no argument",
			currentTask: "no argument",
			hasBudgetRemaining: "no argument",
			pause: "no argument",
			pending: "no argument",
			resume: "no argument",
			yieldNow: "no argument",
			fail: "anything can be thrown",
			ready: "any value",
			Mutex: "any value",
			SyncMutex: "any value",
			Notify: "no argument",
			CancellationToken: "no argument",
			DropGuard: "made by a token",
			TaskLocal: "made by taskLocal",
			Handle: "made by a runtime",
			Sleep: "made by sleep",
			Interval: "made by interval",
			Instant: "made by now",
			Events: "made by events",
			Future: "abstract",
			assertPending: "any value",
			assertReady: "any value",
			assertReadyEq: "any value",
			abortSignal: "no argument",
			isAborted: "no argument",
			sendClone: "as checkSend",
			parallel: "its own tests",
			Dump: "made by dump",
			diagnose: "its own tests",
			formatDiagnosis: "made by diagnose",
		};
		const isError = (value: unknown): boolean =>
			typeof value === "function" && (value.prototype as unknown) instanceof Error;
		const made = /(Guard|Permit|ReadGuard|WriteGuard)$/;
		const names = [face, sync, testing, threads, diagnostics].flatMap((module) =>
			Object.entries(module)
				.filter(([name, value]) => typeof value === "function" && !isError(value) && !made.test(name))
				.map(([name]) => name),
		);
		const covered = new Set(rows.map(({ call }) => /^\w+/.exec(call)?.[0]));
		const missing = names.filter((name) => !covered.has(name) && !(name in nothingToRefuse));
		expect(missing, "give it a row in the table, or say why it has nothing to refuse").toEqual([]);
	});
});

describe("rules 1 and 12: a future in the wrong place", () => {
	const caught = async (body: () => unknown): Promise<{ name: string; message: string }> => {
		try {
			await body();
		} catch (error) {
			expect(error).toBeInstanceOf(Error);
			return error as Error;
		}
		return expect.unreachable("it was taken");
	};

	it("one that is consumed says: call its function again, or share it", async () => {
		const consumed = lazy(() => 1);
		await run(consumed);
		const takers: ((future: face.Future<number>) => unknown)[] = [
			(x) => run(x),
			(x) => run(join([x])),
			(x) => run(timeout(5, x)),
			(x) => run(select({ x })),
			(x) => spawn(x).then((v) => v),
			(x) => x.then((v) => v),
			(x) =>
				run(function* () {
					return yield* x;
				}),
		];
		for (const take of takers) {
			const { name, message } = await caught(() => take(consumed));
			expect([name, message]).toEqual([
				"FutureConsumedError",
				"this future has already completed or was dropped: call its function again, or share it with shared(f)",
			]);
		}
	});

	it("one that is pending elsewhere says: lend it, or share it", async () => {
		const future = pollFn<number>(() => face.Pending);
		const owner = spawn(function* () {
			yield* future;
		});
		await microtasks();
		for (const take of [() => run(future), () => run(race([future])), () => future.then((v) => v)]) {
			const { name, message } = await caught(take);
			expect([name, message]).toEqual([
				"FutureInUseError",
				"this future is pending in another task or branch: lend it with byRef(f), or share it with shared(f)",
			]);
		}
		owner.abort();
		await owner.catch(() => {});
	});

	it("one that is spread, or given where a list is wanted, says: wait for it", async () => {
		const lists: (() => unknown)[] = [
			() => [...(ready(1) as never as Iterable<number>)],
			() => Array.from(ready(1) as never),
			() => {
				const [x] = ready(1) as never as number[];
				return x;
			},
			() => {
				for (const x of ready(1) as never as number[]) return x;
				return 0;
			},
			() => new Set(asyncFn(function* () {})() as never),
			() => [...(spawn(ready(1)) as never as Iterable<number>)],
			() => Promise.all(ready(1) as never),
		];
		for (const make of lists) {
			const { name, message } = await caught(make);
			expect(name).toBe("NotIterableError");
			expect(message).toBe(
				"a future is no list: wait for it with `yield*` in a task, or with `await` in an async function",
			);
		}
	});

	it("one that is iterated inside a task by something else than yield* says the same, and the task can go on", async () => {
		const value = await run(function* () {
			const door = pollFn<number>(() => face.Pending);
			expect(() => [...(door as never as Iterable<number>)]).toThrow(NotIterableError);
			return yield* ready("goes on");
		});
		expect(value).toBe("goes on");
	});

	it("a poll outside a runtime: next() throws, poll(cx) by hand works", () => {
		expect(() => (ready(1) as never as Iterator<unknown>).next()).toThrow(NotIterableError);
		expect(ready(1).poll({ waker: { wake() {} } })).toBe(1);
	});

	it("a generator that yields what is no future is told so, at that yield", async () => {
		for (const value of [5, undefined, ready(1), Promise.resolve(1), [ready(1)]]) {
			let at: unknown;
			const task = spawn(function* () {
				try {
					yield value as never;
				} catch (error) {
					at = error;
					throw error;
				}
			} as never);
			const { name, message } = await caught(() => task);
			expect(at).toBeInstanceOf(YieldError);
			expect(name).toBe("YieldError");
			expect(message).toMatch(/^this generator has a plain `yield` of .*: write `yield\*` to wait for a future$/);
		}
	});

	it("a body that gives no future says what a body is", async () => {
		for (const value of [5, {}, [], "text"]) {
			const { name, message } = await caught(() => spawn(any(() => value)));
			expect(name).toBe("TypeError");
			expect(message).toMatch(/a task body is a generator function, or a function that returns a promise or a future$/);
		}
	});

	it("a closed runtime says so", async () => {
		leaves("nothing, but a runtime that is shut down");
		const closed = runtime();
		await closed.shutdown();
		expect(() => closed.spawn(ready(1))).toThrow('the runtime "bad input" was shut down: it takes no tasks any more');
		expect(() => spawn(ready(1), { runtime: closed })).toThrow(face.RuntimeClosedError);
		expect(() => closed.blockOn(ready(1))).toThrow(face.RuntimeClosedError);
	});
});
