/**
 * `YAMANOTE_DIAGNOSE=1 npx vitest run`: every test runs under all detectors, and fails if one fires. What a test plants on purpose is excepted
 * by name, with the reason. The limits are wide, since the tests themselves compute for long, and the machine may be busy.
 */
import { afterEach, expect } from "vitest";
import { type Diagnosis, diagnose, formatDiagnosis } from "yamanote/diagnostics";

/** Codes that a test file may cause, and why. What is collected may be told in another test, or another file. */
const planted: { readonly [file: string]: { readonly codes: RegExp; readonly why: string } } = {
	"test/diagnostics/": { codes: /./, why: "its subject" },
	"test/core/bad-input": { codes: /NEVER_POLLED/, why: "futures beside the bad argument, which are not polled then" },
	"test/dump/": { codes: /LONG_POLL|NEVER_YIELDS/, why: "it holds the loop" },
	"test/sync/broadcast": { codes: /LAGGED/, why: "its subject" },
	"test/sync/channel-model": { codes: /NEVER_POLLED/, why: "random programs make futures and never poll them" },
	"test/repo/doc-examples": { codes: /GUARD_ACROSS_WAIT|FORGOTTEN_GUARD/, why: "the page about that pitfall" },
	"test/sync/models": {
		codes: /LAGGED|NEVER_POLLED|FORGOTTEN/,
		why: "receivers that lag, futures and guards that are left",
	},
	"test/sync/mutex": { codes: /FORGOTTEN_GUARD/, why: "a guard that is looked at, and left" },
	"test/sync/rw-lock": { codes: /FORGOTTEN_GUARD/, why: "guards that random programs leave" },
	"test/sync/sync-mutex": { codes: /GUARD_ACROSS_WAIT/, why: "its subject" },
	"test/sync/garbage": { codes: /FORGOTTEN_GUARD|GUARD_ACROSS_WAIT/, why: "its subject" },
	"test/sync/holders": { codes: /FORGOTTEN_GUARD/, why: "its subject" },
	"test/testing/planted": { codes: /NEVER_POLLED|FORGOTTEN_GUARD/, why: "its bugs are planted" },
	"test/threads/define-worker": { codes: /NEVER_POLLED/, why: "a call that nobody waits for does nothing" },
};

const found: Diagnosis[] = [];

diagnose({
	onDiagnosis: (diagnosis) => void found.push(diagnosis),
	repeatMs: 1,
	maxPerMinute: 100_000,
	longPoll: { thresholdMs: 10_000, neverYieldsMs: 60_000, sample: false },
	starvedLoop: { thresholdMs: 10_000 },
	neverPolled: { perSecond: 5_000 },
});

afterEach(() => {
	const { testPath = "", currentTestName } = expect.getState();
	const told = found.splice(0);
	const wrong = told.filter(({ code, stack }) => {
		// `expect(() => take(future)).toThrow()`: who was to take the future has refused it.
		if (code === "YAMANOTE_NEVER_POLLED" && stack.some(({ file }) => /@vitest[\\/]expect/.test(file))) return false;
		for (const [file, { codes }] of Object.entries(planted))
			if (codes.test(code) && [testPath, ...stack.map((frame) => frame.file)].some((one) => one.includes(file)))
				return false;
		return true;
	});
	if (wrong.length === 0) return;
	const text = wrong.map((d) => formatDiagnosis(d)).join("\n\n");
	throw new Error(`diagnosed in "${currentTestName}":\n${text}`);
});
