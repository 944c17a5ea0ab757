/** Why a worker module could not be loaded, in words that help. */
import { WorkerLost } from "./error.ts";

/** @internal */
export function loadError(url: string, error: unknown): WorkerLost {
	const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
	const hint = hintOf(String(code ?? ""), String(message ?? ""), url);
	return new WorkerLost("load", `${url} could not be loaded in a thread: ${String(message ?? error)}${hint}`, error);
}

function hintOf(code: string, message: string, url: string): string {
	const typescript = /\.[cm]?tsx?(\?|$)/.test(url);
	if (code === "ERR_UNKNOWN_FILE_EXTENSION" && typescript)
		return " (Node runs TypeScript from 22.18 on; before, build the worker, or install tsx)";
	if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX" || /TypeScript .*not supported in strip-only mode/.test(message))
		return " (Node only strips types: enums, namespaces and parameter properties need a build, or tsx; the compiler's `erasableSyntaxOnly` finds them)";
	if (code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING")
		return " (Node strips no types below node_modules: publish the worker built)";
	if (/outside a module|Unexpected token 'export'/.test(message))
		return ' (it is read as CommonJS: name it .mjs or .mts, or say "type": "module" in its package.json)';
	return "";
}
