import { testRule } from "../support/rule-tester.ts";

testRule("prefer-using", {
	valid: [
		{
			name: "accepts using",
			code: `import { Mutex } from "yamanote/sync";
const lock = new Mutex(0);
export async function bump() {
  using guard = await lock.lock();
  guard.value++;
}`,
		},
		{
			name: "accepts a guard that is handed on",
			code: `import { Mutex } from "yamanote/sync";
const lock = new Mutex(0);
export async function take() {
  const guard = await lock.lock();
  return guard;
}`,
		},
		{
			name: "accepts a guard that plain JavaScript gives back in a finally",
			filename: "src/bump.mjs",
			code: `import { Mutex } from "yamanote/sync";
const lock = new Mutex(0);
export async function bump() {
  const guard = await lock.lock();
  try {
    guard.value++;
  } finally {
    guard.release();
  }
}`,
		},
		{
			name: "accepts a short critical section",
			code: `import { Mutex } from "yamanote/sync";
import { sleep } from "yamanote";
const lock = new Mutex(0);
export async function bump() {
  const guard = await lock.lock();
  guard.value++;
  guard.release();
  await sleep(1);
}`,
		},
	],
	invalid: [
		{
			name: "holds a guard with using",
			code: `import { Mutex } from "yamanote/sync";
const lock = new Mutex(0);
export async function bump() {
  const guard = await lock.lock();
  try {
    guard.value++;
  } finally {
    guard.release();
  }
}`,
			output: `import { Mutex } from "yamanote/sync";
const lock = new Mutex(0);
export async function bump() {
  using guard = await lock.lock();
  try {
    guard.value++;
  } finally {
    guard.release();
  }
}`,
			errors: [{ messageId: "releasedInFinally", line: 4 }],
		},
		{
			name: "holds a permit that is never given back with using",
			code: `import { Semaphore } from "yamanote/sync";
import { sleep } from "yamanote";
const slots = new Semaphore(1);
export function* work() {
  const permit = yield* slots.acquire();
  yield* sleep(1);
}`,
			output: `import { Semaphore } from "yamanote/sync";
import { sleep } from "yamanote";
const slots = new Semaphore(1);
export function* work() {
  using permit = yield* slots.acquire();
  yield* sleep(1);
}`,
			errors: [{ messageId: "neverReleased", line: 5 }],
		},
		{
			name: "sees a permit that is not kept",
			code: `import { Semaphore } from "yamanote/sync";
import { sleep } from "yamanote";
const slots = new Semaphore(1);
export function* work() {
  yield* slots.acquire();
  yield* sleep(1);
}`,
			output: null,
			errors: [{ messageId: "unbound", line: 5 }],
		},
		{
			name: "leaves a declaration that is no constant to the author",
			code: `import { Mutex } from "yamanote/sync";
const lock = new Mutex(0);
export async function bump() {
  let guard = await lock.lock();
  guard.value++;
  guard.release();
}`,
			output: null,
			errors: [{ messageId: "released", line: 4 }],
		},
	],
});
