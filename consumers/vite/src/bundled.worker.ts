import { defineWorker } from "yamanote/threads";

/** Not what a bundled page needs: `import.meta.url` is the bundle. */
export const bundled = defineWorker(import.meta.url, { f: () => 1 });
