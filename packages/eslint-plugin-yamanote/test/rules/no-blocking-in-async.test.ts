import { testRule } from "../support/rule-tester.ts";

testRule("no-blocking-in-async", {
	valid: [
		{
			name: "accepts blocking calls in synchronous functions and modules",
			code: `import { readFileSync } from "node:fs";
export const text = readFileSync("a.txt", "utf8");
export function load() {
  return readFileSync("b.txt", "utf8");
}`,
		},
		{
			name: "accepts what the options allow",
			code: `import { statSync } from "node:fs";
export async function size(path: string) {
  return statSync(path).size;
}`,
			options: [{ allow: ["statSync"] }],
		},
		{
			name: "accepts JSON.parse unless told otherwise",
			code: `export async function read(text: string) {
  return JSON.parse(text);
}`,
		},
		{
			name: "accepts a worker's own thread",
			code: `import { readFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";
parentPort?.on("message", async (path) => parentPort?.postMessage(readFileSync(path)));`,
		},
		{
			name: "accepts what runs before the process exits",
			code: `import { writeFileSync } from "node:fs";
export async function crash() {
  writeFileSync("crash.log", "crash");
  process.exit(1);
}`,
		},
	],
	invalid: [
		{
			name: "suggests the promise twin in an async function",
			code: `import { readFileSync } from "node:fs";
export async function load(path: string) {
  return readFileSync(path, "utf8").trim();
}`,
			output: null,
			errors: [
				{
					messageId: "blocks",
					line: 3,
					suggestions: [
						{
							messageId: "twin",
							output: `import { readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
export async function load(path: string) {
  return (await readFile(path, "utf8")).trim();
}`,
						},
					],
				},
			],
		},
		{
			name: "suggests a worker thread in a task",
			code: `import { scryptSync } from "node:crypto";
import { asyncFn } from "yamanote";
export const hash = asyncFn(function* (password: string) {
  return scryptSync(password, "salt", 64);
});`,
			output: null,
			errors: [
				{
					messageId: "blocks",
					line: 4,
					suggestions: [
						{
							messageId: "spawnBlocking",
							output: `import { spawnBlocking } from "yamanote/threads";
import { scryptSync } from "node:crypto";
import { asyncFn } from "yamanote";
export const hash = asyncFn(function* (password: string) {
  return yield* spawnBlocking(worker.scryptSync, password, "salt", 64);
});`,
						},
					],
				},
			],
		},
		{
			name: "follows a function of the same file",
			code: `import { execSync } from "node:child_process";
function head() {
  return execSync("git rev-parse HEAD").toString();
}
export async function version() {
  return head();
}`,
			output: null,
			errors: [{ messageId: "through", line: 6 }],
		},
		{
			name: "sees the functions that the options name",
			code: `import { compile } from "./templates.js";
export async function render(text: string) {
  return compile(text);
}`,
			options: [{ functions: ["compile"] }],
			output: null,
			errors: [{ messageId: "blocks", line: 3 }],
		},
		{
			name: "sees JSON.parse if it is asked to",
			code: `export async function read(text: string) {
  return JSON.parse(text);
}`,
			options: [{ json: true }],
			output: null,
			errors: [{ messageId: "blocks", line: 2 }],
		},
		{
			name: "sees a busy loop",
			code: `export async function wait(until: number) {
  while (Date.now() < until);
}`,
			output: null,
			errors: [{ messageId: "loop", line: 2 }],
		},
		{
			name: "sees a synchronous request",
			code: `export async function get(url: string) {
  const xhr = new XMLHttpRequest();
  xhr.open("GET", url, false);
  xhr.send();
  return xhr.responseText;
}`,
			output: null,
			errors: [{ messageId: "xhr", line: 3 }],
		},
		{
			name: "sees Atomics.wait",
			code: `export async function flag(cells: Int32Array) {
  Atomics.wait(cells, 0, 0);
}`,
			output: null,
			errors: [{ messageId: "blocks", line: 2 }],
		},
	],
});
