/**
 * Loaded before the program (`node --import`), in each of its processes and threads: turns on every diagnostic and
 * writes what they say to a file, line by line and at once, so that a killed program has still told all of it.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { diagnose } from "yamanote/diagnostics";

const folder = process.env["YAMANOTE_DOCTOR"];
if (folder !== undefined) {
	const file = join(folder, `${process.pid}-${threadId}.ndjson`);
	const write = (line: object): void => {
		try {
			appendFileSync(file, `${JSON.stringify(line)}\n`);
		} catch {
			// The doctor has gone and its folder with it: the program goes on without being watched.
		}
	};
	write({ observed: true });
	// The doctor counts what is alike itself, so it wants to hear of all that is not told too often.
	diagnose({ onDiagnosis: write, repeatMs: 1_000, maxPerMinute: 600 });
}
