// The rules of the semantics, sentence by sentence, and the test that answers each. What a rule promises and no test asks is not promised.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageDir } from "../../../../scripts/exports.mjs";

/** A sentence of a rule, in short; the file below `test/`, without its ending; a part of the title of a test in it. */
type Answer = readonly [sentence: string, file: string, title: string];

const rules: Readonly<Record<number, readonly Answer[]>> = {
	1: [
		["nothing runs before the first poll", "core/ownership", "rule 1: nothing runs before the first poll"],
		["a pending future has one owner", "core/ownership", "rule 1: a pending future has one owner"],
		["byRef lends it to a select in a loop", "future/by-ref", "losing neither cancels nor consumes it (rule 1)"],
		["a poll by another task or branch: FutureInUseError", "core/ownership", "refuses a poll by another branch"],
		["a finished one: FutureConsumedError", "core/ownership", "polling a finished future throws FutureConsumedError"],
		["next() outside a poll: NotIterableError", "core/ownership", "next() outside a poll throws NotIterableError"],
		["a JoinHandle any number of times", "core/ownership", "a JoinHandle can be awaited any number of times"],
		["messages say what to do", "core/bad-input", "rules 1 and 12: a future in the wrong place"],
	],
	2: [
		["poll returns, throws or stores the waker", "core/poll", "poll returns a value, throws, or returns Pending"],
		["wake() only enqueues", "core/poll", "rule 2: wake() only enqueues"],
		["spurious polls are legal", "core/poll", "rule 2: spurious polls are legal"],
		["a wake during a poll causes one more", "core/poll", "a wake during a poll causes exactly one more"],
	],
	3: [
		["only the driver calls next, return, throw", "core/cancellation", "rule 3: only the driver calls next"],
		["abort() sets a flag and wakes", "core/cancellation", "abort sets a flag and wakes"],
		["so do a signal and dispose", "core/cancellation", "so does dispose of a future"],
		["dispose of calls, branches and leaves", "core/dispose", "rule 3: dispose of a call"],
		["owners unwind losers inside their own poll", "core/cancellation", "an owner unwinds losers inside its own poll"],
		["one that cancels itself is unwound afterwards", "core/cancellation", "a task that cancels itself is unwound"],
		["before the first poll nothing runs", "core/cancellation", "rule 3: before the first poll"],
		["no native stack by logical depth", "core/deep", "rule 3: native stack use never grows"],
		["nor by combinators within combinators", "core/deep-combinators", "rule 3: combinators nested"],
		["frame by frame, innermost first", "core/cleanup", "rule 3: unwinding is frame by frame"],
		["async cleanup works", "core/cleanup", "rule 3: async cleanup works"],
		["not in plain generators below others", "core/cleanup", "rule 3: a plain generator delegated to"],
		["waits inside cleanup are not cancelled again", "core/cleanup", "a second abort is ignored"],
		["timeout works in cleanup", "time/timeout", "works in cleanup (rule 3)"],
		["an error of cleanup is kept, not thrown", "core/cleanup", "rule 3: an error thrown in cleanup is kept"],
		["whatever it returns, it ends cancelled", "core/cancellation", "rule 3: a task that outlives its cancel"],
		["who cancelled goes on after the cleanup", "core/cancellation", "rule 3: whoever cancelled goes on"],
		["a bare promise is not waited for", "core/cancellation", "a bare promise is not waited for"],
		["cleanupGrace and its report", "real-time/cleanup-limits", "rule 3: cleanupGrace"],
		["cleanupTimeout and its report", "real-time/cleanup-limits", "rule 3: cleanupTimeout"],
		["limits of one call", "real-time/cleanup-limits", "rule 3: limits of one call"],
		["late failures are reported", "real-time/cleanup-limits", "a late failure of what was abandoned is reported"],
		["isFinished and await come after cleanup", "core/cancellation", "isFinished and await of a handle come after"],
		["shutdown({ timeout }) bounds all of it", "real-time/cleanup-limits", "rule 3: shutdown({ timeout })"],
		["main ends with a shutdown", "core/main", "cancels the tasks that the program has left behind"],
		["so does scope.cancel()", "scope/scope", 's.cancel("enough")'],
		["an async function is signalled", "real-time/cleanup-limits", "it is signalled, then abandoned"],
		["at each suspension point", "core/cancel-everywhere", "rule 3: cancelled at each suspension point"],
	],
	4: [
		["every operation states its cancel safety", "repo/docstrings", "say what a cancel loses"],
		["what loses a select has taken nothing", "core/discard", "dropped without having taken anything"],
		["a result that nobody receives is released", "core/discard", "rule 4: a result that nobody receives"],
		["granted, then its combinator is dropped", "core/discard", "granted to a member, then its combinator is dropped"],
		["user values, with disposeUnclaimed", "future/dispose-unclaimed", "rule 4: disposeUnclaimed"],
		["granted, then its handle is dropped", "core/discard", "granted to a task"],
		["an owner with its winner polls nobody else", "core/discard", "rule 4: an owner that has its winner"],
		["permits", "sync/semaphore", "releases a permit whose handle is dropped"],
		["guards", "sync/mutex", "releases a guard that nobody receives"],
		["guards of readers and writers", "sync/rw-lock", "releases guards that nobody receives"],
		["messages", "sync/mpsc", "loses nothing to receives that lose a select"],
		["channel ends", "sync/mpsc", "releases an end that is the result of a task"],
		["reserved places", "sync/mpsc-reserve", "are released when nobody receives them"],
	],
	5: [
		["the run queue is FIFO", "core/scheduling", "rule 5: the run queue is FIFO"],
		["the queue does what a naive one does", "internal/run-queue", "polls whom the model polls"],
		["a wake schedules a drain in a microtask", "core/scheduling", "rule 5: a wake outside a drain"],
		["a drain is a generation, 16 polls at least", "core/scheduling", "rule 5: a drain runs a generation"],
		["after 2 ms by a host macrotask", "real-time/host-fairness", "rule 5: the host is served"],
		["sockets as well", "real-time/sockets", "rule 5: a socket is served"],
		["the clock is read every 64 polls", "real-time/host-fairness", "costs no clock and no turn of its own"],
		["native functions beside tasks", "real-time/host-fairness", "both make progress"],
		["every leaf spends the coop budget", "core/scheduling", "rule 5: the coop budget"],
		["timeout polls its timer all the same", "core/scheduling", "polls its timer although the budget is spent"],
		["locks are FIFO", "sync/mutex", "in the order in which it was asked for"],
	],
	6: [
		["select polls only what was woken", "future/select", "polls only what was woken (rule 6)"],
		["join polls only what was woken", "future/join", "(rule 6)"],
		["select starts at a random branch", "future/select", "starts at a random branch"],
		["unless biased", "future/select", "biased, polls the branches in their order"],
		["a branch that throws wins", "future/select", "is won by a branch that throws"],
		["join throws the failure that came first", "core/errors", "rule 6: join throws the failure that came first"],
	],
	7: [
		["unobserved failures are kept", "core/unobserved", "rule 7: a task that fails with no awaiter"],
		["observing removes it", "core/unobserved", "rule 7: observing it removes it"],
		["reported after 5 s", "core/lost-failures", "unobserved for 5 s"],
		["reported when its handle is collected", "core/lost-failures", "rule 7: a failure is reported when its handle"],
		["reported at detach()", "core/unobserved", "rule 7: it is reported at detach()"],
		["reported when the runtime ends", "core/unobserved", "is reported when the runtime ends"],
		["main's exit code depends on the set", "core/main", "that nobody observed, though the program succeeded"],
		["the policy is an option", "core/unobserved", "rule 7: the policy is an option"],
		["helper tasks never report", "core/unobserved", "rule 7: what is never reported"],
		["with its name and the error itself", "core/unobserved", "once, with its name and the error itself"],
		["with the place of its spawn, while that is tracked", "dump/dump", "says where a task was spawned in the report"],
		["not lost by a cancelled awaiter", "core/unobserved", "rule 7: it is not lost"],
		["nor by a cancelled async function", "core/told-once", "is as one that has dropped the handle"],
		["not reported beside being thrown", "core/told-once", "rule 7: what a combinator throws is not reported"],
	],
	8: [
		["a future in a combinator is owned", "core/ways-to-own", "rule 8: a future passed to a combinator"],
		["scope is a nursery", "core/ways-to-own", "rule 8: a scope is a nursery"],
		["spawn is independent", "core/ways-to-own", "rule 8: spawn is independent"],
		["a dropped handle detaches its task", "core/ways-to-own", "detaches the task, which runs on"],
		["a nursery of many", "core/dispose", "rule 8: a scope of many children"],
		["abortOnDrop() ties it", "core/ways-to-own", "with abortOnDrop()"],
		["what is held is a `using` resource", "core/ways-to-own", "rule 8: what is held are"],
		["never by the garbage collector", "sync/garbage", "rule 8: a channel whose sender was forgotten"],
		["acquire ties one to the call", "future/acquire", "acquire (rule 8)"],
	],
	9: [
		["bounded is the default and first", "core/backpressure", "has no default capacity"],
		["unbounded says so in its name", "core/backpressure", "what has no bound says so in its name"],
		["producers wait", "core/backpressure", "makes its producers wait"],
	],
	10: [
		["one clock for each runtime", "time/clock", "rule 10: each runtime has its own clock"],
		["pause, advance, resume", "time/clock", "rule 10: pause, advance, resume"],
		["deadlines are fixed at the call", "time/sleep", "fixes its deadline at the call"],
		["of timeouts, too", "time/timeout", "fixes its deadline at the call (rule 10)"],
		["timers round up", "time/sleep", "rounds up"],
		["the wheel does what a naive one does", "internal/wheel", "fires what the model fires"],
		["auto-advance when all wait", "time/clock", "rule 10: time advances by itself"],
		["not while host work is in flight", "time/clock", "host work holds the clock"],
		["ClockHeld names what holds it", "real-time/clock-held", "ClockHeld names it"],
		["durations of three kinds", "time/instant", "may be a Temporal.Duration"],
	],
	11: [
		["the store of the spawn at every poll", "core/context", "rule 11: a store as it was at spawn"],
		["nothing leaks between tasks", "core/context", "rule 11: nothing leaks between tasks"],
		["withContext re-enters at each poll", "core/context", "rule 11: withContext re-enters"],
		["the scope of plain async bodies, for them alone", "core/context", "rule 11: the ambient scope"],
		["an ended scope is never ambient", "core/context", "a scope that has ended is never ambient"],
		["without AsyncLocalStorage plain async has none", "real-time/plain-async", "nothing of it where there is none"],
		["`async (task)` is the portable form", "real-time/plain-async", "the portable form"],
		["look-up falls to the nearest live ancestor", "core/context", "falls to the nearest live ancestor"],
	],
	12: [
		["name and code are stable, the cause is kept", "core/errors", "rule 12: errors are classes"],
		["values that were given come back", "core/errors", "keeps the cause and what was given"],
		["a handle rethrows the task's own error", "core/errors", "rule 12: a handle rethrows"],
		["foreign code sees what it knows", "core/errors", "rule 12: cancellation and deadlines look"],
		["bad arguments throw at the call", "core/bad-input", "rule 12: bad arguments throw at the call"],
		["native try, catch, finally see every failure", "core/errors", "rule 12: native try, catch, finally"],
		["async stacks name every caller", "core/stacks", "rule 12: an async stack names every caller"],
		["stitched once, at most 50 frames", "core/stacks", "rule 12: stacks are stitched once"],
		["never on frozen or non-Error values", "core/stacks", "never on frozen errors"],
	],
	13: [
		["recv() of a closed channel gives undefined", "core/none", "rule 13: recv() on a closed"],
		["undefined is refused at send", "core/none", "rule 13: channels refuse undefined"],
		["and by type", "core/none", "by type"],
	],
	14: [
		["AbortSignal in, unlinked on completion", "core/platform", "rule 14: AbortSignal in"],
		["AbortSignal out, made on first use", "core/platform", "rule 14: AbortSignal out"],
		["AsyncIterable in", "core/platform", "rule 14: AsyncIterable and Web streams in"],
		["streams of the Web in and out", "future/each-web-streams", "gives its messages, and ends when its senders"],
		["streams of Node in and out", "future/each-node-streams", "gives its messages, with backpressure"],
		["AsyncIterable out", "core/platform", "rule 14: AsyncIterable out"],
		["futures are thenable; a promise adopts one", "core/platform", "rule 14: futures are thenable"],
	],
	15: [
		["it lives while a root waiter waits", "core/process-life", "rule 15: the process lives while"],
		["and the limits of cleanup are kept", "core/process-life", "waits for nothing, until its limit"],
		["otherwise nothing of ours keeps it", "core/process-life", "rule 15: without a root waiter"],
		["a deadlock is told, non-zero", "core/process-life", "rule 15: a deadlock is reported"],
		["handled once", "core/process-life", "once, though the loop is revived"],
		["a silent exit 0 never happens", "core/process-life", "rule 15: a silent exit 0"],
	],
};

