import { testRule } from "../support/rule-tester.ts";

testRule("no-detached-spawn", {
	valid: [
		{
			name: "accepts a task that is kept, or detached on purpose",
			code: `import { sleep, spawn } from "yamanote";
export const handle = spawn(sleep(1));
spawn(sleep(1)).detach();`,
		},
		{
			name: "accepts a task that a scope owns",
			code: `import { scope, sleep } from "yamanote";
export const all = scope(function* (s) {
  s.spawn(sleep(1));
});`,
		},
	],
	invalid: [
		{
			name: "says that nobody owns it",
			code: `import { sleep, spawn } from "yamanote";
export function start() {
  spawn(sleep(1));
}`,
			output: null,
			errors: [
				{
					messageId: "detached",
					line: 3,
					suggestions: [
						{
							messageId: "detach",
							output: `import { sleep, spawn } from "yamanote";
export function start() {
  spawn(sleep(1)).detach();
}`,
						},
					],
				},
			],
		},
	],
});
