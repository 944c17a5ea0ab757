import { run } from "yamanote";
import { parallel, ThreadPool } from "yamanote/threads";
import { jobs } from "./peers/yamanote/jobs.mjs";
import { mandelbrotRow, sumSquares } from "./peers/lib/jobs.mjs";
import { mandelbrot, numbers } from "./peers/lib/pool.mjs";
const pool = new ThreadPool({ maxBlockingThreads: 2 });
const h = pool.bind(jobs);
await pool.warmUp(jobs);
const N = 20_000_000, R = 400;
const buffer = numbers(N), xs = new Float64Array(buffer);
const kinds = {
  par_sum: [() => sumSquares({ buffer, from: 0, to: N }), () => parallel(xs, ).chunks().sum(h.squares)],
  mandelbrot: [() => mandelbrot(R), () => parallel({ to: R }).sum(h.mandelbrotRow, R)],
};
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
const only = process.argv[2];
for (const [name, [serial, par]] of Object.entries(kinds)) {
  if (only && only !== name) continue;
  const rows = [];
  for (let i = 0; i < 25; i++) {
    let t = performance.now(), c = cpu(); serial(); const s = [performance.now() - t, cpu() - c];
    const m0 = pool.metrics().runTime; t = performance.now(); c = cpu(); await run(par()); const p = [performance.now() - t, cpu() - c];
    const m1 = pool.metrics().runTime;
    rows.push({ sWall: s[0], sCpu: s[1], pWall: p[0], pCpu: p[1], busy: m1.mean * m1.count - m0.mean * m0.count, calls: m1.count - m0.count });
  }
  const med = (f) => { const v = rows.slice(5).map(f).sort((a, b) => a - b); return v[v.length >> 1]; }, min = (f) => Math.min(...rows.slice(5).map(f));
  console.log(name, "serial wall/cpu min", min((r) => r.sWall).toFixed(1), min((r) => r.sCpu).toFixed(1), "par wall/cpu min", min((r) => r.pWall).toFixed(1), min((r) => r.pCpu).toFixed(1),
    "speedup min/min", (min((r) => r.sWall) / min((r) => r.pWall)).toFixed(2), "med", med((r) => r.sWall / r.pWall).toFixed(2), "cpu ratio med", med((r) => r.pCpu / r.sCpu).toFixed(3),
    "busy/cpu", med((r) => r.busy / r.sCpu).toFixed(3), "busy/(2 wall)", med((r) => r.busy / 2 / r.pWall).toFixed(3), "calls", med((r) => r.calls));
}
process.exit(0);
