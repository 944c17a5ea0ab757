/** The package as it is published, in a folder: with its `bin` and the doctor. */
import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join, resolve } from "node:path";
import { builtPackage } from "../support/built.ts";

const packages = resolve("packages");

export function stage(folder: string): void {
	const source = join(packages, "yamanote");
	cpSync(join(builtPackage(), "dist"), join(folder, "dist"), { recursive: true });
	execFileSync("node", [join(packages, "doctor", "build.mjs"), join(folder, "dist", "doctor")], {
		stdio: "pipe",
	});
	for (const part of ["bin", "package.json", "README.md", "LICENSE"]) {
		cpSync(join(source, part), join(folder, part), { recursive: true });
	}
}
