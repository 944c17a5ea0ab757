// How much of the machine others use while something is measured. Linux alone tells; elsewhere nothing is said.
import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** CPUs kept busy by others during a run above which its timing is not to be trusted. */
export const BUSY = 0.15;

const TICKS = 100; // USER_HZ, the unit of /proc on every Linux that Node runs on

/** CPU seconds that the whole machine has used; what the host took away counts, too. */
function machineSeconds() {
	const [user, nice, system, , , irq, softirq, steal] = readFileSync("/proc/stat", "utf8")
		.split("\n", 1)[0]
		.split(/\s+/)
		.slice(1)
		.map(Number);
	return (user + nice + system + irq + softirq + steal) / TICKS;
}

/** CPU seconds of this process and of the children it has waited for. */
function ownSeconds() {
	const text = readFileSync("/proc/self/stat", "utf8");
	const [utime, stime, cutime, cstime] = text
		.slice(text.lastIndexOf(")") + 2)
		.split(" ")
		.slice(11, 15)
		.map(Number);
	return (utime + stime + cutime + cstime) / TICKS;
}

/** Begins to watch; the function it gives tells how many CPUs others have kept busy since, undefined if unknown. */
export function watch() {
	try {
		const machine = machineSeconds();
		const own = ownSeconds();
		const start = performance.now();
		return () => {
			const seconds = (performance.now() - start) / 1000;
			if (seconds < 0.05) return 0; // too short for a clock of 10 ms
			const busy = (machineSeconds() - machine - (ownSeconds() - own)) / seconds;
			return Math.min(cpus().length, Math.max(0, Number(busy.toFixed(2))));
		};
	} catch {
		return () => undefined;
	}
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for a moment when others use little, at most so many seconds in all; gives up for good once it has waited. */
export function patience(seconds) {
	let left = seconds;
	return async () => {
		while (left > 0) {
			const others = watch();
			await pause(500);
			const busy = others();
			if (busy === undefined || busy <= BUSY) return;
			left -= 0.5;
		}
	};
}

/**
 * Measures until a try was quiet, at most `tries` times, and keeps the quietest, whatever its figures.
 *
 * @template T
 * @param {() => Promise<T>} measure
 * @returns {Promise<T & { other_cpu?: number, tries: number }>}
 */
export async function quietest(measure, tries, startWhenQuiet = async () => {}, watching = watch) {
	let best;
	let made = 0;
	while (made < tries && !(best && (best.other_cpu ?? 0) <= BUSY)) {
		await startWhenQuiet();
		const others = watching();
		const result = await measure();
		const other = others();
		made++;
		if (!best || other < best.other_cpu) best = { ...result, ...(other !== undefined && { other_cpu: other }) };
	}
	return { ...best, tries: made };
}
