/**
 * A future is lazy: calling `fetchData` sends nothing. It is polled by whoever waits for it, and only then the request goes out.
 *
 * Run me: node examples/run.mjs fetch-data
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { asyncFn, Future, fromPromise, main, once, sleep } from "yamanote";

let requests = 0;
const server = createServer((_request, response) => {
	requests++;
	response.end("forty-two bytes, of which none is of any use");
});

// Future<Uint8Array>: `reqwest::get(url).await?.bytes().await?`
const fetchData = asyncFn(function* (url: string) {
	const response = yield* fromPromise((signal) => fetch(url, { signal }));
	return new Uint8Array(yield* fromPromise(() => response.arrayBuffer()));
});

main(function* () {
	server.listen(0, "127.0.0.1");
	yield* once(server, "listening");
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	try {
		const future = fetchData(url);
		yield* sleep(20);
		console.log(`${future instanceof Future ? "a future" : "?"}: ${requests} requests so far`);
		const bytes = yield* future;
		console.log(`polled: ${requests} request, ${bytes.length} bytes`);
	} finally {
		server.close();
		server.closeAllConnections();
	}
});
