/** Turns of the host's loop by messages to oneself, which come sooner than timers. */

let port: MessagePort | undefined;
const turns: (() => void)[] = [];

/** @internal Calls `f` in a later turn. False where the engine has no `MessageChannel`. */
export function messageTurn(f: () => void): boolean {
	if (typeof MessageChannel === "undefined") return false;
	if (port === undefined) {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => turns.shift()?.();
		port = port2;
	}
	turns.push(f);
	port.postMessage(0);
	return true;
}
