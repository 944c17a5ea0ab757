// A setup file of vitest on Node: a test that never lets the event loop turn (a run queue that starves its host, say)
// cannot be timed out from inside. A thread notices, names the test, and ends the process. It counts what the process
// has computed meanwhile, for on a busy machine a test that is merely slow waits for its turn.
import { Worker } from "node:worker_threads";
import { beforeEach, expect } from "vitest";

const seconds = { computed: 30, waited: 180 };
const beats = new Int32Array(new SharedArrayBuffer(4));
const title = new Uint8Array(new SharedArrayBuffer(1024));

const watch = `
const { workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const { beats, title, seconds } = workerData;
let last = -1, since = 0, computed = 0;
setInterval(() => {
  const beat = Atomics.load(beats, 0);
  const { user, system } = process.cpuUsage();
  if (beat !== last) {
    last = beat;
    since = performance.now();
    computed = user + system;
  }
  const still = Math.round((performance.now() - since) / 1000);
  if (still < seconds.waited && user + system - computed < seconds.computed * 1e6) return;
  const name = Buffer.from(title).toString().replace(/\\0+$/, "");
  writeSync(2, "\\nThe event loop has not turned for " + still + " s in: " + (name || "(no test)") + "\\n");
  process.kill(process.pid, "SIGKILL");
}, 1000);
`;

if (!process.execArgv.some((flag) => flag.includes("--inspect"))) {
	const worker = new Worker(watch, { eval: true, workerData: { beats, title, seconds }, execArgv: [] });
	worker.unref();
	setInterval(() => Atomics.add(beats, 0, 1), 500).unref();
	beforeEach(() => {
		const { testPath, currentTestName } = expect.getState();
		title.fill(0);
		new TextEncoder().encodeInto(`${testPath} > ${currentTestName}`, title);
	});
}
