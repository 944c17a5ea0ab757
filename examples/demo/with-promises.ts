/** The three requests as promises alone have them. */
import { get, type Urls } from "./services.ts";

/** `Promise.all` for the requests, `Promise.race` for the deadline. */
export function allOrDeadline([a, b, c]: Urls) {
	const deadline = new Promise<never>((_, reject) => {
		setTimeout(() => reject(new Error("too late")), 5_000).unref();
	});
	return Promise.race([Promise.all([get(a), get(b), get(c)]), deadline]);
}
