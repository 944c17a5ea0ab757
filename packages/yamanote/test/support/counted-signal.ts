/** A signal that counts its listeners. */
export function counted(): { controller: AbortController; listeners(): number } {
	const controller = new AbortController();
	const { signal } = controller;
	const add = signal.addEventListener.bind(signal);
	const remove = signal.removeEventListener.bind(signal);
	let listeners = 0;
	signal.addEventListener = ((...args: Parameters<typeof add>) => {
		listeners++;
		return add(...args);
	}) as never;
	signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
		listeners--;
		return remove(...args);
	}) as never;
	return { controller, listeners: () => listeners };
}
