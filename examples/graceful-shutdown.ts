/**
 * A service that ends what it has begun: SIGTERM closes the door, requests in hand are answered, and what takes too long is aborted.
 *
 * `gracefulShutdown` is the signal, a `CancellationToken`, a `TaskTracker` and a deadline in one.
 *
 * Run me: node examples/run.mjs graceful-shutdown
 */
import { asyncFn, attempt, gracefulShutdown, main, select, sleep } from "yamanote";
import { mpsc, SendError } from "yamanote/sync";

const log = (line: string): void => console.log(line);

const answer = asyncFn(function* (request: string, ms: number) {
	let outcome = "aborted";
	try {
		yield* sleep(ms);
		outcome = "answered";
	} finally {
		// Also when it is aborted: connections are closed, transactions rolled back.
		log(`${request}: ${outcome}`);
	}
});

/** Stands for a network: three requests, then `docker stop`, then one that comes too late. */
const clients = asyncFn(function* (tx: mpsc.Sender<[request: string, ms: number]>) {
	yield* tx.send(["short", 20]);
	yield* tx.send(["long", 200]);
	yield* tx.send(["endless", 60_000]);
	yield* sleep(50);
	process.kill(process.pid, "SIGTERM");
	yield* sleep(50);
	const late = yield* attempt(tx.send(["late", 10]), SendError);
	log(late.ok ? "late: accepted" : "late: refused");
});

const service = gracefulShutdown(
	function* ({ spawn, stopping }) {
		const [tx, rx] = mpsc.channel<[request: string, ms: number]>(8);
		spawn(clients(tx));
		for (;;) {
			const next = yield* select({ stopping: stopping.cancelled(), request: rx.recv() }, { biased: true });
			if (next.key === "stopping" || next.value === undefined) break;
			spawn(answer(...next.value));
		}
		log("the door is closed");
		rx.close();
	},
	{ grace: { milliseconds: 500 } },
);

main(function* () {
	const { reason, aborted } = yield* service;
	log(`stopped by ${reason}, ${aborted} request aborted`);
});
