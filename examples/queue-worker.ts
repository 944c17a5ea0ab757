/**
 * Queue workers with a graceful shutdown: SIGTERM ends the wait for a new job at once, and lets the jobs in hand end.
 *
 * `main` turns the signal into a cancellation. A job is a spawned task, which is independent: cancelling the worker does not cancel it, and
 * the worker's `finally` waits for it, within a limit.
 *
 * Run me: node examples/run.mjs queue-worker
 */
import { asyncFn, main, sleep, spawn, timeout, tryJoin } from "yamanote";

const log = (line: string): void => console.log(line);
let received = 0;
let done = 0;

/** Stands for a broker's long poll. */
const receive = asyncFn(function* () {
	yield* sleep(10);
	return ++received;
});

const handle = asyncFn(function* (job: number) {
	// Ctrl-C, or `docker stop`, in the middle of the third and the fourth job.
	if (job === 4) process.kill(process.pid, "SIGTERM");
	yield* sleep(job * job * 20);
	done++;
	log(`job ${job} done`);
});

const worker = asyncFn(function* () {
	for (;;) {
		const job = spawn(handle(yield* receive()));
		try {
			yield* job;
		} finally {
			if (!job.isFinished) {
				log("stopping: one job is still in hand");
				yield* timeout({ seconds: 25 }, job.abortOnDrop());
			}
		}
	}
});

const program = asyncFn(function* () {
	try {
		yield* tryJoin([worker(), worker()]);
	} finally {
		log(`${received} jobs received, ${done} done`);
	}
});

// The time that all cleanup is given: 5 s unless it is said.
main(program(), { timeout: { seconds: 30 } });
