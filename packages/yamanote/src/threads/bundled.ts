/** Whether a worker module was bundled into the program: then a thread that loads it would run the whole program again. */
import { hostModule } from "../core/host.ts";
import { WorkerBundledError } from "./error.ts";
import { nodeThreads } from "./host-worker.ts";
import { threadState } from "./thread-state.ts";
import type { WorkerSource } from "./worker-function.ts";

const checked = new Set<string>();

/**
 * @internal Throws if this thread is just loading that module, which was told to run there: a thread that it starts would do the same, and so on.
 */
export function checkLoading(source: WorkerSource): void {
	if (threadState().loading === source) throw new WorkerBundledError(source as string);
}

/** @internal Throws if a thread cannot be started with that module. */
export function checkSource(source: WorkerSource): void {
	if (typeof source !== "string" || checked.has(source)) return;
	if (isProgram(source)) throw new WorkerBundledError(source);
	checked.add(source);
}

function isProgram(url: string): boolean {
	const g = globalThis as {
		process?: { argv?: readonly string[]; cwd?(): string };
		Deno?: { mainModule?: string };
		Bun?: { main?: string };
		document?: { scripts?: ArrayLike<{ readonly src?: string }> };
	};
	const bare = url.replace(/[?#].*$/, "");
	if (g.document?.scripts !== undefined)
		return Array.from(g.document.scripts).some(({ src }) => src?.replace(/[?#].*$/, "") === bare);
	// In a thread these name the module that it was started with.
	if (nodeThreads()?.isMainThread === false) return false;
	if (g.Deno?.mainModule === bare) return true;
	const entry = g.Bun?.main ?? g.process?.argv?.[1];
	return entry !== undefined && bare.startsWith("file:") && same(bare, entry);
}

interface Fs {
	realpathSync(path: string): string;
}
interface Url {
	fileURLToPath(url: string): string;
}
interface ModuleModule {
	createRequire(from: string): { resolve(path: string): string };
}

/** Follows links, and leaves out what `node program` leaves out of a file's name. */
function same(url: string, entry: string): boolean {
	const fs = hostModule("node:fs") as Fs | undefined;
	const { fileURLToPath } = (hostModule("node:url") ?? {}) as Partial<Url>;
	if (fs === undefined || fileURLToPath === undefined) return false;
	const real = (path: string): string => {
		try {
			return fs.realpathSync(path);
		} catch {
			return path;
		}
	};
	const path = real(fileURLToPath(url));
	if (path === real(entry)) return true;
	try {
		const { createRequire } = hostModule("node:module") as ModuleModule;
		return path === real(createRequire(path).resolve(entry));
	} catch {
		return false;
	}
}
