// Entry of the test page: `runInPage(file)` is called from outside, once for each page.
import { runFile } from "./run.mjs";

globalThis.runInPage = (file, setup) =>
	runFile(
		file,
		() => import(setup),
		() => import(file),
	);
