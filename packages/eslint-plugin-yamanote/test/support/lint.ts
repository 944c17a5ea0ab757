/** Lints a piece of code with all rules of the plugin, as a user's configuration would. */
import * as typescriptParser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import { rules } from "../../src/index.ts";

export interface Found {
	readonly rule: string;
	readonly line: number;
	readonly message: string;
}

const known = new Map<string, Found[]>();

/** The same question is asked by several tests, and has one answer. */
export function lint(code: string, filename: string, options: Partial<Record<string, unknown>> = {}): Found[] {
	const question = JSON.stringify([filename, options, code]);
	let found = known.get(question);
	if (found === undefined) {
		found = ask(code, filename, options);
		known.set(question, found);
	}
	return found;
}

function ask(code: string, filename: string, options: Partial<Record<string, unknown>>): Found[] {
	return verify(code, filename, options).map((message) => {
		if (message.ruleId === null) throw new Error(`${filename}:${message.line}: ${message.message}`);
		return { rule: message.ruleId.replace("yamanote/", ""), line: message.line, message: message.message };
	});
}

/** What ESLint says, with its fixes. */
export function verify(
	code: string,
	filename: string,
	options: Partial<Record<string, unknown>> = {},
): Linter.LintMessage[] {
	const linter = new Linter();
	const config: Linter.Config = {
		files: ["**/*.{js,jsx,ts,tsx,mjs,mts,cjs,cts}"],
		plugins: { yamanote: { rules } },
		languageOptions: {
			parser: typescriptParser,
			ecmaVersion: "latest",
			sourceType: "module",
			parserOptions: { ecmaFeatures: { jsx: filename.endsWith("x") } },
		},
		rules: Object.fromEntries(
			Object.keys(rules).map((name) => {
				const option = options[name];
				return [`yamanote/${name}`, option === undefined ? "error" : ["error", option]];
			}),
		),
	};
	return linter.verify(code, [config], { filename });
}
