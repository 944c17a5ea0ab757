/** Frames that the inspector gives, which are of the generated code: as stack traces have them. */
import { hostModule } from "../core/host.ts";
import { type DumpFrame, isOurs } from "./frames.ts";

interface SourceMap {
	/** Counted from 0. */
	findEntry(
		line: number,
		column: number,
	): {
		readonly originalSource?: string;
		readonly originalLine?: number;
		readonly originalColumn?: number;
	};
}

/** @internal The frames of the user's code, mapped to the source if the engine has its map (`--enable-source-maps`). */
export function userFrames(
	stack: readonly (readonly [name: string, url: string, line: number, column: number])[],
): DumpFrame[] {
	const frames: DumpFrame[] = [];
	for (const [name, url, line, column] of stack) {
		if (url === "" || url.startsWith("node:") || isOurs(url)) continue;
		frames.push(mapped({ name, file: url, line, column }, url));
	}
	return frames;
}

function mapped(frame: DumpFrame, url: string): DumpFrame {
	const module = hostModule("node:module") as { findSourceMap?(path: string): SourceMap | undefined } | undefined;
	try {
		const map = module?.findSourceMap?.(url) ?? module?.findSourceMap?.(frame.file);
		const entry = map?.findEntry(frame.line - 1, frame.column - 1);
		if (entry?.originalSource === undefined || entry.originalLine === undefined) return frame;
		const { originalSource, originalLine, originalColumn = 0 } = entry;
		return { name: frame.name, file: originalSource, line: originalLine + 1, column: originalColumn + 1 };
	} catch {
		return frame;
	}
}
