// `npm run test:random COUNT [FROM] [-- filter…]`: so many random programs of each kind instead of the usual number, beginning with this seed.
// `npm run test:random 1 SEED` replays one.
import { spawnSync } from "node:child_process";
import { root } from "./exports.mjs";

const [count = "10000", ...rest] = process.argv.slice(2);
const from = /^\d+$/.test(rest[0] ?? "") ? rest.shift() : "1";
const { status } = spawnSync(
	process.execPath,
	["node_modules/vitest/vitest.mjs", "run", "packages/yamanote/test/random", ...rest],
	{ cwd: root, stdio: "inherit", env: { ...process.env, YAMANOTE_SEEDS: count, YAMANOTE_SEED: from } },
);
process.exitCode = status ?? 1;
