import * as NodeWorkerRunner from "@effect/platform-node/NodeWorkerRunner";
import { Effect, Layer } from "effect";
import * as RpcServer from "effect/rpc/RpcServer";
import * as work from "../../lib/jobs.mjs";
import { Tasks } from "../lib/effect-rpc.mjs";

const handlers = Tasks.toLayer({
	identity: ({ arg }) => Effect.sync(() => work.identity(arg)),
	fib: ({ arg }) => Effect.sync(() => work.fib(arg)),
});

RpcServer.layer(Tasks).pipe(
	Layer.provide(handlers),
	Layer.provide(RpcServer.layerProtocolWorkerRunner),
	Layer.provide(NodeWorkerRunner.layer),
	Layer.launch,
	Effect.runFork,
);
