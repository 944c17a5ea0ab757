/**
 * Where compiled code was written. The program runs as it is, without source maps, which would cost it time; the
 * doctor looks the few places up that it tells of.
 */
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export interface Spot {
	/** A path. */
	readonly file: string;
	/** From 1, as the column. */
	readonly line: number;
	readonly column: number;
}

/** The same spot in the source that the file was compiled from; the spot itself where no map says so. */
export function original(spot: Spot): Spot {
	try {
		const map = mapOf(spot.file);
		const entry = map?.findEntry(spot.line - 1, spot.column - 1);
		if (entry === undefined || !("originalSource" in entry)) return spot;
		const source = entry.originalSource;
		const file = source.startsWith("file:") ? fileURLToPath(source) : resolve(dirname(spot.file), source);
		return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
	} catch {
		// The file has gone, or what it names is no map.
		return spot;
	}
}

const LAST_LINE = /\/\/[#@] sourceMappingURL=(\S+)\s*$/;

function mapOf(file: string): SourceMap | undefined {
	const link = LAST_LINE.exec(readFileSync(file, "utf8"))?.[1];
	if (link === undefined) return undefined;
	const inline = /^data:application\/json[^,]*;base64,(.*)$/.exec(link)?.[1];
	const text = inline === undefined ? readFileSync(resolve(dirname(file), link)) : Buffer.from(inline, "base64");
	return new SourceMap(JSON.parse(text.toString("utf8")));
}
