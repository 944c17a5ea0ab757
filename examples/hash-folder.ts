/**
 * Hashes all files of a folder on all cores, with a progress bar. The loop stays free: the bar moves, and Ctrl-C works.
 *
 * Run me: node examples/run.mjs hash-folder
 */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { SingleBar } from "cli-progress";
import { main } from "yamanote";
import { parallel } from "yamanote/threads";
import { hashing } from "./hash-folder.worker.ts";

const folder = process.argv[2] ?? ".";
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
	.filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
	.map((entry) => join(entry.parentPath, entry.name))
	.sort();

main(function* () {
	const bar = new SingleBar({ format: "{bar} {value} of {total} files, {eta} s to go", stream: process.stderr });
	bar.start(files.length, 0);
	try {
		const hashes = yield* parallel(files, { onProgress: ({ done }) => bar.update(done) }).map(hashing.sha256);
		bar.stop();
		for (const [i, hash] of hashes.entries()) console.log(`${hash}  ${relative(folder, files[i] as string)}`);
	} finally {
		bar.stop();
	}
});
