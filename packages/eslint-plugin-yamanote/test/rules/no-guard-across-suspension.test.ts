import { testRule } from "../support/rule-tester.ts";

testRule("no-guard-across-suspension", {
	valid: [
		{
			name: "accepts an async guard across a wait",
			code: `import { Mutex } from "yamanote/sync";
import { sleep } from "yamanote";
const lock = new Mutex(0);
export function* bump() {
  using guard = yield* lock.lock();
  yield* sleep(1);
  guard.value++;
}`,
		},
		{
			name: "accepts a sync guard that is given back before",
			code: `import { SyncMutex } from "yamanote/sync";
import { sleep } from "yamanote";
const lock = new SyncMutex(0);
export function* bump() {
  {
    using guard = lock.lock();
    guard.value++;
  }
  yield* sleep(1);
}`,
		},
		{
			name: "accepts a failure while a guard is held, which does not wait",
			code: `import { SyncMutex } from "yamanote/sync";
import { fail } from "yamanote";
const lock = new SyncMutex(0);
export function* bump() {
  using guard = lock.lock();
  if (guard.value > 9) return yield* fail(new RangeError("full"));
  return guard.value++;
}`,
		},
	],
	invalid: [
		{
			name: "sees a sync guard held across yield*",
			code: `import { SyncMutex } from "yamanote/sync";
import { sleep } from "yamanote";
const lock = new SyncMutex(0);
export function* bump() {
  using guard = lock.lock();
  yield* sleep(1);
  guard.value++;
}`,
			output: null,
			errors: [{ messageId: "held", line: 6 }],
		},
		{
			name: "sees what is documented with @noAwait",
			code: `/** @noAwait */
function lockTable() {
  return { release() {} };
}
export async function save(write: () => Promise<void>) {
  const table = lockTable();
  await write();
  table.release();
}`,
			output: null,
			errors: [{ messageId: "held", line: 7 }],
		},
		{
			name: "sees the functions that the options name",
			code: `import { lockSync } from "proper-lockfile";
export async function save(path: string, write: () => Promise<void>) {
  const release = lockSync(path);
  await write();
  return release;
}`,
			options: [{ guards: ["lockSync"] }],
			output: null,
			errors: [{ messageId: "held", line: 4 }],
		},
		{
			name: "sees an async guard held across a foreign promise if it is asked to",
			code: `import { Mutex } from "yamanote/sync";
const lock = new Mutex(0);
export async function count(url: string) {
  using guard = await lock.lock();
  const response = await fetch(url);
  guard.value += response.status;
}`,
			options: [{ foreignAwait: true }],
			output: null,
			errors: [{ messageId: "foreign", line: 5 }],
		},
		{
			name: "sees an async callback of a sync lock",
			code: `import { SyncMutex } from "yamanote/sync";
const lock = new SyncMutex({ n: 0 });
export const bump = () => lock.withLock(async (value) => value.n++);`,
			output: null,
			errors: [{ messageId: "callback", line: 3 }],
		},
	],
});
