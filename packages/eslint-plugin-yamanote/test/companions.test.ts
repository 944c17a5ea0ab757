import * as typescriptParser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import { describe, expect, it } from "vitest";
import { configs } from "../src/index.ts";

/** The lines that ESLint's own rules report, as `companions` sets them. */
function reported(code: string): { rule: string | null; line: number }[] {
	const config: Linter.Config = { languageOptions: { parser: typescriptParser }, rules: configs.companions.rules };
	return new Linter().verify(code, [config]).map(({ ruleId, line }) => ({ rule: ruleId, line }));
}

describe("the companions", () => {
	it("see an update that is lost across a wait, in tasks and in async functions", () => {
		const code = `
			export const total = asyncFn(function* (files) {
				let total = 0;
				yield* scope(function* ({ spawn }) {
					for (const file of files) {
						spawn(function* () {
							total += yield* size(file);
						});
						spawn(async ({ run }) => {
							total += await run(size(file));
						});
					}
				});
				return total;
			});`;
		expect(reported(code)).toEqual([
			{ rule: "require-atomic-updates", line: 7 },
			{ rule: "require-atomic-updates", line: 10 },
		]);
	});

	it("leave alone what waits first and then adds, what nobody else sees, and fields", () => {
		const code = `
			let total = 0;
			export const add = asyncFn(function* (file) {
				const bytes = yield* size(file);
				total += bytes;
			});
			export const sum = asyncFn(function* (files) {
				let sum = 0;
				for (const file of files) sum += yield* size(file);
				return sum;
			});
			export async function attach(request) {
				const user = await find(request.id);
				request.user = user;
			}`;
		expect(reported(code)).toEqual([]);
	});

	it("let a task be one that does not wait", () => {
		expect(reported("export const one = asyncFn(function* () { return 1; });")).toEqual([]);
	});
});
