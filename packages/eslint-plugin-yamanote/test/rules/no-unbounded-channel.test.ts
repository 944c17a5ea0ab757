import { testRule } from "../support/rule-tester.ts";

testRule("no-unbounded-channel", {
	valid: [
		{
			name: "accepts a bounded channel",
			code: `import { mpsc } from "yamanote/sync";
export const [tx, rx] = mpsc.channel<string>(16);`,
		},
	],
	invalid: [
		{
			name: "sees an unbounded channel",
			code: `import { mpsc } from "yamanote/sync";
export const [tx, rx] = mpsc.unboundedChannel<string>();`,
			output: null,
			errors: [{ messageId: "unbounded", line: 2 }],
		},
	],
});
