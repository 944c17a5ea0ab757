// What locks and channels tell observers, and when.
import { afterEach, describe, expect, it } from "vitest";
import { Mutex, mpsc, Notify, Semaphore } from "yamanote/sync";
import { S } from "../../src/core/shared.ts";
import { mock, now } from "../sync/support.ts";

const before = S.hooks;
afterEach(() => {
	S.hooks = before;
});

/** The events of the resource that belongs to `of`. */
function observed(of: () => unknown): string[] {
	const events: string[] = [];
	S.hooks = { resource: (event: string, resource: object) => void (resource === of() && events.push(event)) } as never;
	return events;
}

describe("what is told of", () => {
	it("a lock: who waits, who gives up, who has it and releases it", () => {
		const mutex = new Mutex(0);
		const events = observed(() => mutex);
		const guard = now(mutex.lock());
		const [gone, next] = [mock(mutex.lock()).pending(), mock(mutex.lock()).pending()];
		gone.drop();
		guard.release();
		next.wokenReady().release();
		expect(events).toEqual(["hold", "wait", "wait", "leave", "release", "hold", "release"]);
	});

	it("a semaphore whose permits went to one who never looked: nobody gave up", () => {
		const semaphore = new Semaphore(0);
		const events = observed(() => semaphore);
		const granted = mock(semaphore.acquire()).pending();
		semaphore.addPermits(1);
		granted.drop();
		expect([events, semaphore.availablePermits]).toEqual([["wait"], 1]);
	});

	it("a channel: its ends, who waits for a message, and not who waits for its end", () => {
		let chan: unknown;
		const events = observed(() => chan);
		const [tx, rx] = mpsc.channel<number>(1);
		chan = tx.chan;
		const closed = mock(tx.closed()).pending();
		closed.drop();
		tx.clone();
		const recv = mock(rx.recv()).pending();
		recv.drop();
		tx.close();
		tx.close();
		rx.release();
		expect(events).toEqual(["open", "wait", "leave", "shut", "shut"]);
	});

	it("a Notify: who waits, and who gives up", () => {
		const notify = new Notify();
		const events = observed(() => notify);
		const [gone] = [mock(notify.notified()).pending(), mock(notify.notified()).pending()];
		gone?.drop();
		notify.notifyWaiters();
		expect(events).toEqual(["wait", "wait", "leave"]);
	});
});
