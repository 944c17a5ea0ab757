// Entry of a test process (Bun, Deno): `process.mjs <bundled test file> <bundled setup file> <file for the results>`.
import { writeFileSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { runFile } from "./run.mjs";

const [file, setup, results] = process.argv.slice(2);
const load = (path) => () => import(pathToFileURL(path).href);
runFile(file, load(setup), load(file)).then((tests) => {
	writeFileSync(results, JSON.stringify(tests));
	process.exit(0);
});
