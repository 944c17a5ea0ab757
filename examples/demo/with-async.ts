/** The demo's programs in plain async functions. */
import { spawn, timeout, tryJoin } from "yamanote";
import { get, type Urls } from "./services.ts";

/** The chapter's `fetch_all`: three independent tasks, joined within five seconds. */
export function fetchAll([a, b, c]: Urls) {
	return timeout({ seconds: 5 }, async () => {
		const h1 = spawn(({ signal }) => get(a, signal));
		const h2 = spawn(({ signal }) => get(b, signal));
		const h3 = spawn(({ signal }) => get(c, signal));
		return await tryJoin([h1, h2, h3]);
	});
}

/** The same with owned futures: what the join loses is aborted. */
export function fetchOwned([a, b, c]: Urls, deadlineMs: number) {
	return timeout(
		deadlineMs,
		tryJoin([({ signal }) => get(a, signal), ({ signal }) => get(b, signal), ({ signal }) => get(c, signal)]),
	);
}

/** The accident: each request is waited for before the next is made. */
export async function oneByOne([a, b, c]: Urls) {
	const first = await get(a);
	// eslint-disable-next-line yamanote/no-sequential-await -- this is what the demo measures
	const second = await get(b);
	const third = await get(c);
	return [first, second, third];
}
