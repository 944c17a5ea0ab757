/**
 * Senders and receivers of an mpsc or mpmc channel, bounded, without slots or without a bound. Every message that was sent is received once, in the
 * order in which they were sent, or is dropped with the channel when the last receiver has left; one that could not be sent is handed back; a send
 * that is given up has sent nothing; and every slot comes back.
 */
import type { Async } from "yamanote";
import { mpmc, mpsc, SendError, TryRecvError, TrySendError } from "yamanote/sync";
import type { Random } from "../sync/support.ts";
import { type Actor, differ, hold, type Role, type Stage, waitAs } from "./actors.ts";

const SEND = ["send", "send", "send", "trySend", "reserve", "reserveMany", "reserve, unused"];
const RECEIVE = ["recv", "recv", "recv", "tryRecv", "recvMany"];

type Ends = ReturnType<typeof mpmc.channel<number>>;

export function channelStage(random: Random): { what: string; roles: Role[]; stage: Stage } {
	const many = random.chance(0.5);
	const bounded = random.chance(0.8);
	const capacity = bounded ? random.pick([0, 1, 1, 2, 3]) : Infinity;
	// Else all receivers may leave before the senders have sent everything.
	const survivor = random.chance(0.7);
	const kind = many ? mpmc : mpsc;
	const [tx, rx] = (bounded ? kind.channel<number>(capacity) : kind.unboundedChannel<number>()) as Ends;
	const receivers = many ? 1 + random.below(3) : 1;
	const senders = 1 + random.below(3);
	const txs = Array.from({ length: senders }, () => tx.clone());
	const rxs = [rx, ...Array.from({ length: receivers - 1 }, () => rx.clone())];
	const sent: number[] = [];
	const got: number[] = [];
	const wrong: string[] = [];
	let made = 0;
	let sending = senders;
	/** The ends of those who receive. */
	const listening = new Set(rxs);

	/** Nobody receives any more: what is sent is handed back. */
	const refused = (error: unknown, value: number | undefined): void => {
		if (!(error instanceof SendError)) throw error;
		wrong.push(...differ("handed back", error.value, value));
		if (listening.size > 0) wrong.push("it is closed while somebody receives");
	};

	function* send(end: Ends[0], { role: _ }: Actor, step: Parameters<Stage["act"]>[1]): Async<void, unknown> {
		const message = made++;
		if (!bounded) {
			try {
				(end as unknown as mpsc.UnboundedSender<number>).send(message);
				sent.push(message);
			} catch (error) {
				refused(error, message);
			}
			return yield* hold(step);
		}
		if (step.op === "trySend") {
			try {
				end.trySend(message);
				sent.push(message);
			} catch (error) {
				if (!(error instanceof TrySendError)) throw error;
				wrong.push(...differ("handed back", error.value, message));
			}
			return yield* hold(step);
		}
		const single = step.op === "send";
		try {
			if (single) {
				if ((yield* waitAs(step, end.send(message))) !== null) sent.push(message);
				return;
			}
			const many = step.op === "reserveMany" && capacity > 0;
			const reserved = many ? end.reserveMany(Math.min(step.count, capacity)) : end.reserve();
			const slots = yield* waitAs<mpmc.Permits<number> | mpmc.Permit<number>, unknown>(step, reserved);
			if (slots === null) return;
			try {
				if (step.op === "reserve, unused") return yield* hold(step);
				for (const slot of slots.value instanceof mpmc.Permits ? slots.value : [slots.value]) {
					try {
						// The others hold their places meanwhile.
						yield* hold(step);
						const next = made++;
						// Its receivers may have left: it goes with the channel.
						slot.send(next);
						if (listening.size > 0) sent.push(next);
					} finally {
						slot[Symbol.dispose]();
					}
				}
			} finally {
				slots.value[Symbol.dispose]();
			}
		} catch (error) {
			refused(error, single ? message : undefined);
		}
	}

	function* receive(end: Ends[1], step: Parameters<Stage["act"]>[1]): Async<void, unknown> {
		if (step.op === "tryRecv") {
			try {
				got.push(end.tryRecv());
			} catch (error) {
				if (!(error instanceof TryRecvError)) throw error;
			}
		} else if (step.op === "recvMany") {
			const buffer: number[] = [];
			yield* waitAs(step, end.recvMany(buffer, step.count));
			got.push(...buffer);
		} else {
			const message = yield* waitAs(step, end.recv());
			if (message?.value !== undefined) got.push(message.value);
		}
		yield* hold(step);
	}

	const stage: Stage = {
		*act(actor, step) {
			if (actor.role === "sender") yield* send(txs[actor.index] as Ends[0], actor, step);
			else yield* receive(rxs[actor.index - senders] as Ends[1], step);
		},
		*finish(actor) {
			if (actor.role === "sender") return;
			const end = rxs[actor.index - senders] as Ends[1];
			if (actor.role === "receiver, to the end")
				for (let message = yield* end.recv(); message !== undefined; message = yield* end.recv()) got.push(message);
		},
		leave(actor) {
			if (actor.role !== "sender") {
				const end = rxs[actor.index - senders] as Ends[1];
				listening.delete(end);
				return end.release();
			}
			txs[actor.index]?.release();
			if (--sending > 0) return;
			const [receiver] = listening;
			if (bounded && capacity > 0 && receiver !== undefined) {
				const free = tx.capacity + receiver.len;
				if (free !== capacity) wrong.push(`${free} of ${capacity} slots are free`);
			}
			tx.release();
		},
		check() {
			const all = survivor ? sent : sent.slice(0, got.length);
			return [...wrong, ...differ("received", got, all), ...(survivor ? differ("left", rx.len, 0) : [])];
		},
	};
	const roles: Role[] = [
		{ name: "sender", ops: SEND, actors: senders },
		{ name: survivor ? "receiver, to the end" : "receiver", ops: RECEIVE, actors: 1, safe: survivor },
		{ name: "receiver", ops: RECEIVE, actors: receivers - 1 },
	];
	return { what: `${many ? "mpmc" : "mpsc"}, capacity ${capacity}`, roles, stage };
}
