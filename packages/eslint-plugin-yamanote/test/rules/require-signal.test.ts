import { testRule } from "../support/rule-tester.ts";

testRule("require-signal", {
	valid: [
		{
			name: "accepts a signal that is passed on",
			code: `import { tryJoin } from "yamanote";
export const both = () => tryJoin([async ({ signal }) => await fetch("/a", { signal }), ({ signal }) => fetch("/b", { signal })]);`,
		},
		{
			name: "accepts options from elsewhere, which may hold a signal",
			code: `import { timeout } from "yamanote";
export const page = (init: RequestInit) => timeout(1, async () => await fetch("/a", init));`,
		},
		{
			name: "says nothing of async functions that are no tasks",
			code: `import { run, sleep } from "yamanote";
export async function page() {
  await run(sleep(1));
  return await fetch("/a");
}`,
		},
	],
	invalid: [
		{
			name: "adds the signal and takes it",
			code: `import { timeout } from "yamanote";
export const page = () => timeout(1_000, async () => await fetch("/a"));`,
			output: null,
			errors: [
				{
					messageId: "ignored",
					line: 2,
					suggestions: [
						{
							messageId: "pass",
							output: `import { timeout } from "yamanote";
export const page = () => timeout(1_000, async ({ signal }) => await fetch("/a", { signal }));`,
						},
					],
				},
			],
		},
		{
			name: "adds the signal of a task that is taken whole",
			code: `import { timeout } from "yamanote";
export const page = () => timeout(1_000, async (task) => await fetch(\`/a/\${task.id}\`, { method: "POST" }));`,
			output: null,
			errors: [
				{
					messageId: "ignored",
					line: 2,
					suggestions: [
						{
							messageId: "pass",
							output: `import { timeout } from "yamanote";
export const page = () => timeout(1_000, async (task) => await fetch(\`/a/\${task.id}\`, { signal: task.signal, method: "POST" }));`,
						},
					],
				},
			],
		},
		{
			name: "sees a task that is ignored",
			code: `import { spawn } from "yamanote";
import { load } from "./load.js";
export const job = spawn(async (task) => {
  await load(1);
});`,
			output: null,
			errors: [{ messageId: "unused", line: 4 }],
		},
	],
});
