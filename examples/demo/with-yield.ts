/** The demo's programs as generators: `function*` for `async`, `yield*` for `await`. */
import { asyncFn, fromPromise, spawn, timeout, tryJoin } from "yamanote";
import { get, type Urls } from "./services.ts";

const fetchOne = asyncFn(function* (url: string) {
	return yield* fromPromise((signal) => get(url, signal));
});

/** The chapter's `fetch_all`: three independent tasks, joined within five seconds. */
export const fetchAll = asyncFn(function* ([a, b, c]: Urls) {
	return yield* timeout({ seconds: 5 }, function* () {
		const h1 = spawn(fetchOne(a));
		const h2 = spawn(fetchOne(b));
		const h3 = spawn(fetchOne(c));
		return yield* tryJoin([h1, h2, h3]);
	});
});

/** The same with owned futures: what the join loses is aborted. */
export const fetchOwned = asyncFn(function* ([a, b, c]: Urls, deadlineMs: number) {
	return yield* timeout(deadlineMs, tryJoin([fetchOne(a), fetchOne(b), fetchOne(c)]));
});

/** The accident: each request is waited for before the next is made. */
export const oneByOne = asyncFn(function* ([a, b, c]: Urls) {
	const first = yield* fetchOne(a);
	// eslint-disable-next-line yamanote/no-sequential-await -- this is what the demo measures
	const second = yield* fetchOne(b);
	const third = yield* fetchOne(c);
	return [first, second, third];
});
