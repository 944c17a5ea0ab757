/** What the demo measures, and how it is laid out in a terminal. */
import { Elapsed } from "yamanote";
import { type Plan, Refused, type Service, type Visit } from "./services.ts";

/** One way to make the three requests: what its caller saw, and what the services say. */
export interface Outcome {
	readonly head: string;
	readonly caller: string;
	/** Milliseconds until the caller knew. */
	readonly knewAt: number;
	/** Milliseconds until no service worked any more. */
	readonly quietAt: number;
	/** What each service says, in the order of the services; times count from the start. */
	readonly visits: readonly (Visit | undefined)[];
}

const since = (visit: Visit, start: number): Visit => ({
	...visit,
	begun: visit.begun - start,
	ended: visit.ended - start,
});

/** Makes the services behave by the plans, starts `requests`, and waits until both the caller and the services are done. */
export async function measure(
	head: string,
	services: readonly Service[],
	plans: readonly Plan[],
	requests: () => PromiseLike<readonly string[]>,
): Promise<Outcome> {
	services.forEach((service, i) => {
		service.begin(plans[i] as Plan);
	});
	const start = performance.now();
	const caller = await requests().then((texts) => `has ${texts.length} answers`, failure);
	const knewAt = performance.now() - start;
	await Promise.all(services.map((service) => service.quiet()));
	const visits = services.map(({ visits: [visit] }) => visit && since(visit, start));
	return { head, caller, knewAt, quietAt: Math.max(...visits.map((visit) => visit?.ended ?? 0)), visits };
}

function failure(error: unknown): string {
	if (error instanceof Elapsed) return "Elapsed";
	return error instanceof Refused ? `error ${error.status}` : String(error);
}

const ms = (time: number): string => `${Math.round(time)} ms`;

/** Rows of cells, as columns. */
export function columns(rows: readonly (readonly string[])[]): string {
	const widths: number[] = [];
	for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
	const line = (row: readonly string[]): string =>
		row.map((cell, i) => cell.padEnd((widths[i] as number) + 3)).join("");
	return rows.map((row) => `  ${line(row)}`.trimEnd()).join("\n");
}

/** Outcomes side by side: one column each. */
export function sideBySide(services: readonly Service[], outcomes: readonly Outcome[]): string {
	const row = (name: string, cell: (o: Outcome) => string): string[] => [name, ...outcomes.map(cell)];
	const rows = [
		row("", (o) => o.head),
		row("the caller", (o) => `${o.caller} at ${ms(o.knewAt)}`),
		...services.map((service, i) =>
			row(service.name, ({ visits: { [i]: visit } }) =>
				visit === undefined ? "never asked" : `${visit.how} at ${ms(visit.ended)}`,
			),
		),
		row("left running", leftRunning),
	];
	return columns(rows);
}

/** Requests that were still being served when the caller knew already, beyond the time it takes to hang up. */
function leftRunning({ visits, knewAt }: Outcome): string {
	const late = visits.filter((visit) => visit !== undefined && visit.how !== "aborted" && visit.ended > knewAt + 10);
	const spent = late.reduce((sum, visit) => sum + (visit as Visit).ended - knewAt, 0);
	if (late.length === 0) return "nothing";
	return `${late.length} request${late.length === 1 ? "" : "s"}, ${ms(spent)} of work for nobody`;
}

const BAR = 36;

/** When each service worked, outcomes beside each other on one scale. */
export function timelines(services: readonly Service[], outcomes: readonly Outcome[]): string {
	const scale = BAR / Math.max(...outcomes.map((o) => o.quietAt));
	const rows = [
		["", ...outcomes.map((o) => `${o.head}, ${ms(o.knewAt)}`)],
		...services.map((service, i) => [
			service.name,
			...outcomes.map(({ visits: { [i]: visit } }) => {
				if (visit === undefined) return "";
				const from = Math.round(visit.begun * scale);
				const to = Math.max(from + 1, Math.round(visit.ended * scale));
				return `${"·".repeat(from)}${"█".repeat(to - from)}`.padEnd(BAR, "·");
			}),
		]),
	];
	return columns(rows);
}
