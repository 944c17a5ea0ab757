/**
 * A page with a worker: primes are counted on another thread, and streamed from it, while the page stays alive. Leaving the page, or the
 * button, drops the calls, and the worker stops.
 *
 * Run me: node examples/page/serve.mjs
 */
import { each, run, tryJoin } from "yamanote";
import { primes } from "./primes.worker.ts";

const place = document.getElementById("primes") as HTMLElement;
const stop = new AbortController();
document.getElementById("stop")?.addEventListener("click", () => stop.abort());

const program = tryJoin({
	count: primes.count(200_000),
	first: function* () {
		const seen: number[] = [];
		yield* each(primes.below(50), function* (n) {
			seen.push(n);
			place.textContent = seen.join(" ");
		});
		return seen;
	},
});

run(program, { signal: stop.signal }).then(
	({ count, first }) => show(`${first.join(" ")}; ${count} below 200,000`),
	(error) => show(String(error)),
);

/** Shows it to who looks at the page, and tells the test. */
function show(text: string): void {
	place.textContent = text;
	document.getElementById("spinner")?.remove();
	(globalThis as { result?: string }).result = text;
}
