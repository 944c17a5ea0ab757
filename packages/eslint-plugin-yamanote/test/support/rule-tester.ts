/** ESLint's rule tester, speaking to vitest, for TypeScript sources. */
import * as typescriptParser from "@typescript-eslint/parser";
import { RuleTester } from "eslint";
import { describe, it } from "vitest";
import { rules } from "../../src/index.ts";

RuleTester.describe = describe;
RuleTester.it = it;
RuleTester.itOnly = it.only;

const tester = new RuleTester({
	languageOptions: {
		parser: typescriptParser,
		ecmaVersion: "latest",
		sourceType: "module",
	},
});

/** Tests one rule of the plugin, by its name. */
export function testRule(
	name: string,
	cases: { valid: RuleTester.ValidTestCase[]; invalid: RuleTester.InvalidTestCase[] },
): void {
	const rule = rules[name];
	if (rule === undefined) throw new Error(`no rule ${name}`);
	tester.run(name, rule, cases);
}
