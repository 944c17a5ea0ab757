import { testRule } from "../support/rule-tester.ts";

testRule("return-yield-fail", {
	valid: [
		{
			name: "accepts return yield* fail",
			code: `import { asyncFn, fail } from "yamanote";
export const check = asyncFn(function* (n: number) {
  if (n < 0) return yield* fail(new RangeError("negative"));
  return n;
});`,
		},
		{
			name: "accepts a failure as a value of an expression",
			code: `import { asyncFn, fail } from "yamanote";
export const check = asyncFn(function* (n: number | undefined) {
  return n ?? (yield* fail(new RangeError("missing")));
});`,
		},
		{
			name: "accepts a function that makes failures",
			code: `import { fail } from "yamanote";
export const missing = (name: string) => fail(new Error(name));`,
		},
	],
	invalid: [
		{
			name: "adds the return",
			code: `import { asyncFn, fail } from "yamanote";
export const check = asyncFn(function* (n: number) {
  if (n < 0) yield* fail(new RangeError("negative"));
  return n;
});`,
			output: `import { asyncFn, fail } from "yamanote";
export const check = asyncFn(function* (n: number) {
  if (n < 0) return yield* fail(new RangeError("negative"));
  return n;
});`,
			errors: [{ messageId: "missingReturn", line: 3 }],
		},
		{
			name: "adds the yield*",
			code: `import { asyncFn, fail } from "yamanote";
export const check = asyncFn(function* (n: number) {
  if (n < 0) return fail(new RangeError("negative"));
  return n;
});`,
			output: `import { asyncFn, fail } from "yamanote";
export const check = asyncFn(function* (n: number) {
  if (n < 0) return yield* fail(new RangeError("negative"));
  return n;
});`,
			errors: [{ messageId: "missingYield", line: 3 }],
		},
		{
			name: "turns a throw of the future into the failure",
			code: `import { asyncFn, fail } from "yamanote";
export const check = asyncFn(function* (n: number) {
  if (n < 0) throw fail(new RangeError("negative"));
  return n;
});`,
			output: `import { asyncFn, fail } from "yamanote";
export const check = asyncFn(function* (n: number) {
  if (n < 0) return yield* fail(new RangeError("negative"));
  return n;
});`,
			errors: [{ messageId: "thrown", line: 3 }],
		},
	],
});
