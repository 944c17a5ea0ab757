import { testRule } from "../support/rule-tester.ts";

testRule("no-await-bare-generator", {
	valid: [
		{
			name: "accepts operations that make the members of a Promise.all, and generators for tryJoin",
			code: `import { asyncFn, sleep, tryJoin } from "yamanote";
export const a = (ids: number[]) => Promise.all(ids.map(asyncFn(function* (id) { yield* sleep(id); })));
export const b = (ids: number[]) => tryJoin(ids.map(function* (id) { yield* sleep(id); }));`,
		},
		{
			name: "accepts await of an asyncFn",
			code: `import { asyncFn, sleep } from "yamanote";
const nap = asyncFn(function* () {
  yield* sleep(1);
});
export const go = async () => await nap();`,
		},
		{
			name: "accepts await of run",
			code: `import { run, sleep } from "yamanote";
function* nap() {
  yield* sleep(1);
}
export const go = async () => await run(nap());`,
		},
		{
			name: "says nothing of iterators in files without yamanote",
			code: `function* count() {
  yield 1;
}
export const go = async () => await count();`,
		},
	],
	invalid: [
		{
			name: "sees a generator function that makes the members of a Promise.all",
			code: `import { sleep } from "yamanote";
export const all = (ids: number[]) => Promise.all(ids.map(function* (id) { yield* sleep(id); }));`,
			errors: [{ messageId: "mapped", line: 2, data: { method: "all" } }],
		},
		{
			name: "declares the generator with asyncFn",
			code: `import { sleep } from "yamanote";
function* nap(ms: number) {
  yield* sleep(ms);
}
export async function go() {
  await nap(1);
}`,
			output: `import { sleep, asyncFn } from "yamanote";
const nap = asyncFn(function* (ms: number) {
  yield* sleep(ms);
});
export async function go() {
  await nap(1);
}`,
			errors: [{ messageId: "awaited", line: 6 }],
		},
		{
			name: "declares a generator constant with asyncFn",
			code: `import { asyncFn, sleep } from "yamanote";
const nap = function* (ms: number) {
  yield* sleep(ms);
};
export const twice = asyncFn(function* () {
  yield* nap(1);
});
export const go = async () => {
  await nap(1);
};`,
			output: `import { asyncFn, sleep } from "yamanote";
const nap = asyncFn(function* (ms: number) {
  yield* sleep(ms);
});
export const twice = asyncFn(function* () {
  yield* nap(1);
});
export const go = async () => {
  await nap(1);
};`,
			errors: [{ messageId: "awaited", line: 9 }],
		},
		{
			name: "suggests run where the generator is used otherwise too",
			code: `import { sleep } from "yamanote";
export class Job {
  *step() {
    yield* sleep(1);
  }
  async go() {
    await this.step();
  }
}`,
			output: null,
			errors: [
				{
					messageId: "awaited",
					line: 7,
					suggestions: [
						{
							messageId: "run",
							output: `import { sleep, run } from "yamanote";
export class Job {
  *step() {
    yield* sleep(1);
  }
  async go() {
    await run(this.step());
  }
}`,
						},
					],
				},
			],
		},
		{
			name: "sees then and the promise combinators",
			code: `import { sleep } from "yamanote";
export class Job {
  *step() {
    yield* sleep(1);
  }
  go() {
    this.step().then(console.log);
    return Promise.all([this.step(), this.step()]);
  }
}`,
			output: null,
			errors: [
				{
					messageId: "then",
					line: 7,
					suggestions: [
						{
							messageId: "run",
							output: `import { sleep, run } from "yamanote";
export class Job {
  *step() {
    yield* sleep(1);
  }
  go() {
    run(this.step()).then(console.log);
    return Promise.all([this.step(), this.step()]);
  }
}`,
						},
					],
				},
				{
					messageId: "combined",
					line: 8,
					suggestions: [
						{
							messageId: "run",
							output: `import { sleep, run } from "yamanote";
export class Job {
  *step() {
    yield* sleep(1);
  }
  go() {
    this.step().then(console.log);
    return Promise.all([run(this.step()), this.step()]);
  }
}`,
						},
					],
				},
				{
					messageId: "combined",
					line: 8,
					suggestions: [
						{
							messageId: "run",
							output: `import { sleep, run } from "yamanote";
export class Job {
  *step() {
    yield* sleep(1);
  }
  go() {
    this.step().then(console.log);
    return Promise.all([this.step(), run(this.step())]);
  }
}`,
						},
					],
				},
			],
		},
	],
});
