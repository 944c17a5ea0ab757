import { testRule } from "../support/rule-tester.ts";

testRule("no-yield-without-star", {
	valid: [
		{
			name: "accepts yield* of a future",
			code: `import { asyncFn, sleep } from "yamanote";
export const nap = asyncFn(function* () {
  yield* sleep(1);
});`,
		},
		{
			name: "accepts plain yields of an iterator",
			code: `import { sleep } from "yamanote";
export function* count() {
  yield 1;
  yield 2;
}
export const nap = () => sleep(1);`,
		},
		{
			name: "accepts an async branch that awaits",
			code: `import { asyncFn, sleep, tryJoin } from "yamanote";
export const both = asyncFn(function* () {
  return yield* tryJoin([async () => await sleep(1), sleep(2)]);
});`,
		},
	],
	invalid: [
		{
			name: "puts the star to a future",
			code: `import { asyncFn, sleep } from "yamanote";
export const nap = asyncFn(function* () {
  yield sleep(1);
});`,
			output: `import { asyncFn, sleep } from "yamanote";
export const nap = asyncFn(function* () {
  yield* sleep(1);
});`,
			errors: [{ messageId: "plainYield", line: 3 }],
		},
		{
			name: "suggests the star for what it does not know",
			code: `import { spawn } from "yamanote";
import { load } from "./load.js";
export const handle = spawn(function* () {
  return yield load();
});`,
			output: null,
			errors: [
				{
					messageId: "plainYield",
					line: 4,
					suggestions: [
						{
							messageId: "addStar",
							output: `import { spawn } from "yamanote";
import { load } from "./load.js";
export const handle = spawn(function* () {
  return yield* load();
});`,
						},
					],
				},
			],
		},
		{
			name: "points from a bare yield to yieldNow",
			code: `import { asyncFn } from "yamanote";
export const pause = asyncFn(function* () {
  yield;
});`,
			output: null,
			errors: [{ messageId: "emptyYield", line: 3 }],
		},
		{
			name: "wraps a promise",
			code: `import { asyncFn } from "yamanote";
export const page = asyncFn(function* (url: string) {
  return yield* fetch(url);
});`,
			output: null,
			errors: [
				{
					messageId: "promise",
					line: 3,
					suggestions: [
						{
							messageId: "wrap",
							output: `import { asyncFn, fromPromise } from "yamanote";
export const page = asyncFn(function* (url: string) {
  return yield* fromPromise(() => fetch(url));
});`,
						},
					],
				},
			],
		},
		{
			name: "turns an inner async arrow into a task",
			code: `import { asyncFn, join, sleep } from "yamanote";
export const all = asyncFn(function* (numbers: number[]) {
  return yield* join(numbers.map(async (n) => await sleep(n)));
});`,
			output: null,
			errors: [
				{
					messageId: "innerAwait",
					line: 3,
					suggestions: [
						{
							messageId: "makeTask",
							output: `import { asyncFn, join, sleep } from "yamanote";
export const all = asyncFn(function* (numbers: number[]) {
  return yield* join(numbers.map(asyncFn(function* (n) { return yield* sleep(n); })));
});`,
						},
					],
				},
			],
		},
		{
			name: "turns an inner async arrow with a block into a task",
			code: `import { asyncFn, join, sleep } from "yamanote";
export const all = asyncFn(function* (numbers: number[]) {
  const one = async (n: number) => {
    await sleep(n);
    return n;
  };
  return yield* join(numbers.map((n) => one(n)));
});`,
			output: null,
			errors: [
				{
					messageId: "innerAwait",
					line: 4,
					suggestions: [
						{
							messageId: "makeTask",
							output: `import { asyncFn, join, sleep } from "yamanote";
export const all = asyncFn(function* (numbers: number[]) {
  const one = asyncFn(function* (n: number) {
    yield* sleep(n);
    return n;
  });
  return yield* join(numbers.map((n) => one(n)));
});`,
						},
					],
				},
			],
		},
		{
			name: "takes the async off a task body",
			code: `import { asyncFn, sleep } from "yamanote";
export const nap = asyncFn(async function* () {
  await sleep(1);
});`,
			output: `import { asyncFn, sleep } from "yamanote";
export const nap = asyncFn(function* () {
  yield* sleep(1);
});`,
			errors: [{ messageId: "asyncGenerator", line: 2 }],
		},
	],
});
