/** Senders and receivers of a watch channel: what a receiver sees only grows, and whoever waits sees the last value. */
import type { Async } from "yamanote";
import { RecvError, SendError, watch } from "yamanote/sync";
import type { Random } from "../sync/support.ts";
import { type Actor, differ, hold, type Role, type Stage, type Step, waitAs } from "./actors.ts";

const SEND = ["send", "send", "sendModify", "sendIfModified"];
const RECEIVE = ["changed", "changed", "waitFor", "borrow", "clone"];

export function watchStage(random: Random): { what: string; roles: Role[]; stage: Stage } {
	const senders = 1 + random.below(2);
	const receivers = 1 + random.below(4);
	const [tx, rx] = watch.channel(0);
	const txs = Array.from({ length: senders }, () => tx.clone());
	const rxs = [rx, ...Array.from({ length: receivers - 1 }, () => rx.clone())];
	tx.release();
	const seen = rxs.map(() => 0);
	const wrong: string[] = [];
	let value = 0;
	let reading = receivers;
	let sending = senders;

	const see = (i: number, now: number): void => {
		wrong.push(...differ("seen", now, value));
		if (now < (seen[i] as number)) wrong.push(`${now} after ${seen[i]}`);
		seen[i] = now;
	};
	const ended = (error: unknown): void => {
		if (!(error instanceof RecvError)) throw error;
		wrong.push(...differ("senders", sending, 0));
	};

	function* receive(i: number, step: Step): Async<void, unknown> {
		const end = rxs[i] as watch.Receiver<number>;
		try {
			if (step.op === "changed") {
				if ((yield* waitAs(step, end.changed())) !== null) {
					// It cannot be asked when all senders are gone.
					if (end.borrow() === seen[i] || (sending > 0 && end.hasChanged())) wrong.push("changed, but not, or again");
					see(i, end.borrowAndUpdate());
				}
			} else if (step.op === "waitFor") {
				const least = (seen[i] as number) + step.count;
				// What it has looked at is seen, also if it gives up then.
				const enough = (now: number): boolean => {
					see(i, now);
					return now >= least;
				};
				yield* waitAs(step, end.waitFor(enough));
			} else if (step.op === "borrow") see(i, end.borrowAndUpdate());
			else {
				// One that is made of another has seen as much, and waits beside it.
				const other = end.clone();
				try {
					wrong.push(...differ("as changed", other.hasChanged(), end.hasChanged()));
					yield* waitAs({ ...step, wait: "timeout" }, other.changed());
				} finally {
					other.release();
				}
			}
		} catch (error) {
			ended(error);
		}
		yield* hold(step);
	}

	const numberOf = ({ index }: Actor): number => index - senders;
	const stage: Stage = {
		*act(actor, step) {
			if (actor.role === "receiver") return yield* receive(numberOf(actor), step);
			const end = txs[actor.index] as watch.Sender<number>;
			try {
				if (step.op === "send") end.send(value + 1);
				else if (step.op === "sendModify") end.sendModify((ref) => void ref.value++);
				else if (
					!end.sendIfModified((ref) => {
						if (step.count === 1) return false;
						ref.value++;
						return true;
					})
				)
					value--;
				value++;
			} catch (error) {
				if (!(error instanceof SendError) || reading > 0) throw error;
			}
			yield* hold(step);
		},
		*finish(actor) {
			if (actor.role !== "receiver") return;
			const i = numberOf(actor);
			const end = rxs[i] as watch.Receiver<number>;
			try {
				for (;;) {
					yield* end.changed();
					see(i, end.borrowAndUpdate());
				}
			} catch (error) {
				ended(error);
			}
			wrong.push(...differ("seen last", seen[i], value));
		},
		leave(actor) {
			if (actor.role === "sender") {
				sending--;
				return txs[actor.index]?.release();
			}
			reading--;
			rxs[numberOf(actor)]?.release();
		},
		check: () => wrong,
	};
	const roles = [
		{ name: "sender", ops: SEND, actors: senders },
		{ name: "receiver", ops: RECEIVE, actors: receivers },
	];
	return { what: "watch", roles, stage };
}
