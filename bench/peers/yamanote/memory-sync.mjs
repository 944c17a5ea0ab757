// What one of each takes while it lives, and a task that waits at one of them.
import { asyncFn, spawn } from "yamanote";
import { broadcast, Mutex, mpmc, mpsc, Notify, oneshot, Semaphore, watch } from "yamanote/sync";

const never = new Notify();
const full = new Semaphore(0);
const [held] = mpsc.channel(1);
const [news] = broadcast.channel(16);
const [, cell] = watch.channel(0);

/** A task that waits for what `wait` gives, as a task does that has more to do afterwards. */
const waitFor = asyncFn(function* (wait) {
	yield* wait;
});

export const things = {
	task_at_notify: () => spawn(waitFor(never.notified())),
	task_at_semaphore: () => spawn(waitFor(full.acquire())),
	task_at_own_channel: () => {
		const [tx, rx] = mpsc.channel(16);
		spawn(waitFor(rx.recv()));
		return tx;
	},
	task_at_broadcast: () => spawn(waitFor(news.subscribe().recv())),
	task_at_watch: () => spawn(waitFor(cell.clone().changed())),
	mutex: () => new Mutex(0),
	semaphore: () => new Semaphore(4),
	mpsc_channel: () => mpsc.channel(16),
	mpsc_sender: () => held.clone(),
	mpsc_unbounded_channel: () => mpsc.unboundedChannel(),
	mpmc_channel: () => mpmc.channel(16),
	oneshot_channel: () => oneshot.channel(),
	broadcast_channel: () => broadcast.channel(16),
	watch_channel: () => watch.channel(0),
};
