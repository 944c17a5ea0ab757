// @engines node20 node22 node24 node26 bun deno
// Rule 5: sockets are served while tasks are ready.
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { type JoinHandle, spawn, yieldNow } from "yamanote";

/** A request to a server of this process, which answers from its own event: how long it took. */
async function request(): Promise<{ text: string; ms: number }> {
	const server = createServer((_, response) => void response.end("served"));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const before = performance.now();
	const text = await new Promise<string>((resolve, reject) => {
		get({ port, host: "127.0.0.1", agent: false }, (response) => {
			let body = "";
			response.setEncoding("utf8");
			response.on("data", (chunk: string) => {
				body += chunk;
			});
			response.on("end", () => resolve(body));
		}).on("error", reject);
	});
	const ms = performance.now() - before;
	await new Promise<void>((resolve) => server.close(() => resolve()));
	return { text, ms };
}

describe("rule 5: a socket is served", () => {
	for (const count of [1, 100_000]) {
		it(`beside ${count.toLocaleString("en")} task(s) that yield for ever`, async () => {
			const tasks: JoinHandle<unknown, unknown>[] = Array.from({ length: count }, () =>
				spawn(function* () {
					for (;;) yield* yieldNow();
				}),
			);
			const { text, ms } = await request();
			expect(text).toBe("served");
			expect(ms).toBeLessThan(10_000);
			for (const task of tasks) task.abort();
			await Promise.allSettled(tasks);
		});
	}
});
