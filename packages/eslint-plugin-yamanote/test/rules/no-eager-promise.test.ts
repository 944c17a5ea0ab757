import { testRule } from "../support/rule-tester.ts";

testRule("no-eager-promise", {
	valid: [
		{
			name: "accepts a function that starts it",
			code: `import { timeout } from "yamanote";
export const page = (url: string) => timeout(1_000, ({ signal }) => fetch(url, { signal }));`,
		},
		{
			name: "accepts a promise that others share",
			code: `import { timeout } from "yamanote";
export const wait = (ready: Promise<void>) => timeout(1_000, ready);`,
		},
	],
	invalid: [
		{
			name: "makes a fetch lazy, with the signal",
			code: `import { select, timeout } from "yamanote";
export const page = (url: string) => timeout(1_000, fetch(url));
export const post = (url: string, body: string) => timeout(1_000, fetch(url, { method: "POST", body }));`,
			output: null,
			errors: [
				{
					messageId: "eager",
					line: 2,
					suggestions: [
						{
							messageId: "lazySignal",
							output: `import { select, timeout } from "yamanote";
export const page = (url: string) => timeout(1_000, ({ signal }) => fetch(url, { signal }));
export const post = (url: string, body: string) => timeout(1_000, fetch(url, { method: "POST", body }));`,
						},
					],
				},
				{
					messageId: "eager",
					line: 3,
					suggestions: [
						{
							messageId: "lazySignal",
							output: `import { select, timeout } from "yamanote";
export const page = (url: string) => timeout(1_000, fetch(url));
export const post = (url: string, body: string) => timeout(1_000, ({ signal }) => fetch(url, { signal, method: "POST", body }));`,
						},
					],
				},
			],
		},
		{
			name: "makes another call lazy",
			code: `import { tryJoin } from "yamanote";
async function load(id: string) {
  return (await fetch(id)).status;
}
export const both = () => tryJoin({ a: load("a"), b: load("b") });`,
			output: null,
			errors: [
				{
					messageId: "eager",
					line: 5,
					suggestions: [
						{
							messageId: "lazy",
							output: `import { tryJoin } from "yamanote";
async function load(id: string) {
  return (await fetch(id)).status;
}
export const both = () => tryJoin({ a: () => load("a"), b: load("b") });`,
						},
					],
				},
				{
					messageId: "eager",
					line: 5,
					suggestions: [
						{
							messageId: "lazy",
							output: `import { tryJoin } from "yamanote";
async function load(id: string) {
  return (await fetch(id)).status;
}
export const both = () => tryJoin({ a: load("a"), b: () => load("b") });`,
						},
					],
				},
			],
		},
		{
			name: "sees a promise that is kept only to be handed over",
			code: `import { timeout } from "yamanote";
export async function page(url: string) {
  const started = fetch(url);
  return await timeout(1_000, started);
}`,
			output: null,
			errors: [{ messageId: "eager", line: 4 }],
		},
	],
});
