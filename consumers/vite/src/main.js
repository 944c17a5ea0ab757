import { run, sleep, spawn, timeout, tryJoin } from "yamanote";

const page = timeout(10_000, function* () {
	const background = spawn(function* () {
		yield* sleep(5);
		return "spawned";
	});
	const both = yield* tryJoin({ a: sleep(1), b: async ({ signal }) => signal.aborted });
	return `${yield* background}, ${both.b}`;
});

run(page).then(
	(text) => show(text),
	(error) => show(`failed: ${error}`),
);

function show(text) {
	globalThis.result = text;
	const place = globalThis.document?.getElementById("result");
	if (place) place.textContent = text;
}
