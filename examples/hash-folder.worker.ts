/** What `hash-folder.ts` runs on threads. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defineWorker } from "yamanote/threads";

export const hashing = defineWorker(import.meta.url, {
	/** Reads and hashes: both block, and both may here. */
	sha256: (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex"),
});
