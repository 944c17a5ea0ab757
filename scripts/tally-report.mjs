// Adds the counts of a vitest report to the tally: `tally-report.mjs <report.json> <exit status of vitest>`.
import { existsSync, readFileSync } from "node:fs";
import { tally } from "./on-demand.mjs";

const [file, status] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { numPassedTests: 0, numFailedTests: 0 };
// A run can fail with every test passed: too little coverage, or an error outside the tests.
const failed = status === "0" ? report.numFailedTests : Math.max(1, report.numFailedTests);
tally(report.numPassedTests, failed);
