/**
 * An HTTP handler that stops working when its client hangs up: `run(…, { signal })`.
 *
 * Servers of the Request/Response kind (Hono, Bun, Deno) have `request.signal`; with `node:http` it is three lines.
 *
 * Run me: node examples/run.mjs http-handler
 */
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { asyncFn, main, once, run, sleep, timeout, tryJoin } from "yamanote";

const log: string[] = [];

/** Borrows a connection for one query. However the query ends, the connection is given back. */
const query = asyncFn(function* (sql: string, ms: number) {
	log.push(`${sql}: begun`);
	let outcome = "cancelled";
	try {
		yield* sleep(ms);
		outcome = "done";
		return sql.length;
	} finally {
		log.push(`${sql}: ${outcome}, connection given back`);
	}
});

const page = asyncFn(function* (path: string) {
	const ms = path === "/slow" ? 60_000 : 10;
	const { user, orders } = yield* timeout(
		{ seconds: 90 },
		tryJoin({ user: query(`user of ${path}`, ms), orders: query(`orders of ${path}`, ms) }),
	);
	return `${user + orders} rows\n`;
});

const handler: RequestListener = (request, response) => {
	run(page(request.url ?? "/"), { signal: hangUp(response) }).then(
		(text) => response.end(text),
		() => response.writeHead(500).end(),
	);
};

/** Aborted when the client has gone. */
function hangUp(response: ServerResponse): AbortSignal {
	const gone = new AbortController();
	response.once("close", () => gone.abort());
	return gone.signal;
}

main(async ({ signal }) => {
	const server = createServer(handler).listen(0, "127.0.0.1");
	await once(server, "listening");
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	try {
		await fetch(`${url}/fast`, { signal }).then((response) => response.text());
		// Hangs up when its queries have begun.
		const impatient = new AbortController();
		const slow = fetch(`${url}/slow`, { signal: impatient.signal }).catch(() => {});
		while (log.length < 6) await sleep(5);
		impatient.abort();
		await slow;
		while (log.length < 8) await sleep(5);
	} finally {
		server.close();
		server.closeAllConnections();
	}
	console.log(log.join("\n"));
});
