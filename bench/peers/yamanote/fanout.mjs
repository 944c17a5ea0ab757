import { asyncFn, spawn, yieldNow } from "yamanote";
import { broadcast, mpsc, watch } from "yamanote/sync";
import { check, per } from "../lib/checks.mjs";
import { programs } from "./program.mjs";

const BATCH = 1000; // below the capacity, so that no receiver lags and each delivery takes place

export const workloads = programs({
	broadcast: asyncFn(function* (n) {
		const messages = per(n, 10);
		const [tx] = broadcast.channel(1024);
		const [ack, acks] = mpsc.channel(10);
		const receivers = Array.from({ length: 10 }, () => {
			const rx = tx.subscribe();
			return spawn(function* () {
				for (let i = 0; i < messages; i++) {
					check("message", yield* rx.recv(), i);
					if ((i + 1) % BATCH === 0) yield* ack.send(true);
				}
			});
		});
		for (let i = 0; i < messages; i++) {
			tx.send(i);
			if ((i + 1) % BATCH === 0) for (let k = 0; k < 10; k++) yield* acks.recv();
		}
		for (const receiver of receivers) yield* receiver;
		return messages * 10;
	}),

	/** The sender publishes and yields until every receiver has seen as many changes as it should. */
	watch: asyncFn(function* (n) {
		const changes = per(n, 10);
		const [tx, first] = watch.channel(0);
		let live = 10;
		const receivers = Array.from({ length: 10 }, () => {
			const rx = first.clone();
			return spawn(function* () {
				for (let seen = 0; seen < changes; seen++) {
					yield* rx.changed();
					if (rx.borrow() <= seen) throw new Error("a change was seen twice");
				}
				live--;
			});
		});
		for (let value = 1; live > 0; value++) {
			tx.send(value);
			yield* yieldNow();
		}
		for (const receiver of receivers) yield* receiver;
		return changes * 10;
	}),
});
