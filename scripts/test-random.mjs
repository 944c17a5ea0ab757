// `npm run test:random COUNT [FROM] [FILE…]`: so many random programs of each kind instead of the usual number, beginning with this seed.
// `npm run test:random 1 SEED` replays one. Those of threads take longer, and run when they are named: `npm run test:random 100 1 threads/random`.
import { spawnSync } from "node:child_process";
import { root } from "./exports.mjs";

const [count = "10000", ...rest] = process.argv.slice(2);
const from = /^\d+$/.test(rest[0] ?? "") ? rest.shift() : "1";
const files = rest.length > 0 ? rest : ["packages/yamanote/test/random"];
const { status } = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...files], {
	cwd: root,
	stdio: "inherit",
	env: { ...process.env, YAMANOTE_SEEDS: count, YAMANOTE_SEED: from },
});
process.exitCode = status ?? 1;
