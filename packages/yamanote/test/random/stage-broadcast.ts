/**
 * Senders and receivers of a broadcast channel. Each receiver gets every message since it subscribed, in order, or is told exactly how many it has
 * missed; and it misses only what the channel had no room for.
 */
import type { Async } from "yamanote";
import { broadcast, LaggedError } from "yamanote/sync";
import type { Random } from "../sync/support.ts";
import { type Actor, differ, hold, type Role, type Stage, type Step, waitAs } from "./actors.ts";

const RECEIVE = ["recv", "recv", "recv", "tryRecv", "resubscribe"];

interface Reader {
	rx: broadcast.Receiver<number>;
	/** The number of the message that is to come next. */
	next: number;
}

export function broadcastStage(random: Random): { what: string; roles: Role[]; stage: Stage } {
	const capacity = random.pick([1, 2, 3, 8]);
	/** As documented: rounded up to a power of two. */
	const room = capacity === 3 ? 4 : capacity;
	const senders = 1 + random.below(2);
	const receivers = 1 + random.below(4);
	const [tx, rx] = broadcast.channel<number>(capacity);
	const txs = Array.from({ length: senders }, () => tx.clone());
	const readers: Reader[] = [rx, ...Array.from({ length: receivers - 1 }, () => tx.subscribe())].map((end) => ({
		rx: end,
		next: 0,
	}));
	tx.release();
	const wrong: string[] = [];
	let sent = 0;
	let reading = receivers;

	const got = (reader: Reader, message: number): void => {
		wrong.push(...differ("received", message, reader.next));
		reader.next = message + 1;
	};
	const lagged = (reader: Reader, error: unknown): void => {
		if (!(error instanceof LaggedError)) throw error;
		// The oldest that there was room for comes next.
		wrong.push(...differ("missed", error.missed, sent - room - reader.next));
		reader.next += error.missed;
	};

	function* receive(reader: Reader, step: Step): Async<void, unknown> {
		try {
			if (step.op === "recv") {
				const message = yield* waitAs(step, reader.rx.recv());
				if (message?.value !== undefined) got(reader, message.value);
			} else if (step.op === "tryRecv") got(reader, reader.rx.tryRecv());
			else {
				const { rx: old } = reader;
				reader.rx = old.resubscribe();
				old.release();
				reader.next = sent;
			}
		} catch (error) {
			if (error instanceof broadcast.TryRecvError) wrong.push(...differ("left", reader.next, sent));
			else lagged(reader, error);
		}
		yield* hold(step);
	}

	const readerOf = ({ index }: Actor): Reader => readers[index - senders] as Reader;
	const stage: Stage = {
		*act(actor, step) {
			if (actor.role === "receiver") return yield* receive(readerOf(actor), step);
			for (let i = 0; i < step.count; i++) {
				try {
					const heard = txs[actor.index]?.send(sent);
					sent++;
					wrong.push(...differ("receivers", heard, reading));
				} catch (error) {
					// Nobody is left.
					if (reading > 0) throw error;
				}
			}
			yield* hold(step);
		},
		*finish(actor) {
			if (actor.role !== "receiver") return;
			const reader = readerOf(actor);
			for (;;) {
				try {
					const message = yield* reader.rx.recv();
					if (message === undefined) break;
					got(reader, message);
				} catch (error) {
					lagged(reader, error);
				}
			}
			wrong.push(...differ("in all", reader.next, sent));
		},
		leave(actor) {
			if (actor.role === "sender") return txs[actor.index]?.release();
			reading--;
			readerOf(actor).rx.release();
		},
		check: () => [...wrong, ...differ("kept", txs[0]?.len ?? 0, 0)],
	};
	const roles = [
		{ name: "sender", ops: ["send"], actors: senders },
		{ name: "receiver", ops: RECEIVE, actors: receivers },
	];
	return { what: `broadcast, capacity ${capacity}`, roles, stage };
}
