import { testRule } from "../support/rule-tester.ts";

testRule("no-suspending-finally-in-plain-generator", {
	valid: [
		{
			name: "accepts it in an asyncFn",
			code: `import { asyncFn, sleep } from "yamanote";
export const nap = asyncFn(function* () {
  try {
    yield* sleep(1);
  } finally {
    yield* sleep(2);
  }
});`,
		},
		{
			name: "accepts it in a generator that is only ever a task's body",
			code: `import { sleep, spawn } from "yamanote";
function* nap() {
  try {
    yield* sleep(1);
  } finally {
    yield* sleep(2);
  }
}
export const handle = spawn(nap());`,
		},
		{
			name: "accepts a clean-up that does not wait",
			code: `import { sleep } from "yamanote";
export function* nap() {
  try {
    yield* sleep(1);
  } finally {
    console.log("awake");
  }
}`,
		},
	],
	invalid: [
		{
			name: "suggests asyncFn",
			code: `import { asyncFn, sleep } from "yamanote";
function* nap(ms: number) {
  try {
    yield* sleep(ms);
  } finally {
    yield* sleep(2);
  }
}
export const twice = asyncFn(function* () {
  yield* nap(1);
  yield* nap(2);
});`,
			output: null,
			errors: [
				{
					messageId: "suspends",
					line: 6,
					suggestions: [
						{
							messageId: "makeAsyncFn",
							output: `import { asyncFn, sleep } from "yamanote";
const nap = asyncFn(function* (ms: number) {
  try {
    yield* sleep(ms);
  } finally {
    yield* sleep(2);
  }
});
export const twice = asyncFn(function* () {
  yield* nap(1);
  yield* nap(2);
});`,
						},
					],
				},
			],
		},
	],
});
