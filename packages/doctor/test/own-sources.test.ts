/** Every rule, on everything that this repository is made of: what is wrong on purpose says so. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lintProject } from "../src/lint/project.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const sources = readdirSync(join(root, "packages"))
	.flatMap((name) => [`packages/${name}/src`, `packages/${name}/bin`])
	.filter((folder) => existsSync(join(root, folder)));

it("raises no alarm on the sources, the examples and the scripts of this repository", () => {
	const folders = [...sources, "examples", "scripts"];
	const { files, findings } = lintProject(folders, { cwd: root, strict: true, fix: false, modules: [] });
	expect(files).toBeGreaterThan(300);
	expect(findings.map(({ file, line, rule, message }) => `${file}:${line} ${rule} ${message}`)).toEqual([]);
}, 120_000);
