/** Which tests there are, by the titles in their sources. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const sources = new Map<string, string>();

function sourceOf(file: string): string {
	let source = sources.get(file);
	if (source === undefined) {
		const path = join(root, `${file}.test.ts`);
		source = existsSync(path) ? readFileSync(path, "utf8") : "";
		sources.set(file, source);
	}
	return source;
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether there is a test of that name: `folder/file: title`, the title as it stands in the source. */
export function testExists(name: string): boolean {
	const colon = name.indexOf(": ");
	const source = sourceOf(name.slice(0, colon));
	const title = name.slice(colon + 2);
	return [`"${title.replaceAll('"', '\\"')}"`, `'${title}'`, `\`${title}\``].some((quoted) =>
		new RegExp(`\\b(?:it|test)\\(\\s*${literally(quoted)}`).test(source),
	);
}
