import { parentPort } from "node:worker_threads";
import * as work from "../../lib/jobs.mjs";

parentPort.on("message", ({ id, name, arg }) => parentPort.postMessage({ id, result: work[name](arg) }));
