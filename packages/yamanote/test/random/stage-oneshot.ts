/**
 * Pairs of a oneshot channel. A message is received once, or handed back, or dropped with its receiver; who waits is told when the other has left.
 */
import { type Async, byRef, select } from "yamanote";
import { oneshot, RecvError, SendError, TryRecvError } from "yamanote/sync";
import type { Random } from "../sync/support.ts";
import { type Actor, differ, hold, type Role, type Stage, type Step, turns, waitAs } from "./actors.ts";

interface Pair {
	readonly tx: oneshot.Sender<number>;
	readonly rx: oneshot.Receiver<number>;
	state: "open" | "sent" | "received";
	sending: boolean;
	receiving: boolean;
}

export function oneshotStage(random: Random): { what: string; roles: Role[]; stage: Stage } {
	const size = 1 + random.below(4);
	const pairs = Array.from({ length: size }, (): Pair => {
		const [tx, rx] = oneshot.channel<number>();
		return { tx, rx, state: "open", sending: true, receiving: true };
	});
	const wrong: string[] = [];
	const pairOf = ({ index }: Actor): Pair => pairs[index % size] as Pair;

	const got = (pair: Pair, i: number, message: number): void => {
		wrong.push(...differ("state", pair.state, "sent"), ...differ("received", message, i));
		pair.state = "received";
	};
	const failed = (pair: Pair, error: unknown): void => {
		if (!(error instanceof RecvError)) throw error;
		// There was nothing to receive, and nobody who would send it.
		if (pair.state === "sent" || (pair.state === "open" && pair.sending)) wrong.push(`${pair.state}, and not received`);
	};

	function* send(pair: Pair, i: number, step: Step): Async<void> {
		if (step.op === "closed") {
			// Not for ever: its receiver waits for it.
			const patience = step.wait === "plain" ? "timeout" : step.wait;
			if (
				(yield* waitAs({ ...step, wait: patience }, pair.tx.closed())) !== null &&
				pair.receiving &&
				pair.state === "open"
			)
				wrong.push("closed, and is not");
		} else if (step.op === "send" && pair.state === "open") {
			try {
				pair.tx.send(i);
				pair.state = "sent";
			} catch (error) {
				if (!(error instanceof SendError)) throw error;
				wrong.push(...differ("handed back", error.value, i));
				if (pair.receiving) wrong.push("nobody receives, but one does");
			}
		}
		yield* hold(step);
	}

	function* receive(pair: Pair, i: number, step: Step): Async<void, unknown> {
		if (pair.rx.isTerminated) return;
		try {
			if (step.op === "tryRecv") got(pair, i, pair.rx.tryRecv());
			else {
				const first = yield* select({ message: byRef(pair.rx), tick: turns(step.n) });
				if (first.key === "message") got(pair, i, first.value);
			}
		} catch (error) {
			if (!(error instanceof TryRecvError)) failed(pair, error);
			else if (pair.state === "sent" || (error.kind === "closed") !== !pair.sending)
				wrong.push(`${pair.state}, and ${error.kind}`);
		}
		yield* hold(step);
	}

	const stage: Stage = {
		*act(actor, step) {
			const act = actor.role === "sender" ? send : receive;
			yield* act(pairOf(actor), actor.index % size, step);
		},
		*finish(actor) {
			const pair = pairOf(actor);
			if (actor.role === "sender" || pair.rx.isTerminated) return;
			try {
				got(pair, actor.index % size, yield* byRef(pair.rx));
			} catch (error) {
				failed(pair, error);
			} finally {
				// Dropped, it is closed.
				pair.receiving = false;
			}
		},
		leave(actor) {
			const pair = pairOf(actor);
			if (actor.role === "sender") {
				pair.sending = false;
				pair.tx[Symbol.dispose]();
			} else {
				pair.receiving = false;
				pair.rx[Symbol.dispose]();
			}
		},
		check: () => wrong,
	};
	const roles = [
		{ name: "sender", ops: ["send", "wait", "closed", "wait"], actors: size },
		{ name: "receiver", ops: ["recv", "recv", "tryRecv"], actors: size, lends: true },
	];
	return { what: "oneshot", roles, stage };
}