const folder = join(packageDir, "test");
const text = (file: string): string => readFileSync(join(folder, `${file}.test.ts`), "utf8");

describe("the rules of the semantics", () => {
	it("are fifteen", () => {
		expect(Object.keys(rules)).toEqual(Array.from({ length: 15 }, (_, i) => `${i + 1}`));
	});

	for (const [rule, answers] of Object.entries(rules)) {
		it(`rule ${rule}: each sentence has its test`, () => {
			const gone = answers.filter(([, file, title]) => !text(file).includes(title));
			expect(gone.map(([sentence, file, title]) => `${sentence}: no "${title}" in ${file}`)).toEqual([]);
			// One of them at least names the rule.
			expect(answers.some(([, file]) => new RegExp(`rules? (\\d+ and )?${rule}\\b`).test(text(file)))).toBe(true);
		});
	}

	it("are named by files that stand in the table, each under its rule", () => {
		const named = readdirSync(folder, { recursive: true, encoding: "utf8" })
			.filter((name) => name.endsWith(".test.ts") && !name.startsWith("repo"))
			.map((name) => name.slice(0, -8).replaceAll("\\", "/"))
			.flatMap((file) => {
				const titles = text(file).matchAll(/\bdescribe\(\s*["'`]rules? (\d+)\b/g);
				return [...new Set([...titles].map(([, rule]) => Number(rule)))].map((rule) => ({ file, rule }));
			});
		const missing = named.filter(({ file, rule }) => !rules[rule]?.some(([, f]) => f === file));
		expect(missing).toEqual([]);
		expect(named.length).toBeGreaterThan(25);
	});
});
