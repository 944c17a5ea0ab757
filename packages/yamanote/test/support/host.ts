/** The host's loop, for tests that look at how the runtime shares it. No real time passes here. */

const { setImmediate, MessageChannel } = globalThis as unknown as {
	setImmediate?: (f: () => void) => void;
	MessageChannel: typeof globalThis.MessageChannel;
};

/** One turn of the host's loop: everything that microtasks can do is done before and after. */
export function hostTurn(): Promise<void> {
	if (setImmediate !== undefined) return new Promise((resolve) => setImmediate(resolve));
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(0);
	});
}

/** Some turns of the host's loop. */
export async function hostTurns(count: number): Promise<void> {
	for (let i = 0; i < count; i++) await hostTurn();
}

/** Lets microtasks run: `count` hops, no turn of the host's loop. */
export async function microtasks(count = 50): Promise<void> {
	for (let i = 0; i < count; i++) await undefined;
}

/** Turns of the host's loop until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
	for (let i = 0; i < 100_000; i++) {
		if (condition()) return;
		await hostTurn();
	}
	throw new Error(`it never came to this: ${condition}`);
}
