import { testRule } from "../support/rule-tester.ts";

testRule("no-swallowed-cancel", {
	valid: [
		{
			name: "accepts a catch that asks",
			code: `import { sleep, spawn } from "yamanote";
export const job = spawn(async ({ run, signal }) => {
  for (;;) {
    try {
      await run(sleep(1));
    } catch (error) {
      signal.throwIfAborted();
      console.error(error);
    }
  }
});`,
		},
		{
			name: "accepts a catch that ends the task",
			code: `import { sleep, spawn } from "yamanote";
export const job = spawn(async ({ run }) => {
  try {
    await run(sleep(1));
  } catch (error) {
    console.error(error);
    return;
  }
  await run(sleep(1));
});`,
		},
		{
			name: "says nothing of generators, where no catch sees a cancel",
			code: `import { sleep, spawn } from "yamanote";
export const job = spawn(function* () {
  for (;;) {
    try {
      yield* sleep(1);
    } catch (error) {
      console.error(error);
    }
  }
});`,
		},
	],
	invalid: [
		{
			name: "sees a loop that goes on",
			code: `import { sleep, spawn } from "yamanote";
export const job = spawn(async ({ run }) => {
  for (;;) {
    try {
      await run(sleep(1));
    } catch (error) {
      console.error(error);
    }
  }
});`,
			output: null,
			errors: [
				{
					messageId: "swallowed",
					line: 6,
					suggestions: [
						{
							messageId: "rethrow",
							output: `import { sleep, spawn } from "yamanote";
export const job = spawn(async ({ run }) => {
  for (;;) {
    try {
      await run(sleep(1));
    } catch (error) { if (error instanceof Error && error.name === "AbortError") throw error;
      console.error(error);
    }
  }
});`,
						},
					],
				},
			],
		},
		{
			name: "sees a wait further down",
			code: `import { sleep, spawn } from "yamanote";
export const job = spawn(async ({ run }) => {
  try {
    await run(sleep(1));
  } catch {}
  await run(sleep(2));
});`,
			output: null,
			errors: [{ messageId: "swallowed", line: 5 }],
		},
	],
});
