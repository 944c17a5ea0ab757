/** Globals that every browser and every web worker has; a bundle must need no more to start. */
export function browserGlobals() {
	const names = [
		"AbortController",
		"AbortSignal",
		"DOMException",
		"Event",
		"EventTarget",
		"MessageChannel",
		"TextDecoder",
		"TextEncoder",
		"URL",
		"clearInterval",
		"clearTimeout",
		"console",
		"performance",
		"queueMicrotask",
		"setInterval",
		"setTimeout",
		"structuredClone",
	];
	return Object.fromEntries(names.map((name) => [name, globalThis[name]]));
}
