import { defineConfig } from "vitest/config";
import { entries, packageDir, root } from "./scripts/exports.mjs";

// Tests import "yamanote", "yamanote/sync", … by name. Here these names stand for the sources, so that nothing
// has to be built and a failure names the line as written; YAMANOTE_TEST=dist takes the built package through
// its real export map instead.
const fromDist = process.env["YAMANOTE_TEST"] === "dist";
const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const alias = fromDist
	? []
	: entries().map((entry) => ({ find: new RegExp(`^${literally(entry.name)}$`), replacement: entry.source }));

export default defineConfig({
	root,
	resolve: { alias },
	// Node 20 parses no `using`: it is down-levelled as it is in the published files.
	oxc: { target: "es2022" },
	test: {
		include: ["packages/*/test/**/*.test.ts", "examples/**/*.test.ts"],
		exclude: ["**/node_modules/**", "**/dist/**", "**/fixtures/**"],
		setupFiles: [`${packageDir}/test/support/setup.ts`],
		server: { deps: { external: [/packages\/[^/]+\/dist\//] } },
		coverage: {
			provider: "v8",
			include: ["packages/yamanote/src/**/*.ts"],
			reporter: ["text-summary", "html", "json-summary"],
			reportsDirectory: "coverage",
			thresholds: { lines: 95 },
		},
	},
});
