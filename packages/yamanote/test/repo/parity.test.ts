import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { count, declared, inventory, page, pagePath } from "../../../../scripts/parity.mjs";
import { testExists } from "../support/titles.ts";

interface Row {
	readonly status: "done" | "n/a" | "postponed" | "missing";
	readonly entry?: string;
	readonly ours?: string;
	readonly tests?: readonly string[];
	readonly why?: string;
}

const { rows, reasons } = inventory as {
	readonly rows: Readonly<Record<string, Readonly<Record<string, Row>>>>;
	readonly reasons: Readonly<Record<string, string>>;
};
const all = Object.entries(rows).flatMap(([module, items]) =>
	Object.entries(items).map(([item, row]) => ({ item: `${module}::${item}`, ...row })),
);
const api = join(import.meta.dirname, "../../api");
const reports = new Map<string, Set<string>>();
function exported(entry: string, name: string): boolean {
	let names = reports.get(entry);
	if (names === undefined) {
		const file = entry === "yamanote" ? "index" : entry.slice("yamanote/".length);
		names = declared(readFileSync(join(api, `${file}.api.md`), "utf8"));
		reports.set(entry, names);
	}
	return names.has(name);
}

describe("docs/parity.md", () => {
	it("is what its data says: else npm run parity -- --write", () => {
		expect(readFileSync(pagePath, "utf8")).toBe(page());
	});

	it("has all items of the modules", () => {
		const sizes = Object.fromEntries(
			Object.entries(rows).map(([module, items]) => [module, Object.keys(items).length]),
		);
		expect(sizes).toMatchObject({
			"tokio::sync": 151,
			"tokio::sync::mpsc": 75,
			"tokio::sync::oneshot": 12,
			"tokio::sync::broadcast": 28,
			"tokio::sync::watch": 25,
			"tokio::task": 49,
			"tokio::task::join_set": 20,
			"tokio::time": 42,
			"tokio_util::sync": 44,
			"tokio_util::task": 66,
			tokio_test: 9,
		});
		expect(all.length).toBe(848);
	});

	it("leaves no item of sync, time and task missing, and postpones what may be postponed alone", () => {
		const { missing } = count(all);
		expect(missing).toBe(0);
		const postponed = all.filter(({ status, item }) => status === "postponed" && /::(sync|time|task)\b/.test(item));
		const allowed = /JoinMap|[dD]elay_?[qQ]ueue|DelayQueue/;
		expect(postponed.map(({ item }) => item).filter((item) => !allowed.test(item))).toEqual([]);
	});

	it("names what is exported", () => {
		const done = all.filter(({ status }) => status === "done");
		const unknown = done.filter(({ entry = "", ours = "" }) => !exported(entry, ours));
		expect(unknown.map(({ item, entry, ours }) => `${item}: ${entry} ${ours}`)).toEqual([]);
		expect(exported("yamanote/sync", "mpsc.Sender.recv")).toBe(false);
	});

	it("names tests that exist, for each item that is done", () => {
		for (const { item, status, tests = [] } of all) {
			if (status === "done") expect(tests.length, item).toBeGreaterThan(0);
			for (const test of tests) if (!testExists(test)) expect.fail(`${item}: no test "${test}"`);
		}
		expect(testExists("sync/mutex: gives away the value")).toBe(false);
	});

	it("has a reason for each item that is not, and no other reasons", () => {
		const used = new Set(all.flatMap(({ status, why }) => (status === "done" ? [] : [why ?? "none"])));
		expect([...used].sort()).toEqual(Object.keys(reasons).sort());
	});
});
