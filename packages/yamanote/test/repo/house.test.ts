import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { enginesOf } from "../../../../scripts/bundle-tests.mjs";
import { entries, packageDir, root } from "../../../../scripts/exports.mjs";

const read = (path: string): string => readFileSync(join(root, path), "utf8");

function filesBelow(dir: string, wanted: (name: string) => boolean): string[] {
	return readdirSync(join(root, dir), { recursive: true, encoding: "utf8" })
		.filter((name) => wanted(name) && !name.includes("node_modules"))
		.map((name) => join(dir, name));
}

describe("tests", () => {
	const everywhere = [
		"afterAll",
		"afterEach",
		"beforeAll",
		"beforeEach",
		"describe",
		"expect",
		"it",
		"onTestFailed",
		"onTestFinished",
		"suite",
		"test",
	];
	const tests = filesBelow("packages/yamanote/test", (name) => name.endsWith(".ts") && !name.startsWith("repo"));

	it("take from vitest what every engine has", () => {
		const others = tests.flatMap((file) => {
			const imported = [...read(file).matchAll(/import (type )?\{([^}]*)\} from "vitest"/g)];
			const names = imported.flatMap(([, type, list = ""]) => (type === undefined ? list.split(",") : []));
			return names
				.map((name) => name.trim().replace(/ as .*/, ""))
				.filter((name) => name !== "" && !name.startsWith("type ") && !everywhere.includes(name))
				.map((name) => `${file} takes ${name}`);
		});
		expect(others).toEqual([]);
	});

	it("name engines that exist", () => {
		const known = ["node20", "node22", "node24", "node26", "bun", "deno", "chromium"];
		const unknown = tests.flatMap((file) => (enginesOf(read(file)) ?? []).filter((name) => !known.includes(name)));
		expect(unknown).toEqual([]);
	});
});

describe("the export map", () => {
	const manifest = JSON.parse(read("packages/yamanote/package.json"));

	it("lists every entry by hand", () => {
		expect(Object.keys(manifest.exports).filter((name) => name.includes("*"))).toEqual([]);
		expect(entries().length).toBeGreaterThan(0);
	});

	it("has a source behind every entry", () => {
		const without = entries().filter((entry) => !existsSync(entry.source));
		expect(without.map((entry) => `${entry.name}: ${relative(root, entry.source)}`)).toEqual([]);
	});

	it("puts the types before the code", () => {
		for (const [name, target] of Object.entries(manifest.exports)) {
			if (typeof target === "object" && target !== null)
				expect([name, Object.keys(target)[0]]).toEqual([name, "types"]);
		}
	});

	it("promises no side effect, no dependency, and the oldest Node that has require() of a module", () => {
		expect(manifest.sideEffects).toBe(false);
		expect(manifest.dependencies).toBeUndefined();
		expect(manifest.engines).toEqual({ node: ">=20.19" });
	});
});

describe("the repository", () => {
	it("has lock files that name no registry", () => {
		const locks = [
			"package-lock.json",
			...filesBelow("engines", (name) => name.endsWith("package-lock.json")),
			...filesBelow("consumers", (name) => name.endsWith("package-lock.json")),
		];
		expect(locks.length).toBeGreaterThan(8);
		expect(locks.filter((lock) => /"resolved": "https?:/.test(read(lock)))).toEqual([]);
	});

	it("bounds what a program pays to import each part, and all of it", () => {
		const rows: { names: string[] | "*"; from: string; ceiling: number }[] = JSON.parse(
			readFileSync(join(packageDir, "test/repo/size.json"), "utf8"),
		);
		const whole = rows.filter((row) => row.names === "*").map((row) => row.from);
		expect(entries().filter((entry) => !whole.includes(entry.name))).toEqual([]);
		expect(rows.map((row) => `${row.names}`)).toContain("run,spawn,sleep,timeout,tryJoin");
	});

	it("keeps its pages short", () => {
		const lines = (path: string): number => read(path).split("\n").length;
		expect(lines("CONTRIBUTING.md")).toBeLessThan(150);
		const long = filesBelow("docs/decisions", (name) => name.endsWith(".md")).filter((path) => lines(path) > 80);
		expect(long).toEqual([]);
	});

	it("links to pages and headings that are there", () => {
		const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"].concat(
			...["docs", "examples", "packages", "bench"].map((dir) => filesBelow(dir, (name) => name.endsWith(".md"))),
		);
		const prose = (path: string): string => read(path).replace(/```[\s\S]*?```/g, "");
		const anchor = (heading: string): string =>
			heading
				.toLowerCase()
				.replace(/[^\p{L}\p{N}\s_-]/gu, "")
				.replaceAll(" ", "-");
		const headings = (path: string): string[] =>
			[...prose(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchor(heading));
		const links = pages.flatMap((page) =>
			[...prose(page).matchAll(/\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)/g)].map(([, path = "", heading = ""]) => ({
				said: `${page}: ${path}#${heading}`,
				target: path === "" ? page : join(dirname(page), path),
				heading,
			})),
		);
		expect(links.length).toBeGreaterThan(100);
		const nowhere = links.filter(
			({ target, heading }) =>
				!existsSync(join(root, target)) || (heading !== "" && !headings(target).includes(heading)),
		);
		expect(nowhere.map(({ said }) => said)).toEqual([]);
	});

	it("has the commands that its contributors are told of", () => {
		const { scripts } = JSON.parse(read("package.json"));
		const told = [...read("CONTRIBUTING.md").matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => name);
		expect(told.length).toBeGreaterThan(5);
		expect(told.filter((name) => !(name in scripts))).toEqual([]);
	});
});
