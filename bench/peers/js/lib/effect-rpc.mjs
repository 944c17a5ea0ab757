import { Schema } from "effect";
import * as Rpc from "effect/rpc/Rpc";
import * as RpcGroup from "effect/rpc/RpcGroup";

const task = (name) => Rpc.make(name, { payload: { arg: Schema.Number }, success: Schema.Number });

export const Tasks = RpcGroup.make(task("identity"), task("fib"));
