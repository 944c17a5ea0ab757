/** Calls of other people's modules that start something and give a promise. */
import type { Shape } from "./shape.ts";

/** Functions of Node's own modules, and of well-known packages, that start something and give a promise. */
export function moduleCall(source: string, name: string): Shape | undefined {
	const module = source.startsWith("node:") ? source.slice(5) : source;
	switch (module) {
		case "fs/promises":
		case "timers/promises":
		case "stream/promises":
		case "dns/promises":
		case "readline/promises":
			return name === "*" || name === "default" || name.startsWith("Interface") ? undefined : { is: "promise" };
		case "fs":
		case "timers":
		case "dns":
		case "stream":
			return name.startsWith("promises.") ? { is: "promise" } : undefined;
		case "events":
			return name === "once" ? { is: "promise" } : undefined;
		case "undici":
			return name === "fetch" || name === "request" ? { is: "promise" } : undefined;
		case "node-fetch":
			return name === "default" ? { is: "promise" } : undefined;
		case "axios":
		case "got":
		case "ky":
			return name === "default" || HTTP_METHODS.has(name) ? { is: "promise" } : undefined;
		default:
			return undefined;
	}
}

const HTTP_METHODS = new Set(["get", "post", "put", "patch", "delete", "head", "options", "request"]);
