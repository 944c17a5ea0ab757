/** Reads the code blocks of a page, with the heading that they stand under. */

export interface Block {
	readonly heading: string;
	readonly language: string;
	readonly code: string;
	readonly line: number;
}

export function blocksOf(markdown: string): Block[] {
	const blocks: Block[] = [];
	let heading = "";
	let open: { language: string; line: number; code: string[] } | undefined;
	for (const [index, line] of markdown.split("\n").entries()) {
		const fence = /^```(.*)$/.exec(line);
		if (fence !== null && open !== undefined) {
			blocks.push({ heading, language: open.language, code: `${open.code.join("\n")}\n`, line: open.line });
			open = undefined;
		} else if (fence !== null) open = { language: fence[1] ?? "", line: index + 1, code: [] };
		else if (open !== undefined) open.code.push(line);
		else heading = /^#+ (.+)$/.exec(line)?.[1] ?? heading;
	}
	return blocks;
}
