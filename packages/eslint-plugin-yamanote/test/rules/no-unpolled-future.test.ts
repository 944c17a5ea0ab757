import { testRule } from "../support/rule-tester.ts";

testRule("no-unpolled-future", {
	valid: [
		{
			name: "accepts promiseFn, and generators where the result is used or no task is meant",
			code: `import { promiseFn, sleep, spawn } from "yamanote";
setTimeout(promiseFn(function* () { yield* sleep(1); }), 5);
emitter.on("x", () => { spawn(function* () { yield* sleep(1); }); });
export const tasks = [1, 2].map(function* (ms) { yield* sleep(ms); });`,
		},
		{
			name: "says nothing of generators as callbacks in files without yamanote",
			code: `[1, 2].forEach(function* (n) { yield n; });`,
		},
		{
			name: "leaves a future that is waited for alone",
			code: `import { asyncFn, sleep } from "yamanote";
export const nap = asyncFn(function* () {
  yield* sleep(1);
});`,
		},
		{
			name: "leaves a future that is started by then alone",
			code: `import { sleep } from "yamanote";
sleep(1).then(() => console.log("late"));`,
		},
		{
			name: "leaves a handle alone, whose task runs anyway",
			code: `import { sleep, spawn } from "yamanote";
spawn(sleep(1));`,
		},
		{
			name: "knows that sending on an unbounded channel does not wait",
			code: `import { mpsc } from "yamanote/sync";
const [tx] = mpsc.unboundedChannel<number>();
tx.send(1);`,
		},
		{
			name: "says nothing of a function of the same name from elsewhere",
			code: `import { sleep } from "./sleep.js";
sleep(1);`,
		},
	],
	invalid: [
		{
			name: "waits for a dropped call in a task",
			code: `import { asyncFn, sleep } from "yamanote";
const save = asyncFn(function* (n: number) {
  yield* sleep(n);
});
export const both = asyncFn(function* () {
  save(1);
  yield* save(2);
});`,
			output: `import { asyncFn, sleep } from "yamanote";
const save = asyncFn(function* (n: number) {
  yield* sleep(n);
});
export const both = asyncFn(function* () {
  yield* save(1);
  yield* save(2);
});`,
			errors: [
				{
					messageId: "statement",
					line: 6,
					suggestions: [
						{
							messageId: "spawn",
							output: `import { asyncFn, sleep, spawn } from "yamanote";
const save = asyncFn(function* (n: number) {
  yield* sleep(n);
});
export const both = asyncFn(function* () {
  spawn(save(1));
  yield* save(2);
});`,
						},
					],
				},
			],
		},
		{
			name: "awaits a dropped call in an async function",
			code: `import { sleep } from "yamanote";
export async function nap() {
  sleep(1);
}`,
			output: `import { sleep } from "yamanote";
export async function nap() {
  await sleep(1);
}`,
			errors: [
				{
					messageId: "statement",
					line: 3,
					suggestions: [
						{
							messageId: "spawn",
							output: `import { sleep, spawn } from "yamanote";
export async function nap() {
  spawn(sleep(1));
}`,
						},
					],
				},
			],
		},
		{
			name: "offers to spawn or run it in a plain function, and imports what it needs",
			code: `import { sleep } from "yamanote";
export function nap() {
  sleep(1);
}`,
			output: null,
			errors: [
				{
					messageId: "statement",
					line: 3,
					suggestions: [
						{
							messageId: "spawn",
							output: `import { sleep, spawn } from "yamanote";
export function nap() {
  spawn(sleep(1));
}`,
						},
						{
							messageId: "run",
							output: `import { sleep, run } from "yamanote";
export function nap() {
  run(sleep(1));
}`,
						},
					],
				},
			],
		},
		{
			name: "returns from a failure that it makes happen",
			code: `import { asyncFn, fail } from "yamanote";
export const refuse = asyncFn(function* (n: number) {
  if (n < 0) fail(new RangeError("negative"));
  return n;
});`,
			output: `import { asyncFn, fail } from "yamanote";
export const refuse = asyncFn(function* (n: number) {
  if (n < 0) return yield* fail(new RangeError("negative"));
  return n;
});`,
			errors: [{ messageId: "statement", line: 3 }],
		},
		{
			name: "sees through void",
			code: `import { asyncFn, sleep } from "yamanote";
const refresh = asyncFn(function* () {
  yield* sleep(1);
});
export const onFocus = () => {
  void refresh();
};`,
			output: null,
			errors: [
				{
					messageId: "void",
					line: 6,
					suggestions: [
						{
							messageId: "spawn",
							output: `import { asyncFn, sleep, spawn } from "yamanote";
const refresh = asyncFn(function* () {
  yield* sleep(1);
});
export const onFocus = () => {
  spawn(refresh());
};`,
						},
						{
							messageId: "run",
							output: `import { asyncFn, sleep, run } from "yamanote";
const refresh = asyncFn(function* () {
  yield* sleep(1);
});
export const onFocus = () => {
  run(refresh());
};`,
						},
					],
				},
			],
		},
		{
			name: "sees a variable that nothing reads",
			code: `import { asyncFn, sleep } from "yamanote";
export const start = asyncFn(function* () {
  const warm = sleep(1);
  return "started";
});`,
			output: `import { asyncFn, sleep } from "yamanote";
export const start = asyncFn(function* () {
  const warm = yield* sleep(1);
  return "started";
});`,
			errors: [{ messageId: "variable", line: 3 }],
		},
		{
			name: "sees a condition that is always true",
			code: `import { asyncFn, sleep } from "yamanote";
const ok = asyncFn(function* () {
  yield* sleep(1);
  return false;
});
export const go = asyncFn(function* () {
  if (ok()) return 1;
  return 2;
});`,
			output: `import { asyncFn, sleep } from "yamanote";
const ok = asyncFn(function* () {
  yield* sleep(1);
  return false;
});
export const go = asyncFn(function* () {
  if (yield* ok()) return 1;
  return 2;
});`,
			errors: [{ messageId: "tested", line: 7 }],
		},
		{
			name: "sees callbacks whose result is dropped",
			code: `import { asyncFn, sleep, spawn } from "yamanote";
const save = asyncFn(function* (n: number) {
  yield* sleep(n);
});
export function all(numbers: number[]) {
  numbers.forEach((n) => save(n));
  setTimeout(save, 10);
}`,
			output: null,
			errors: [
				{
					messageId: "callback",
					line: 6,
					suggestions: [
						{
							messageId: "spawn",
							output: `import { asyncFn, sleep, spawn } from "yamanote";
const save = asyncFn(function* (n: number) {
  yield* sleep(n);
});
export function all(numbers: number[]) {
  numbers.forEach((n) => spawn(save(n)));
  setTimeout(save, 10);
}`,
						},
						{
							messageId: "run",
							output: `import { asyncFn, sleep, spawn, run } from "yamanote";
const save = asyncFn(function* (n: number) {
  yield* sleep(n);
});
export function all(numbers: number[]) {
  numbers.forEach((n) => run(save(n)));
  setTimeout(save, 10);
}`,
						},
					],
				},
				{ messageId: "reference", line: 7 },
			],
		},
		{
			name: "sees a plain generator that is dropped in a task, and a method",
			code: `import { sleep } from "yamanote";
export class Job {
  *step() {
    yield* sleep(1);
  }
  *run() {
    this.step();
    yield* this.step();
  }
}`,
			output: `import { sleep } from "yamanote";
export class Job {
  *step() {
    yield* sleep(1);
  }
  *run() {
    yield* this.step();
    yield* this.step();
  }
}`,
			errors: [
				{
					messageId: "statement",
					line: 7,
					suggestions: [
						{
							messageId: "spawn",
							output: `import { sleep, spawn } from "yamanote";
export class Job {
  *step() {
    yield* sleep(1);
  }
  *run() {
    spawn(this.step());
    yield* this.step();
  }
}`,
						},
					],
				},
			],
		},
		{
			name: "sees operations and generators that are written where a callback is wanted",
			code: `import { asyncFn, sleep } from "yamanote";
setTimeout(function* () { yield* sleep(1); }, 5);
emitter.on("x", function* () { yield* sleep(1); });
[1, 2].forEach(asyncFn(function* (ms: number) { yield* sleep(ms); }));`,
			errors: [
				{ messageId: "inline", line: 2, data: { to: "setTimeout", what: "generator object" } },
				{ messageId: "inline", line: 3, data: { to: "emitter.on", what: "generator object" } },
				{ messageId: "inline", line: 4, data: { to: "forEach", what: "future" } },
			],
		},
		{
			name: "knows the modules that settings name",
			code: `import { sleep } from "@acme/async";
export async function nap() {
  sleep(1);
}`,
			settings: { yamanote: { modules: ["@acme/async"] } },
			output: `import { sleep } from "@acme/async";
export async function nap() {
  await sleep(1);
}`,
			errors: [
				{
					messageId: "statement",
					line: 3,
					suggestions: [
						{
							messageId: "spawn",
							output: `import { sleep, spawn } from "@acme/async";
export async function nap() {
  spawn(sleep(1));
}`,
						},
					],
				},
			],
		},
	],
});
