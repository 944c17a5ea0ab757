import { testRule } from "../support/rule-tester.ts";

testRule("no-not-send", {
	valid: [
		{
			name: "accepts data",
			code: `import { defineWorker } from "yamanote/threads";
const work = defineWorker(import.meta.url, { size: (data: Uint8Array) => data.length });
export const size = (data: Uint8Array) => work.size(data);`,
		},
		{
			name: "accepts a class that is sendable",
			code: `import { defineWorker, toSend } from "yamanote/threads";
class Money {
  constructor(readonly cents: number) {}
  [toSend]() {
    return this.cents;
  }
  format() {
    return String(this.cents);
  }
}
const work = defineWorker(import.meta.url, { tax: (money: Money) => money.cents });
export const tax = () => work.tax(new Money(1));`,
		},
		{
			name: "accepts functions for functions of this thread",
			code: `import { asyncFn, mapConcurrent } from "yamanote";
export const all = asyncFn(function* (ids: string[]) {
  return yield* mapConcurrent(ids, 4, async (id) => id);
});`,
		},
	],
	invalid: [
		{
			name: "names the field that holds a function",
			code: `import { defineWorker } from "yamanote/threads";
const work = defineWorker(import.meta.url, { run: (job: unknown) => job });
export const run = () => work.run({ user: { name: "a", onDone: () => {} } });`,
			output: null,
			errors: [{ messageId: "notSend", line: 3 }],
		},
		{
			name: "sees handles, guards and signals",
			code: `import { defineWorker, spawnBlocking } from "yamanote/threads";
import { Mutex } from "yamanote/sync";
import { asyncFn, sleep, spawn } from "yamanote";
const work = defineWorker(import.meta.url, { run: (...values: unknown[]) => values });
const lock = new Mutex(0);
export const run = asyncFn(function* () {
  using guard = yield* lock.lock();
  const handle = spawn(sleep(1));
  const controller = new AbortController();
  yield* work.run(guard, handle, controller.signal);
  return spawnBlocking(work.run, lock);
});`,
			output: null,
			errors: [
				{ messageId: "notSend", line: 10 },
				{ messageId: "notSend", line: 10 },
				{ messageId: "notSend", line: 10 },
				{ messageId: "notSend", line: 11 },
			],
		},
		{
			name: "sees an inline function",
			code: `import { spawnBlocking } from "yamanote/threads";
export const run = () => spawnBlocking(() => 1 + 1);`,
			output: null,
			errors: [{ messageId: "inline", line: 2 }],
		},
		{
			name: "sees what only the main thread has",
			code: `import { defineWorker } from "yamanote/threads";
export const work = defineWorker(import.meta.url, {
  title: () => document.title,
  enter(dir: string) {
    process.chdir(dir);
  },
});`,
			output: null,
			errors: [
				{ messageId: "mainOnly", line: 3 },
				{ messageId: "mainOnly", line: 5 },
			],
		},
	],
});
