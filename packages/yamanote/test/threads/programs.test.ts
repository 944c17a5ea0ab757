// @engines node20 node22 node24 node26
import { execFile } from "node:child_process";
import { rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture } from "../support/built.ts";

interface Ended {
	readonly code: number | string | null;
	readonly lines: string[];
	readonly errors: string;
}

function program(path: string, args: string[] = []): Promise<Ended> {
	const options = { timeout: 60_000, env: { ...process.env, NODE_OPTIONS: "", NODE_V8_COVERAGE: "" } };
	return new Promise((resolve) => {
		execFile(process.execPath, [path, ...args], options, (error, stdout, stderr) => {
			const code = error === null ? 0 : (error.code ?? error.signal ?? null);
			resolve({ code, lines: stdout.trim().split("\n"), errors: stderr });
		});
	});
}

const named = (name: string): string => fixture(`programs/${name}.mjs`);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const strips = major > 22 || (major === 22 && minor >= 18);

describe("a program", () => {
	it("ends when its calls have ended", async () => {
		expect(await program(named("ends"))).toMatchObject({ code: 0, lines: ["3 100000 x", "0", "1", "2"], errors: "" });
	}, 90_000);

	it("lives while a call is waited for", async () => {
		expect(await program(named("waits"))).toMatchObject({ code: 0, lines: ["task done"], errors: "" });
	}, 90_000);

	it("does not live for calls that nobody waits for", async () => {
		const { code, lines } = await program(named("leaves"));
		expect([code, lines]).toEqual([0, ["left"]]);
	}, 90_000);

	it("lives while a token is waited for that a thread may cancel", async () => {
		const lines = ["there and back", "back and there", "sent", "come"];
		expect(await program(named("tokens"))).toMatchObject({ code: 0, lines, errors: "" });
	}, 90_000);

	it("does not live for a token that nobody waits for", async () => {
		const { code, lines } = await program(named("token-unused"));
		expect([code, lines]).toEqual([0, ["done"]]);
	}, 90_000);

	it("prints what its threads print", async () => {
		const { code, lines } = await program(named("prints"));
		expect([code, lines.sort()]).toEqual([0, ["from a thread", "from the program"]]);
	}, 90_000);

	it("of main() ends the pool of its runtime", async () => {
		const { code, lines } = await program(named("shuts-down"));
		expect([code, lines]).toEqual([0, ["7"]]);
	}, 90_000);

	it("uses hardly any processor time while its pool is idle", async () => {
		const { lines } = await program(named("idle"));
		expect(Number(lines[0])).toBeLessThan(0.01);
	}, 90_000);
});

describe("where something is missing", () => {
	it("calls go by messages if memory cannot be shared", async () => {
		const lines = ["3 100000 task done", "0", "1", "2"];
		expect(await program(named("unshared"))).toMatchObject({ code: 0, lines, errors: "" });
	}, 90_000);

	it("calls fail with what is missing if there are no threads", async () => {
		const { code, lines } = await program(named("threadless"));
		expect(code).toBe(0);
		expect(lines[0]).toMatch(/^YAMANOTE_WORKER_LOST load file:.*work\.worker\.mjs could not be loaded in a thread: /);
		expect(lines[0]).toContain("there are no threads here: neither node:worker_threads nor Worker");
	}, 90_000);
});

describe("a worker that was bundled into its program", () => {
	const ways = ["call", "stream", "spawnBlocking", "parallel", "warmUp"];
	const told = ["the program starts", ...ways.map((way) => `${way} YAMANOTE_WORKER_BUNDLED true`)];

	it("is refused at the first call, whatever makes it, and no second copy of the program starts", async () => {
		expect(await program(named("bundled"))).toMatchObject({ code: 0, lines: told });
	}, 90_000);

	it("is refused however the program was named", async () => {
		const path = named("bundled");
		const link = join(dirname(path), `link-${process.pid}.mjs`);
		symlinkSync(path, link);
		try {
			expect(await program(link)).toMatchObject({ code: 0, lines: told });
		} finally {
			rmSync(link);
		}
	}, 90_000);

	it("starts no threads from its threads where it is not the entry", async () => {
		const { code, lines } = await program(named("loads-itself"));
		expect([code, ...lines.sort()]).toEqual([0, "here 1", "in a thread YAMANOTE_WORKER_BUNDLED"]);
	}, 90_000);

	it("fails where the worker of a factory never calls defineWorker", async () => {
		const { code, lines } = await program(named("wrong-factory"));
		expect([code, ...lines]).toEqual([
			0,
			"load: the worker of a factory could not be loaded in a thread: it did not call defineWorker within 30 s: is it the file of these functions?",
		]);
	}, 90_000);

	it("works with a factory", async () => {
		expect(await program(named("factory"))).toMatchObject({ code: 0, lines: ["42 8"], errors: "" });
	}, 90_000);
});

describe("a thread that no pool has started", () => {
	it("can import and call a worker, and ends", async () => {
		expect(await program(named("foreign-thread"))).toMatchObject({ code: 0, lines: ["42", "ended 0"], errors: "" });
	}, 90_000);
});

describe("a worker in TypeScript", () => {
	it("runs unbuilt where Node strips types; elsewhere the failure says what to do", async () => {
		const { lines } = await program(named("typed"), ["typed"]);
		if (strips) expect(lines).toEqual(["5"]);
		else expect(lines[0]).toMatch(/^YAMANOTE_WORKER_LOST load .*Node runs TypeScript from 22\.18 on/);
	}, 90_000);

	it("that cannot be stripped fails with what to do", async () => {
		const { lines } = await program(named("typed"), ["enum"]);
		expect(lines[0]).toMatch(/^YAMANOTE_WORKER_LOST load /);
		if (strips)
			expect(lines[0]).toContain(
				"Node only strips types: enums, namespaces and parameter properties need a build, or tsx",
			);
	}, 90_000);
});
