/**
 * An actor under a supervisor: it answers requests from its mailbox, crashes at one of them, and is started again; who asked is told.
 *
 * A request brings a oneshot channel for its answer. When the actor crashes, `using` closes that channel, so that nobody waits for ever; when
 * who asked has gone, the actor gives the work up. The mailbox is not the actor's, and what waits in it is answered by the next run.
 *
 * Run me: node examples/run.mjs supervisor
 */
import { type Async, asyncFn, attempt, Elapsed, each, fail, main, select, sleep, timeout } from "yamanote";
import { mpsc, oneshot, RecvError } from "yamanote/sync";

const log = (line: string): void => console.log(line);

class Crash extends Error {
	readonly code = "CRASH";
}
class TooManyCrashes extends Error {
	readonly code = "TOO_MANY_CRASHES";
}

interface Request {
	readonly item: string;
	readonly answer: oneshot.Sender<number>;
}

const appraise = asyncFn(function* (item: string) {
	yield* sleep(item === "diamond" ? 60_000 : 5);
	if (item === "bomb") return yield* fail(new Crash("a bomb has no price"));
	return item.length * 100;
});

/** One run of the actor. */
function* appraiser(mailbox: mpsc.Receiver<Request>): Async<void, Crash> {
	yield* each(mailbox, function* ({ item, answer }) {
		using reply = answer;
		const first = yield* select({ price: appraise(item), gone: reply.closed() });
		if (first.key === "gone") log(`${item}: given up`);
		else reply.send(first.value);
	});
}

/** Runs an actor again when it has crashed, so many times, after pauses that grow. */
const supervise = asyncFn(function* (start: () => Async<void, Crash>, restarts: number) {
	for (let crashes = 0; ; crashes++) {
		const ended = yield* attempt(start(), Crash);
		if (ended.ok) return;
		log(`crashed: ${ended.error.message}`);
		if (crashes === restarts) return yield* fail(new TooManyCrashes(`no more than ${restarts} restarts`));
		yield* sleep(10 * 2 ** crashes);
	}
});

const ask = asyncFn(function* (mailbox: mpsc.Sender<Request>, item: string) {
	const [answer, answered] = oneshot.channel<number>();
	yield* mailbox.send({ item, answer });
	return yield* timeout(300, answered);
});

main(function* () {
	const [requests, mailbox] = mpsc.channel<Request>(8);
	yield* select({
		supervisor: function* () {
			const ended = yield* attempt(
				supervise(() => appraiser(mailbox), 2),
				TooManyCrashes,
			);
			if (!ended.ok) log(ended.error.message);
		},
		client: function* () {
			for (const item of ["book", "bomb", "pen", "diamond", "bomb", "ring", "bomb"]) {
				const price = yield* attempt(ask(requests, item), RecvError, Elapsed);
				log(`${item}: ${price.ok ? price.value : price.error instanceof Elapsed ? "too late" : "no answer"}`);
			}
		},
	});
});
