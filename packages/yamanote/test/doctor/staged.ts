/** Builds the package as it is published into a folder, with its `bin` and the doctor. */
import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";

const packages = join(import.meta.dirname, "..", "..", "..");

export function stage(folder: string): void {
	const source = join(packages, "yamanote");
	const tsc = join(packages, "..", "node_modules", "typescript", "bin", "tsc");
	const node = (...args: string[]): void => void execFileSync(process.execPath, args, { stdio: "pipe" });
	// Whether it compiles is another test's question: here it has to be there, and soon.
	const quick = ["--noCheck", "--declaration", "false", "--isolatedDeclarations", "false"];
	node(tsc, "-p", join(source, "tsconfig.build.json"), "--outDir", join(folder, "dist"), ...quick);
	node(join(packages, "doctor", "build.mjs"), join(folder, "dist", "doctor"));
	for (const part of ["bin", "package.json", "README.md", "LICENSE"]) {
		cpSync(join(source, part), join(folder, part), { recursive: true });
	}
}
