import { afterEach, describe, expect, it } from "vitest";
import { type Project, project } from "./support/project.ts";

let made: Project | undefined;

afterEach(() => made?.remove());

async function rulesFor(files: Record<string, string>): Promise<string[]> {
	made = project(files, { typed: false });
	return (await made.lint("src/app.ts")).map(({ rule, line }) => `${rule}:${line}`);
}

const CHECKOUT = `import { asyncFn, sleep } from "yamanote";
export const checkout = asyncFn(function* (cart: string) {
  yield* sleep(cart.length);
});
`;

describe("a function of another file", () => {
	it("is known by its export, in a file that does not import yamanote", async () => {
		const found = await rulesFor({
			"src/checkout.ts": CHECKOUT,
			"src/app.ts": `import { checkout } from "./checkout.js";\nexport function buy() {\n  checkout("cart");\n}\n`,
		});
		expect(found).toEqual(["no-unpolled-future:3"]);
	});

	it("is followed through re-exports, stars, lists and renames", async () => {
		const found = await rulesFor({
			"src/checkout.ts": CHECKOUT,
			"src/one.ts": `export { checkout as pay } from "./checkout.ts";\n`,
			"src/two.ts": `export * from "./one.js";\n`,
			"src/three.ts": `import { pay } from "./two.js";\nexport { pay as buy };\n`,
			"src/app.ts": `import { buy } from "./three.js";\nexport async function go() {\n  buy("cart");\n}\n`,
		});
		expect(found).toEqual(["no-unpolled-future:3"]);
	});

	it("is known when yamanote itself is passed on", async () => {
		const found = await rulesFor({
			"src/rt.ts": `export { asyncFn, sleep as pause } from "yamanote";\n`,
			"src/app.ts": `import { pause } from "./rt.js";\nexport async function go() {\n  pause(1);\n}\n`,
		});
		expect(found).toEqual(["no-unpolled-future:3"]);
	});

	it("is known as a member of its module", async () => {
		const found = await rulesFor({
			"src/checkout.ts": CHECKOUT,
			"src/app.ts": `import * as shop from "./checkout.js";\nexport async function go() {\n  shop.checkout("cart");\n}\n`,
		});
		expect(found).toEqual(["no-unpolled-future:3"]);
	});

	it("is known as a plain generator and as a default export", async () => {
		const found = await rulesFor({
			"src/steps.ts": `import { sleep } from "yamanote";\nexport default function* steps() {\n  yield* sleep(1);\n}\n`,
			"src/app.ts": `import { run, sleep } from "yamanote";\nimport steps from "./steps.js";\nexport async function go() {\n  await run(sleep(1));\n  await steps();\n}\n`,
		});
		expect(found).toEqual(["no-await-bare-generator:5"]);
	});

	it("is known as a channel end, a lock, a worker handle or an async function", async () => {
		const found = await rulesFor({
			"src/shared.ts": `import { mpsc, Mutex } from "yamanote/sync";
import { defineWorker } from "yamanote/threads";
export const [tx, rx] = mpsc.channel<string>(4);
export const state = new Mutex({ n: 0 });
export const work = defineWorker(import.meta.url, { f: (n: number) => n });
export async function load(id: string) {
  return id;
}
`,
			"src/app.ts": `import { asyncFn, timeout } from "yamanote";
import { load, rx, state, tx, work } from "./shared.js";
export const go = asyncFn(function* () {
  tx.send("a");
  yield* rx.recv();
  const guard = yield* state.lock();
  guard.value.n++;
  yield* work.f((() => 1) as never);
  return yield* timeout(1, load("a"));
});
`,
		});
		expect(found).toEqual(["no-unpolled-future:4", "prefer-using:6", "no-not-send:8", "no-eager-promise:9"]);
	});

	it("is no source when it is data: what is imported from it is unknown", async () => {
		const found = await rulesFor({
			"src/data.json": `{ "sleep": 1 }`,
			"src/app.ts": `import data from "./data.json";\nimport { sleep } from "yamanote";\nexport function go() {\n  sleep(data.sleep);\n}\n`,
		});
		expect(found).toEqual(["no-unpolled-future:4"]);
	});

	it("is forgotten when its file changes", async () => {
		made = project(
			{
				"src/checkout.ts": CHECKOUT,
				"src/app.ts": `import { checkout } from "./checkout.js";\nexport function buy() {\n  checkout("cart");\n}\n`,
			},
			{ typed: false },
		);
		expect(await made.lint("src/app.ts")).toHaveLength(1);
		made.write("src/checkout.ts", `export function checkout(cart: string) {\n  console.log("bought", cart);\n}\n`);
		expect(await made.lint("src/app.ts")).toEqual([]);
	});

	it("is unknown, and left alone, when it cannot be found or says nothing", async () => {
		const found = await rulesFor({
			"src/plain.ts": `export function checkout(cart: string) {\n  console.log(cart);\n}\n`,
			"src/circle.ts": `export * from "./circle.js";\n`,
			"src/app.ts": `import { checkout } from "./plain.js";
import { missing } from "./missing.js";
import { lost } from "./circle.js";
checkout("cart");
missing();
lost();
`,
		});
		expect(found).toEqual([]);
	});
});
