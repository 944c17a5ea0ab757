// What comes from another realm of the engine: a frame of a page, a context of node:vm.
// @engines node20 node22 node24 node26
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { NotSendError, sendClone } from "yamanote/threads";

it("what the language has in another realm crosses as the same kind here", () => {
	const made = (code: string) => sendClone(runInNewContext(code) as unknown);
	expect(made("[1, [2], { a: 3 }]")).toEqual([1, [2], { a: 3 }]);
	expect(made("new Map([[1, new Set([2])]])")).toEqual(new Map([[1, new Set([2])]]));
	expect(made("new Date(5)")).toEqual(new Date(5));
	expect(made("/a/g")).toEqual(/a/g);
	expect(made("new Uint16Array([1, 2])")).toEqual(new Uint16Array([1, 2]));
	expect(made("new Uint8Array(3).buffer")).toEqual(new ArrayBuffer(3));
	const error = made("new RangeError('far', { cause: new TypeError('away') })") as Error;
	expect(error).toBeInstanceOf(RangeError);
	expect([error.message, error.cause]).toEqual(["far", new TypeError("away")]);
});

it("a class of a user is no kind of the language in another realm, whatever its name", () => {
	for (const code of ["new (class Point {})", "new (class Date {})", "new (function Map() {}.bind(null))"])
		expect(() => sendClone(runInNewContext(code) as unknown)).toThrow(NotSendError);
});
