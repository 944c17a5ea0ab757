// Runs one bundled test file in whatever engine this is, and tells what became of each test.
import { startTests } from "@vitest/runner";
import { checkExpect, resetExpect } from "vitest";

const config = {
	root: "/",
	name: undefined,
	setupFiles: ["setup"],
	passWithNoTests: false,
	allowOnly: false,
	includeTaskLocation: false,
	sequence: { shuffle: false, concurrent: false, seed: 0, hooks: "stack", setupFiles: "list" },
	maxConcurrency: 5,
	testTimeout: 60_000,
	hookTimeout: 60_000,
	// The tests of threads depend on how the machine schedules them: on a shared one they may be tried again.
	retry: 2,
	tags: [],
	tagsFilter: undefined,
	strictTags: false,
};

function flatten(task, above = []) {
	const path = [...above, task.name];
	if (task.type === "test") {
		const errors = (task.result?.errors ?? []).map((error) => ({ message: error.message, stack: error.stack ?? "" }));
		return [{ name: path.slice(1).join(" > "), state: task.result?.state ?? task.mode, errors }];
	}
	const own = (task.result?.errors ?? []).map((error) => ({ message: error.message, stack: error.stack ?? "" }));
	const broken =
		own.length > 0 ? [{ name: path.slice(1).join(" > ") || "(the file)", state: "fail", errors: own }] : [];
	return [...broken, ...task.tasks.flatMap((inner) => flatten(inner, path))];
}

/**
 * @param {string} file - its name, for messages
 * @param {() => Promise<unknown>} setup - loads the setup file
 * @param {() => Promise<unknown>} load - loads the test file
 */
export async function runFile(file, setup, load) {
	const loose = [];
	const note = (error) =>
		loose.push({ message: `outside any test: ${error?.message ?? error}`, stack: error?.stack ?? "" });
	const onEvent = (event) => {
		event.preventDefault();
		note(event.reason ?? event.error ?? event.message);
	};
	const process = globalThis.process;
	if (typeof process?.on === "function" && globalThis.Deno === undefined) {
		process.on("unhandledRejection", note);
		process.on("uncaughtException", note);
	} else {
		globalThis.addEventListener("unhandledrejection", onEvent);
		globalThis.addEventListener("error", onEvent);
	}
	const files = await startTests([file], {
		config,
		pool: "harness",
		importFile: (_path, source) => (source === "setup" ? setup() : load()),
		onBeforeTryTask(test) {
			// Where a file comes to no end, this is where it stands.
			globalThis.running = test.name;
			resetExpect(test);
		},
		onAfterTryTask: checkExpect,
	});
	// Give late rejections a turn to be noticed.
	await new Promise((resolve) => setTimeout(resolve, 5));
	const tests = files.flatMap((one) => flatten(one));
	if (loose.length > 0) tests.push({ name: "(no unhandled errors)", state: "fail", errors: loose });
	return tests;
}
