/** What tests plant on purpose, by its place: see `diagnose.ts`. */

/** What is told of a file. */
export interface Planted {
	/** A part of its path: it is in the stack of what is told, or is the test that runs. */
	readonly file: string;
	readonly codes: RegExp;
	/** What the line says at which it is; or the message, where no line is known. Without it, the whole file. */
	readonly line?: RegExp;
	readonly why: string;
}

/** Tried, and left to the collector: the test is over. */
const TRIED = /\.try(Lock|Write|Read|Acquire|AcquireMany|Reserve)\(|\.split\(|timeout\(1, mutex\.lock\(\)\)/;
const LEFT = /FORGOTTEN_GUARD|LONG_HOLD/;

export const planted: readonly Planted[] = [
	{ file: "test/diagnostics/", codes: /./, why: "its subject" },
	{ file: "test/core/bad-input", codes: /NEVER_POLLED/, why: "futures beside the bad argument" },
	{ file: "test/core/bad-input", codes: LEFT, line: /tryAcquire\(\)\./, why: "permits beside the bad argument" },
	{ file: "test/core/platform", codes: /NEVER_POLLED/, line: /of \[ready\(1\), sleep\(1\)/, why: "only looked at" },
	{ file: "test/core/ways-to-own", codes: /NEVER_POLLED/, line: /^\s*byRef\(/, why: "lent, and never polled" },
	{ file: "test/dump/dump.test", codes: /NEVER_POLLED/, line: /const own = yieldNow/, why: "it is only traced" },
	{ file: "test/future/dispose-unclaimed", codes: /NEVER_POLLED/, line: /made\(left\)/, why: "it is left" },
	{ file: "test/task-sets/coop", codes: LEFT, line: TRIED, why: "what a test has only tried" },
	{
		file: "test/time/",
		codes: /NEVER_POLLED/,
		line: /const nap = sleep|\.deadline/,
		why: "only its deadline is asked for",
	},
	{ file: "test/dump/", codes: /LONG_POLL|NEVER_YIELDS/, why: "it holds the loop" },
	{ file: "test/dump/", codes: LEFT, line: /^a MutexGuard that task/, why: "of a branch that is left" },
	{ file: "test/sync/", codes: LEFT, line: TRIED, why: "what a test has only tried" },
	{ file: "test/parity/", codes: LEFT, line: TRIED, why: "what a test has only tried" },
	{ file: "test/sync/rw-lock", codes: LEFT, line: /\.downgrade\(|lock\.read\(\)\)\.value/, why: "the same" },
	{ file: "test/sync/support", codes: LEFT, line: /\.poll\(/, why: "a guard that a poll by hand has given" },
	{ file: "test/sync/", codes: /NEVER_POLLED/, line: /mock(<.*>)?\(/, why: "random programs never poll some" },
	{ file: "test/sync/once-cell", codes: /NEVER_POLLED/, line: /const body = pollFn/, why: "the same" },
	{
		file: "test/sync/semaphore-model",
		codes: LEFT,
		line: /\.poll\(cx\)/,
		why: "permits that polls by hand have given",
	},
	{ file: "test/future/join", codes: /NEVER_POLLED/, line: /for \(const bad of/, why: "bad input" },
	{ file: "test/sync/broadcast", codes: /LAGGED/, why: "its subject" },
	{ file: "test/sync/channel-model", codes: /NEVER_POLLED/, why: "random programs never poll some" },
	{ file: "test/sync/models", codes: /LAGGED|NEVER_POLLED|FORGOTTEN/, why: "random programs leave futures and guards" },
	{ file: "test/sync/random-tasks", codes: /LAGGED/, why: "random programs lag" },
	{ file: "test/random/", codes: /NEVER_POLLED/, why: "random programs cancel what has not begun" },
	{ file: "test/random/stage-broadcast", codes: /LAGGED/, why: "random programs lag" },
	{
		file: "test/sync/polled-in-tasks",
		codes: /NEVER_POLLED|FORGOTTEN|LONG_HOLD/,
		why: "what a wait has given is left",
	},
	{ file: "test/sync/acting", codes: /FORGOTTEN/, why: "random programs leave futures and guards" },
	{ file: "test/sync/wakers-act", codes: /NEVER_POLLED|FORGOTTEN/, why: "the same" },
	{ file: "test/sync/sync-mutex", codes: /GUARD_ACROSS_WAIT/, why: "its subject" },
	{ file: "test/sync/sync-mutex", codes: LEFT, line: /^\s*mutex\.lock\(\);/, why: "it is locked, and never unlocked" },
	{ file: "test/sync/garbage", codes: /FORGOTTEN_GUARD|GUARD_ACROSS_WAIT/, why: "its subject" },
	{ file: "test/sync/holders", codes: /FORGOTTEN_GUARD/, why: "its subject" },
	{
		file: "test/testing/planted",
		codes: /NEVER_POLLED|FORGOTTEN_GUARD|LONG_HOLD|DEADLOCK/,
		why: "its bugs are planted, and show by the host's clock where the machine is busy",
	},
	{ file: "test/testing/explore", codes: /LONG_HOLD/, line: /has held a Mutex/, why: "the same, without stacks" },
	{
		file: "test/testing/planted-bugs-programs",
		codes: /LAGGED/,
		line: /attempt\(rx\.recv\(\)\)/,
		why: "one of its bugs is a reader that lags",
	},
	{ file: "test/threads/define-worker", codes: /NEVER_POLLED/, why: "a call that nobody waits for does nothing" },
	{
		file: "src/core/trace",
		codes: /LONG_POLL/,
		line: /String\(o\.stack\)/,
		why: "examples run with source maps, which Node reads at the first stack of a program",
	},
	{ file: "examples/blocking", codes: /LONG_POLL|NEVER_YIELDS/, why: "what it shows" },
	{ file: ".cache/doc-examples", codes: /GUARD_ACROSS_WAIT|FORGOTTEN_GUARD/, why: "the page about that pitfall" },
];
