/** What fixes and suggestions write is a program again, of the same kind of module, and says no more what it said. */
import type { Linter } from "eslint";
import { describe, expect, it } from "vitest";
import { readCorpus } from "./support/corpus.ts";
import { verify } from "./support/lint.ts";

interface Edit {
	readonly range: readonly [number, number];
	readonly text: string;
}

function edited(code: string, { range, text }: Edit): string {
	return code.slice(0, range[0]) + text + code.slice(range[1]);
}

/** Each edit that a message offers. */
function editsOf(message: Linter.LintMessage): Edit[] {
	return [...(message.fix === undefined ? [] : [message.fix]), ...(message.suggestions ?? []).map(({ fix }) => fix)];
}

/** The code as the first message of the rule would have it, by its fix or by the suggestion of that name. */
function mended(code: string, filename: string, rule: string, by?: string): string | undefined {
	const message = verify(code, filename).find(({ ruleId }) => ruleId === `yamanote/${rule}`);
	const fix = by === undefined ? message?.fix : message?.suggestions?.find(({ messageId }) => messageId === by)?.fix;
	return fix === undefined ? undefined : edited(code, fix);
}

describe("fixes and suggestions", () => {
	it("leave a program that says less, for every snippet of the corpus", () => {
		const bad: string[] = [];
		let count = 0;
		for (const { file, line, as, code } of readCorpus().filter(({ rules }) => rules.length > 0)) {
			const before = verify(code, as);
			const often = (messages: Linter.LintMessage[], rule: string | null): number =>
				messages.filter(({ ruleId }) => ruleId === rule).length;
			for (const message of before) {
				for (const edit of editsOf(message)) {
					count++;
					const after = verify(edited(code, edit), as);
					const fatal = after.find(({ ruleId }) => ruleId === null);
					if (fatal !== undefined || often(after, message.ruleId) >= often(before, message.ruleId)) {
						bad.push(`${file}:${line} ${message.ruleId}: ${fatal?.message ?? "said again"}`);
					}
				}
			}
		}
		expect(bad).toEqual([]);
		expect(count).toBeGreaterThan(250);
	});

	const generator = `function* send(to) {
  yield* sleep(to.length);
  return to;
}
`;

	it("import by require in CommonJS: a name more in the pattern", () => {
		const head = `"use strict";\nconst { sleep } = require("yamanote");\n`;
		const code = `${head}${generator}exports.all = async (to) => await send(to);\n`;
		expect(mended(code, "src/mail.cjs", "no-await-bare-generator")).toBe(
			`"use strict";
const { sleep, asyncFn } = require("yamanote");
const send = asyncFn(function* (to) {
  yield* sleep(to.length);
  return to;
});
exports.all = async (to) => await send(to);
`,
		);
	});

	it("import by require in CommonJS: by the namespace, or a line of its own below the directives", () => {
		const all = `const y = require("yamanote");\nmodule.exports = function () { y.sleep(1); };\n`;
		expect(mended(all, "src/a.cjs", "no-unpolled-future", "run")).toBe(all.replace("y.sleep(1)", "y.run(y.sleep(1))"));
		const own = `"use strict";\nconst { sleep } = require("./yamanote.cjs");\nconst { Notify } = require("yamanote/sync");\nmodule.exports = () => { new Notify().notified(); };\n`;
		expect(mended(own, "src/a.cjs", "no-unpolled-future", "run")).toBe(
			own
				.replace("const { sleep }", `const { run } = require("yamanote");\nconst { sleep }`)
				.replace("new Notify().notified()", "run(new Notify().notified())"),
		);
		const blocks = `"use strict";\nconst fs = require("node:fs");\nexports.read = async (name) => fs.readFileSync(name);\n`;
		expect(mended(blocks, "src/a.cjs", "no-blocking-in-async", "twin")).toBe(
			`"use strict";\nconst { readFile } = require("node:fs/promises");\nconst fs = require("node:fs");\nexports.read = async (name) => await readFile(name);\n`,
		);
	});

	it("import below the directives of a module", () => {
		const code = `"use client";\nimport { Notify } from "yamanote/sync";\nexport const wait = () => { new Notify().notified(); };\n`;
		expect(mended(code, "src/a.tsx", "no-unpolled-future", "spawn")).toBe(
			`"use client";\nimport { spawn } from "yamanote";\nimport { Notify } from "yamanote/sync";\nexport const wait = () => { spawn(new Notify().notified()); };\n`,
		);
	});

	it("do not write `using` into plain JavaScript, which is run as it is", () => {
		const code = `import { Mutex } from "yamanote/sync";
const lock = new Mutex(0);
export async function bump() {
  const guard = await lock.lock();
  guard.value++;
  guard.release();
}
`;
		expect(mended(code, "src/a.ts", "prefer-using")).toContain("using guard");
		expect(mended(code, "src/a.mjs", "prefer-using")).toBeUndefined();
		expect(verify(code, "src/a.mjs")[0]?.message).toContain("or give it back in a `finally`");
	});
});
