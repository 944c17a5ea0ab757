/** The doctor has a host of its own for the rules. Here it is held against ESLint with typescript-eslint's parser. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { rules } from "../../eslint-plugin-yamanote/src/rules/index.ts";
import { readCorpus } from "../../eslint-plugin-yamanote/test/support/corpus.ts";
import { lint } from "../../eslint-plugin-yamanote/test/support/lint.ts";
import { lintText } from "../src/lint/lint.ts";

const root = join(import.meta.dirname, "..", "..", "..");

function doctor(code: string, filename: string): string[] {
	return lintText(code, filename, { cwd: root, rules }).map(({ rule, line, message }) => `${line} ${rule} ${message}`);
}

function eslint(code: string, filename: string): string[] {
	return lint(code, filename).map(({ rule, line, message }) => `${line} ${rule} ${message}`);
}

describe("the doctor", () => {
	it.each(readCorpus().map((snippet) => [`${snippet.file}:${snippet.line}`, snippet.title, snippet] as const))(
		"says of %s what ESLint says: %s",
		(_place, _title, { code, as }) => {
			expect(doctor(code, as)).toEqual(eslint(code, as));
		},
	);

	it("reads the sources of the library as ESLint does", () => {
		const folders = ["core", "future", "sync"].map((folder) => `packages/yamanote/src/${folder}`);
		const files = folders.flatMap((folder) =>
			readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
				.filter((name) => name.endsWith(".ts"))
				.map((name) => join(root, folder, name)),
		);
		expect(files.length).toBeGreaterThan(90);
		for (const file of files) {
			const code = readFileSync(file, "utf8");
			expect(doctor(code, file), file).toEqual(eslint(code, file));
		}
	}, 120_000);
});
