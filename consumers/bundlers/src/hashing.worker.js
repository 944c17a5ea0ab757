import { sleep } from "yamanote";
import { defineWorker } from "yamanote/threads";

/** webpack sees the `new Worker(new URL(…))`; for esbuild and rolldown this file is an entry, and the URL is that of the built one. */
export const hashing = defineWorker(
	() => new Worker(new URL("./hashing.worker.js", import.meta.url), { type: "module" }),
	{
		fnv1a(text) {
			let hash = 0x811c9dc5;
			for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
			return hash >>> 0;
		},
		*later(text) {
			yield* sleep(1);
			return text;
		},
		async *letters(text) {
			yield* text;
		},
		where: () => typeof document,
	},
);
