import { defineWorker } from "yamanote/threads";

/** An enum is code, so that leaving out the types is not enough. */
enum Color {
	Red,
	Green,
}

export const colors = defineWorker(import.meta.url, { green: (): number => Color.Green });
