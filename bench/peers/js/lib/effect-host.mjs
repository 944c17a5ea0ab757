// What Effect does with the host: worker threads and sockets.
import { Worker } from "node:worker_threads";
import * as NodeSocket from "@effect/platform-node/NodeSocket";
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer";
import * as NodeWorker from "@effect/platform-node/NodeWorker";
import { Effect, Exit, Layer, Scope } from "effect";
import * as RpcClient from "effect/rpc/RpcClient";
import { check, per } from "../../lib/checks.mjs";
import { fib } from "../../lib/jobs.mjs";
import { THREADS } from "../../lib/pool.mjs";
import { Tasks } from "./effect-rpc.mjs";

/** k copies of a task at once. */
export const times = (k, f) =>
	Effect.all(
		Array.from({ length: k }, (_, i) => f(i)),
		{ concurrency: "unbounded" },
	);

/** Worker threads the Effect way: an RPC client over a pool of two workers. Without par_sum: RPC payloads go through a schema. */
const workerPool = {
	async setup() {
		const scope = Scope.makeUnsafe();
		const protocol = RpcClient.layerProtocolWorker({ size: THREADS }).pipe(
			Layer.provide(NodeWorker.layer(() => new Worker(new URL("../workers/effect-rpc.mjs", import.meta.url)))),
		);
		const context = await Effect.runPromise(Layer.buildWithScope(protocol, scope));
		const client = await Effect.runPromise(RpcClient.make(Tasks).pipe(Effect.provide(context), Scope.provide(scope)));
		await Effect.runPromise(times(64, (i) => client.identity({ arg: i })));
		return { scope, client };
	},
	teardown: ({ scope }) => Effect.runPromise(Scope.close(scope, Exit.void)),
};

export const hostWorkloads = {
	blocking_roundtrip: {
		...workerPool,
		run: (n, { client }) =>
			Effect.runPromise(
				Effect.gen(function* () {
					for (let i = 0; i < n; i++) check("result", yield* client.identity({ arg: i }), i);
				}),
			),
	},

	blocking_burst: {
		...workerPool,
		async run(n, { client }) {
			const each = per(n, 1000);
			const caller = (id) =>
				Effect.gen(function* () {
					for (let i = 0; i < each; i++) check("result", yield* client.identity({ arg: id * each + i }), id * each + i);
				});
			await Effect.runPromise(times(1000, caller));
			return each * 1000;
		},
	},

	cpu_scale: {
		...workerPool,
		minWarm: 4,
		async run(n, { client }) {
			for (const r of await Effect.runPromise(times(n, () => client.fib({ arg: 32 })))) check("fib", r, 2178309);
		},
		serial(n) {
			for (let i = 0; i < n; i++) check("fib", fib(32), 2178309);
		},
	},

	tcp_echo: {
		async setup() {
			const scope = Scope.makeUnsafe();
			const open = Effect.gen(function* () {
				const server = yield* NodeSocketServer.make({ port: 0, host: "127.0.0.1", noDelay: true });
				const { port } = server.address;
				const echo = Effect.fnUntraced(function* (socket) {
					const writer = yield* socket.writer;
					const { pull } = yield* socket.reader;
					while (true) yield* writer.writeAll(yield* pull);
				});
				yield* Effect.forkScoped(server.run((socket) => Effect.scoped(echo(socket)).pipe(Effect.ignore)));
				return yield* times(64, () =>
					Effect.gen(function* () {
						const socket = yield* NodeSocket.makeNet({ port, host: "127.0.0.1", noDelay: true });
						const { pull } = yield* socket.reader;
						const { write } = yield* socket.writer;
						return { pull, write };
					}),
				);
			});
			return { scope, clients: await Effect.runPromise(Scope.provide(open, scope)) };
		},
		async run(n, { clients }) {
			const each = per(n, clients.length);
			const message = new Uint8Array(64).fill(120);
			await Effect.runPromise(
				times(clients.length, (c) =>
					Effect.gen(function* () {
						const { pull, write } = clients[c];
						for (let i = 0; i < each; i++) {
							yield* write(message);
							for (let got = 0; got < 64; ) for (const chunk of yield* pull) got += chunk.length;
						}
					}),
				),
			);
			return each * clients.length;
		},
		teardown: ({ scope }) =>
			Promise.race([Effect.runPromise(Scope.close(scope, Exit.void)), new Promise((r) => setTimeout(r, 500))]),
	},
};
