import { testRule } from "../support/rule-tester.ts";

testRule("no-future-through-promise", {
	valid: [
		{
			name: "accepts a handle inside an object",
			code: `import { sleep, spawn } from "yamanote";
export async function start() {
  return { handle: spawn(sleep(1)) };
}`,
		},
		{
			name: "accepts the outcome of a future",
			code: `import { sleep } from "yamanote";
export async function nap() {
  return sleep(1);
}`,
		},
	],
	invalid: [
		{
			name: "wraps a handle that an async function returns",
			code: `import { sleep, spawn } from "yamanote";
export async function start() {
  return spawn(sleep(1));
}
export const again = async () => spawn(sleep(2));
export async function third() {
  const task = spawn(sleep(3));
  return task;
}`,
			output: null,
			errors: [
				{
					messageId: "handle",
					line: 3,
					suggestions: [
						{
							messageId: "wrap",
							output: `import { sleep, spawn } from "yamanote";
export async function start() {
  return { handle: spawn(sleep(1)) };
}
export const again = async () => spawn(sleep(2));
export async function third() {
  const task = spawn(sleep(3));
  return task;
}`,
						},
					],
				},
				{
					messageId: "handle",
					line: 5,
					suggestions: [
						{
							messageId: "wrap",
							output: `import { sleep, spawn } from "yamanote";
export async function start() {
  return spawn(sleep(1));
}
export const again = async () => ({ handle: spawn(sleep(2)) });
export async function third() {
  const task = spawn(sleep(3));
  return task;
}`,
						},
					],
				},
				{
					messageId: "handle",
					line: 8,
					suggestions: [
						{
							messageId: "wrap",
							output: `import { sleep, spawn } from "yamanote";
export async function start() {
  return spawn(sleep(1));
}
export const again = async () => spawn(sleep(2));
export async function third() {
  const task = spawn(sleep(3));
  return { task };
}`,
						},
					],
				},
			],
		},
		{
			name: "waits for a future that a typed function would hand out",
			code: `import { sleep, type Future } from "yamanote";
export async function makeNap(): Promise<Future<void>> {
  return sleep(1);
}
export async function makeOther(): Promise<Future<void>> {
  try {
    return sleep(1);
  } finally {
    console.log("made");
  }
}`,
			output: `import { sleep, type Future } from "yamanote";
export async function makeNap(): Promise<Future<void>> {
  return await sleep(1);
}
export async function makeOther(): Promise<Future<void>> {
  try {
    return sleep(1);
  } finally {
    console.log("made");
  }
}`,
			errors: [
				{ messageId: "future", line: 3 },
				{
					messageId: "future",
					line: 7,
					suggestions: [
						{
							messageId: "await",
							output: `import { sleep, type Future } from "yamanote";
export async function makeNap(): Promise<Future<void>> {
  return sleep(1);
}
export async function makeOther(): Promise<Future<void>> {
  try {
    return await sleep(1);
  } finally {
    console.log("made");
  }
}`,
						},
					],
				},
			],
		},
		{
			name: "sees promises that are resolved with futures",
			code: `import { sleep, spawn } from "yamanote";
export const a = Promise.resolve(sleep(1));
export const b = new Promise((resolve) => resolve(spawn(sleep(1))));`,
			output: null,
			errors: [
				{ messageId: "resolved", line: 2 },
				{ messageId: "resolved", line: 3 },
			],
		},
		{
			name: "sees a channel of handles that is awaited natively",
			code: `import type { JoinHandle } from "yamanote";
import { mpsc } from "yamanote/sync";
const [tx, rx] = mpsc.channel<JoinHandle<void>>(1);
export const next = async () => await rx.recv();
export { tx };`,
			output: null,
			errors: [{ messageId: "received", line: 4 }],
		},
	],
});
