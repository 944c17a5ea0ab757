import { readdirSync, readFileSync } from "node:fs";
import { run } from "yamanote";
import { parallel, ThreadPool } from "yamanote/threads";
import { jobs } from "./peers/yamanote/jobs.mjs";
import { sumSquares } from "./peers/lib/jobs.mjs";
import { mandelbrot, numbers } from "./peers/lib/pool.mjs";
const pool = new ThreadPool({ maxBlockingThreads: 2 });
const h = pool.bind(jobs);
await pool.warmUp(jobs);
const N = 20_000_000, R = 100;
const buffer = numbers(N), xs = new Float64Array(buffer);
const kinds = {
  par_sum: [() => sumSquares({ buffer, from: 0, to: N }), () => parallel(xs).chunks().sum(h.squares)],
  mandelbrot: [() => mandelbrot(R), () => parallel({ to: R }).sum(h.mandelbrotRow, R)],
};
const sched = () => Object.fromEntries(readdirSync("/proc/self/task").map((t) => [t, readFileSync(`/proc/self/task/${t}/schedstat`, "utf8").split(" ").map(Number)]));
for (const [name, [serial, par]] of Object.entries(kinds)) {
  if (process.argv[2] && process.argv[2] !== name) continue;
  const rows = [];
  for (let i = 0; i < +(process.argv[3] ?? 40); i++) {
    let a = sched(); serial(); let b = sched(); const me = String(process.pid);
    const sCpu = (b[me][0] - a[me][0]) / 1e6;
    a = sched(); const m0 = pool.metrics().runTime.count; await run(par()); b = sched();
    const calls = pool.metrics().runTime.count - m0;
    const d = Object.keys(b).map((t) => [t, (b[t][0] - (a[t]?.[0] ?? 0)) / 1e6, (b[t][2] - (a[t]?.[2] ?? 0))]).sort((x, y) => y[1] - x[1]);
    const main = d.find(([t]) => t === me); const rest = d.filter(([t]) => t !== me);
    rows.push({ sCpu, main: main[1], mainSl: main[2], w1: rest[0][1], w2: rest[1][1], other: rest.slice(2).reduce((x, y) => x + y[1], 0), calls });
  }
  const q = (f, p = 0.5) => { const v = rows.slice(8).map(f).sort((x, y) => x - y); return v[Math.floor(v.length * p)].toFixed(2); };
  console.log(name, "serial", q((r) => r.sCpu, 0.2), "| main", q((r) => r.main, 0.2), q((r) => r.main), "slices", q((r) => r.mainSl), "| w1", q((r) => r.w1, 0.2), "w2", q((r) => r.w2, 0.2), "sum", q((r) => r.w1 + r.w2, 0.2), "other", q((r) => r.other), "calls", q((r) => r.calls));
}
process.exit(0);
