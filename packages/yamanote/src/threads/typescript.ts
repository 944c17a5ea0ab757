/**
 * Worker modules in TypeScript that nobody has built. Node strips their types from 22.18 on; where it cannot, and in a program that runs
 * under tsx (which does not reach threads by itself), tsx loads them. Bun and Deno run them as they are.
 */
import { hostModule, hostProcess } from "../core/host.ts";

interface ModuleModule {
	createRequire(from: string | URL): { (name: string): unknown; resolve(name: string): string };
}
interface UrlModule {
	pathToFileURL(path: string): URL;
}

/** @internal */
export const isTypeScript = (url: string): boolean => /^file:[^?#]*\.[cm]?tsx?([?#]|$)/.test(url);

const isTsx = (arg: string): boolean => /(^|[\\/=])tsx([\\/]|$)/.test(arg);

/** @internal What a thread runs in place of the module, so that tsx loads it; undefined if it needs none of that. */
export function loadedByTsx(url: string, execArgv: readonly string[] | undefined): string | undefined {
	if (!isTypeScript(url)) return undefined;
	const process = hostProcess();
	const { features, env } = (process ?? {}) as {
		features?: { typescript?: unknown };
		env?: Record<string, string | undefined>;
	};
	if (process?.versions?.["bun"] !== undefined || "Deno" in globalThis) return undefined;
	const args = [...(execArgv ?? process?.execArgv ?? []), ...(env?.["NODE_OPTIONS"] ?? "").split(/\s+/)];
	// Types are stripped here, and nobody has asked for more.
	if (features?.typescript && !args.some(isTsx)) return undefined;
	const api = tsxOf(url);
	if (api === undefined) return undefined;
	const [from, to] = [api, url].map((one) => JSON.stringify(one));
	return `import(${from}).then(({ register }) => { register(); return import(${to}); }).catch((error) => queueMicrotask(() => { throw error; }))`;
}

/** Where the tsx is that the module at `url` would import. */
function tsxOf(url: string): string | undefined {
	const { createRequire } = (hostModule("node:module") ?? {}) as Partial<ModuleModule>;
	const { pathToFileURL } = (hostModule("node:url") ?? {}) as Partial<UrlModule>;
	if (createRequire === undefined || pathToFileURL === undefined) return undefined;
	try {
		const require = createRequire(new URL(url));
		const manifest = "tsx/package.json";
		const { exports } = require(manifest) as { exports: Record<string, { import: string | { default: string } }> };
		const target = exports["./esm/api"]?.import;
		const path = typeof target === "object" ? target.default : target;
		return path === undefined ? undefined : new URL(path, pathToFileURL(require.resolve(manifest))).href;
	} catch {
		// It is not installed.
		return undefined;
	}
}
