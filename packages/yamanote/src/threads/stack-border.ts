/** The border between two threads in the stack of an error. */

const ours = /[\\/]threads[\\/](?:thread-run|thread-loop|parallel[\\/]chunk-work)\.[jt]s|\brun(?:Function|Chunk)\b/;

/** @internal Cuts the frames of the library off the stack that the thread had, and says where the call came from. */
export function markBorder(error: unknown, name: string, pool: string): void {
	if (!(error instanceof Error) || Object.isFrozen(error)) return;
	const { stack } = error;
	if (typeof stack !== "string") return;
	const lines = stack.split("\n");
	const end = lines.findIndex((line, i) => i > 0 && ours.test(line));
	if (end > 0) lines.length = end;
	lines.push(`    at async ${name} (called from another thread, on a thread of "${pool}")`);
	Object.defineProperty(error, "stack", { value: lines.join("\n"), writable: true, configurable: true });
}
