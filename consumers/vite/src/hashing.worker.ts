import { sleep } from "yamanote";
import { defineWorker } from "yamanote/threads";

/** Vite sees the `new Worker(new URL(…))`, and bundles this file a second time, as a worker. */
export const hashing = defineWorker(
	() => new Worker(new URL("./hashing.worker.ts", import.meta.url), { type: "module" }),
	{
		fnv1a(text: string): number {
			let hash = 0x811c9dc5;
			for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
			return hash >>> 0;
		},
		*later(text: string) {
			yield* sleep(1);
			return text;
		},
		async *letters(text: string) {
			yield* text;
		},
		where: () => typeof document,
	},
);
