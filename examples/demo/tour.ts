/** `npm run demo -- all`: each part in both styles, `yield*` and plain async, measured. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { race, run, sleep } from "yamanote";
import { columns, measure, type Outcome, sideBySide, timelines } from "./report.ts";
import type { Plan, Service, Urls } from "./services.ts";
import * as plain from "./with-async.ts";
import * as starred from "./with-yield.ts";

const fine: readonly Plan[] = [{ ms: 200 }, { ms: 400 }, { ms: 300 }];
const failing: readonly Plan[] = [{ ms: 300 }, { ms: 20, fails: true }, { ms: 400 }];

const styles = [
	{ style: "yield*", ...starred },
	{ style: "plain async", ...plain },
] as const;

export async function tour(services: readonly Service[], urls: Urls): Promise<void> {
	const part = (number: number, title: string): void => console.log(`\n${number}. ${title}\n`);
	const inBoth = async (with_: readonly Plan[], f: (s: (typeof styles)[number]) => PromiseLike<readonly string[]>) => {
		const outcomes: Outcome[] = [];
		for (const s of styles) outcomes.push(await measure(s.style, services, with_, () => f(s)));
		return outcomes;
	};

	part(1, "fetch_all: three spawned tasks in tryJoin, five seconds for all of it. About the time of the slowest.");
	console.log(sideBySide(services, await inBoth(fine, (s) => run(s.fetchAll(urls)))));

	part(2, "One fails. Spawned tasks are independent: the others run on.");
	console.log(sideBySide(services, await inBoth(failing, (s) => run(s.fetchAll(urls)))));

	part(3, "One fails. Futures given to tryJoin are owned: the others are aborted.");
	console.log(sideBySide(services, await inBoth(failing, (s) => run(s.fetchOwned(urls, 5_000)))));

	part(4, "The deadline of 60 ms passes: all are aborted.");
	console.log(sideBySide(services, await inBoth(fine, (s) => run(s.fetchOwned(urls, 60)))));

	part(5, "The accident of waiting for one after the other, and the same at once.");
	for (const s of styles) {
		const one = await measure(`${s.style}, one by one`, services, fine, () => run(s.oneByOne(urls)));
		const all = await measure("at once", services, fine, () => run(s.fetchOwned(urls, 5_000)));
		console.log(timelines(services, [one, all]));
	}

	part(
		6,
		"Ctrl-C in the middle: a program is interrupted 100 ms after its requests, which take five seconds, have come.",
	);
	const told: string[][] = [];
	for (const { style } of styles) told.push([style, ...(await interrupted(style, services, urls))]);
	const names = ["", ...services.map((service) => service.name), "it printed", "exit code"];
	console.log(columns(names.map((name, i) => [name, ...told.map((column) => column[i] ?? "")])));
}

/** Runs `ctrl-c.js` in a process of its own, and interrupts it: what became of each request, its output, its exit code. */
async function interrupted(style: string, services: readonly Service[], urls: Urls): Promise<string[]> {
	for (const service of services) service.begin({ ms: 5_000 });
	const child = spawn(process.execPath, [fileURLToPath(new URL("ctrl-c.js", import.meta.url)), style, ...urls]);
	let output = "";
	const take = (chunk: Buffer): void => {
		output += chunk;
	};
	child.stdout.on("data", take);
	child.stderr.on("data", take);
	const closed = new Promise((done) => child.on("close", done));
	await race([
		closed,
		async () => {
			while (services.some((service) => service.visits.length === 0)) await sleep(5);
			await sleep(100);
			child.kill("SIGINT");
		},
	]);
	const code = await closed;
	await Promise.all(services.map((service) => service.quiet()));
	const visits = services.map((service) => service.visits[0]);
	const start = Math.min(...visits.map((visit) => visit?.begun ?? Infinity));
	const became = visits.map((visit) =>
		visit === undefined ? "never asked" : `${visit.how} ${Math.round(visit.ended - start)} ms after the first request`,
	);
	return [...became, output.trim(), `${code}`];
}
