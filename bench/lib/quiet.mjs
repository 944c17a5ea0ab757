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

/** Time that may go into waiting and measuring again: so much at first, and a part of what the kept runs took. */
const GRACE_SECONDS = 30;
const GRACE_PART = 0.3;

/**
 * Keeps measurements apart from what others do with the machine. Each is made when others use little, and again, at most
 * `tries` times, where they used more meanwhile; the quietest try is kept, whatever its figures. On a machine that
 * is never quiet this is given up after a while: each is then made once, and its result says how busy others were.
 *
 * @param {{ tries: number, graceSeconds?: number, watching?: typeof watch, sleep?: (ms: number) => Promise<void>,
 *   now?: () => number, onBusy?: () => void }} options
 */
export function quietly({
	tries,
	graceSeconds = GRACE_SECONDS,
	watching = watch,
	sleep = pause,
	now = () => performance.now(),
	onBusy = () => {},
}) {
	let grace = graceSeconds;
	let toldBusy = false;

	const spend = (seconds) => {
		grace -= seconds;
		if (grace > 0 || toldBusy) return;
		toldBusy = true;
		onBusy();
	};

	const waitForQuiet = async () => {
		while (grace > 0) {
			const others = watching();
			await sleep(200);
			if ((others() ?? 0) <= BUSY) return;
			spend(0.2);
		}
	};

	/**
	 * @template T
	 * @param {() => Promise<T>} measure
	 * @returns {Promise<T & { other_cpu?: number, tries: number }>}
	 */
	return async (measure) => {
		let best;
		let made = 0;
		do {
			if (tries > 1) await waitForQuiet();
			const others = watching();
			const start = now();
			const result = await measure();
			const seconds = (now() - start) / 1000;
			const other = others();
			made++;
			if (made === 1) grace += seconds * GRACE_PART;
			else spend(seconds);
			if (!best || other < best.other_cpu) best = { ...result, ...(other !== undefined && { other_cpu: other }) };
		} while (made < tries && grace > 0 && (best.other_cpu ?? 0) > BUSY);
		return { ...best, tries: made };
	};
}
