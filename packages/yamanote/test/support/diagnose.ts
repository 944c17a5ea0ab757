/**
 * `YAMANOTE_DIAGNOSE=1 npx vitest run`: every test runs under all detectors, and fails if one fires. What a test plants on purpose is excepted
 * by name, with the reason. The limits are wide, since the tests themselves compute for long, and the machine may be busy.
 */
import { afterEach, expect } from "vitest";
import { type Diagnosis, diagnose, formatDiagnosis } from "yamanote/diagnostics";

/** Codes that a test file may cause, and why. */
const planted: { readonly [file: string]: { readonly codes: RegExp; readonly why: string } } = {
	"test/diagnostics/": { codes: /./, why: "its subject" },
	"test/dump/": { codes: /LONG_POLL|NEVER_YIELDS/, why: "it holds the loop" },
	"test/sync/broadcast": { codes: /LAGGED/, why: "its subject" },
	"test/sync/channel-model": { codes: /NEVER_POLLED/, why: "random programs make futures and never poll them" },
	"test/sync/models": { codes: /LAGGED|NEVER_POLLED/, why: "receivers that lag, futures that are made and left" },
	"test/sync/sync-mutex": { codes: /GUARD_ACROSS_WAIT/, why: "its subject" },
	"test/sync/garbage": { codes: /FORGOTTEN_GUARD|GUARD_ACROSS_WAIT/, why: "its subject" },
	"test/sync/holders": { codes: /FORGOTTEN_GUARD/, why: "its subject" },
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
			if (testPath.includes(file) && codes.test(code)) return false;
		return true;
	});
	if (wrong.length === 0) return;
	const text = wrong.map((d) => formatDiagnosis(d)).join("\n\n");
	throw new Error(`diagnosed in "${currentTestName}":\n${text}`);
});
