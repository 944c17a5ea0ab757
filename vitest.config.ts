import { availableParallelism } from "node:os";
import { relative, resolve } from "node:path";
import { defineConfig, type Plugin } from "vitest/config";
import { notForNode } from "./scripts/bundle-tests.mjs";
import { entries, packageDir, root } from "./scripts/exports.mjs";

// Tests import "yamanote", "yamanote/sync", … by name. Here these names stand for the sources, so that nothing
// has to be built and a failure names the line as written; YAMANOTE_TEST=dist takes the built package through
// its real export map instead.
const fromDist = process.env["YAMANOTE_TEST"] === "dist";
const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const alias = fromDist
	? []
	: entries().map((entry) => ({ find: new RegExp(`^${literally(entry.name)}$`), replacement: entry.source }));

// White-box tests import files of src: with the built package these are its files, so that there is one copy of it.
const sourcesFromDist: Plugin = {
	name: "sources-from-dist",
	enforce: "pre",
	resolveId(id, importer) {
		if (!fromDist || importer === undefined || !/^\.\.?\/.*\.ts$/.test(id)) return undefined;
		const inside = relative(`${packageDir}/src`, resolve(importer, "..", id));
		return inside.startsWith("..") ? undefined : `${packageDir}/dist/${inside.replace(/\.ts$/, ".js")}`;
	},
};

// The core has no state of its own that a test leaves behind (each test is checked for that), so that its files need no process each.
const folders = "future sync task task-sets scope time interval internal parity random testing";
const together = [
	...folders.split(" ").map((folder) => `packages/yamanote/test/${folder}/**/*.test.ts`),
	// But for those that look at a process in which nothing has run.
	"packages/yamanote/test/core/!(context|deep|two-copies)*.test.ts",
];
// Nor do the rules have any; and to load ESLint and the parser takes longer than most of these files.
const lint = ["packages/eslint-plugin-yamanote/test/**/*.test.ts", "packages/doctor/test/**/*.test.ts"];
const all = ["packages/*/test/**/*.test.ts", "examples/**/*.test.ts", "bench/test/*.test.mjs"];
/** What `npm run test:engines` leaves out: `--exclude` does not reach projects. */
const leftOut = (process.env["YAMANOTE_TEST_EXCLUDE"] ?? "").split(",").filter((glob) => glob !== "");
const never = ["**/node_modules/**", "**/dist/**", "**/fixtures/**", ...notForNode(), ...leftOut];

export default defineConfig({
	root,
	plugins: [sourcesFromDist],
	resolve: { alias },
	// Node 20 parses no `using`: it is down-levelled as it is in the published files.
	oxc: { target: "es2022" },
	test: {
		projects: [
			{ extends: true, test: { name: "core", include: together, exclude: never, isolate: false } },
			{ extends: true, test: { name: "lint", include: lint, exclude: never, isolate: false } },
			{ extends: true, test: { name: "rest", include: all, exclude: [...never, ...together, ...lint] } },
		],
		// Generous, for a busy machine; no test waits for real time.
		testTimeout: 60_000,
		// One is too few for two processors.
		maxWorkers: Math.max(2, availableParallelism() - 1),
		hookTimeout: 60_000,
		// The tests of threads and processes depend on how the machine schedules them: on a shared one they may be tried again.
		retry: process.env["CI"] === undefined ? 0 : 2,
		setupFiles: [
			`${root}/scripts/watchdog.mjs`,
			`${packageDir}/test/support/setup.ts`,
			// Under all detectors: none may fire.
			...(process.env["YAMANOTE_DIAGNOSE"] === "1" ? [`${packageDir}/test/support/diagnose.ts`] : []),
		],
		server: { deps: { external: [/packages\/[^/]+\/dist\//] } },
		coverage: {
			// v8, and what runs in threads and processes of the tests: see the file.
			provider: "custom",
			customProviderModule: `${root}/scripts/coverage.mjs`,
			include: ["packages/yamanote/src/**/*.ts"],
			// What only a page loads runs in Chromium: the tests of the core do, by `npm run test:engines chromium`.
			exclude: ["packages/yamanote/src/core/browser/**", "packages/yamanote/src/core/message-turn.ts"],
			reporter: ["text-summary", "html", "json-summary"],
			reportsDirectory: "coverage",
			thresholds: { lines: 95 },
		},
	},
});
