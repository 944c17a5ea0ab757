import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseArguments, UsageError } from "../src/arguments.ts";

const folder = mkdtempSync(join(tmpdir(), "doctor-"));
mkdirSync(join(folder, "src"));
writeFileSync(join(folder, "app.js"), "");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const parse = (...args: string[]) => parseArguments(args, folder, dirname(process.execPath));

describe("the command line", () => {
	it("lints the folder that it stands in if it names nothing", () => {
		expect(parse()).toMatchObject({ files: ["."], command: undefined, failOn: "error", json: false });
		expect(parse("--json", "--strict")).toMatchObject({ files: ["."], json: true, strict: true });
	});

	it("names files, and after -- a command with options of its own", () => {
		expect(parse("src", "app.js")).toMatchObject({ files: ["src", "app.js"], command: undefined });
		expect(parse("--", "node", "app.js", "--json")).toMatchObject({
			files: undefined,
			command: ["node", "app.js", "--json"],
			json: false,
		});
		expect(parse("src", "--json", "--", "node", "x")).toMatchObject({
			files: ["src"],
			command: ["node", "x"],
			json: true,
		});
	});

	it("takes a word that is no file here, and a program elsewhere, for a command", () => {
		expect(parse("--json", "node", "app.js", "--strict")).toMatchObject({
			files: undefined,
			command: ["node", "app.js", "--strict"],
			json: true,
			strict: false,
		});
		expect(parse("no-such-thing")).toMatchObject({ files: ["no-such-thing"], command: undefined });
	});

	it("has values of options", () => {
		expect(parse("--fail-on", "warning", "--module", "a", "--module", "@b/c", "src")).toMatchObject({
			failOn: "warning",
			modules: ["a", "@b/c"],
			files: ["src"],
		});
		expect(parse("--explain", "return-yield-fail")).toMatchObject({ explain: "return-yield-fail" });
	});

	it.each([
		[["--nonsense"], "there is no option --nonsense"],
		[["--fail-on", "often"], "--fail-on takes error, warning or never, not often"],
		[["--module"], "--module needs a value"],
		[["src", "--"], "after -- comes the command to run: yamanote doctor -- node app.js"],
	])("is refused where it makes no sense: %s", (args, message) => {
		expect(() => parse(...args)).toThrow(new UsageError(message));
	});
});
