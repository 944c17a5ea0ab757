import { afterEach, describe, expect, it } from "vitest";
import { type Project, project } from "./support/project.ts";

let made: Project | undefined;

afterEach(() => made?.remove());

async function rulesFor(files: Record<string, string>, typed: boolean): Promise<string[]> {
	made = project(files, { typed });
	return (await made.lint("src/app.ts")).map(({ rule, line }) => `${rule}:${line}`);
}

describe("with types", () => {
	it("a future is known by its type, wherever it comes from", async () => {
		const files = {
			"src/api.ts": `import type { Future } from "yamanote";
export interface Api {
  save(text: string): Future<void>;
  log(text: string): void;
  load(id: string): Promise<string>;
}
`,
			"src/app.ts": `import { timeout } from "yamanote";
import type { Api } from "./api.js";
export function go(api: Api) {
  api.save("a");
  api.log("b");
  return timeout(1, api.load("c"));
}
`,
		};
		expect(await rulesFor(files, true)).toEqual(["no-unpolled-future:4", "no-eager-promise:6"]);
		made?.remove();
		expect(await rulesFor(files, false)).toEqual([]);
	}, 30_000);

	it("a subclass of Future is a future, and a handle is none", async () => {
		const found = await rulesFor(
			{
				"src/make.ts": `import { sleep, spawn } from "yamanote";
const make = { nap: () => sleep(1), task: () => spawn(sleep(1)) };
export const makers = { ...make };
`,
				"src/app.ts": `import { makers } from "./make.js";
export function go() {
  makers.nap();
  makers.task();
}
`,
			},
			true,
		);
		expect(found).toEqual(["no-unpolled-future:3"]);
	}, 30_000);

	it("a function of another file that blocks is found through the functions that it calls", async () => {
		const files = {
			"src/deep.ts": `import { execSync } from "node:child_process";
export const head = () => execSync("git rev-parse HEAD").toString();
let kept: string | undefined;
export function once() {
  kept ??= head();
  return kept;
}
export const plugin = () => ({ load: () => head() });
`,
			"src/git.ts": `import { head, once, plugin } from "./deep.js";
export function version() {
  return head().slice(0, 7);
}
export { once, plugin };
`,
			"src/app.ts": `import { once, plugin, version } from "./git.js";
export async function handler() {
  return [version(), once(), plugin()];
}
`,
		};
		expect(await rulesFor(files, true)).toEqual(["no-blocking-in-async:3"]);
		made?.remove();
		expect(await rulesFor(files, false)).toEqual([]);
	}, 30_000);

	it("a class that is documented with @noAwait is a guard", async () => {
		const found = await rulesFor(
			{
				"src/lock.ts": `/** Holds the table. @noAwait */
export class Table {
  release(): void {}
}
export function take() {
  return new Table();
}
`,
				"src/app.ts": `import { take } from "./lock.js";
export async function go(save: () => Promise<void>) {
  const table = take();
  await save();
  table.release();
}
`,
			},
			true,
		);
		expect(found).toEqual(["no-guard-across-suspension:4"]);
	}, 30_000);
});
