/**
 * What the watching thread runs: it looks at the beat of the main thread's polls, and sees when one goes on for too long, while it does.
 *
 * `cells[BUSY]` is 1 while tasks are polled, and `cells[BEAT]` changes with each poll. The same beat, tick after tick, is one long poll; its stack is taken by pausing the main thread for a
 * moment, where the engine lets another thread do that. While it is paused the beat stands still, so the stack is known to belong to that poll.
 */

/** @internal Cells of the shared array. */
export const BEAT = 0;
/** @internal The beat of the poll that is too long; {@link ALWAYS} while no thread looks. */
export const LONG = 1;
/** @internal Each poll is to look at the clock. */
export const ALWAYS = -1;
/** @internal 1 while the run queue is drained. */
export const BUSY = 2;
/** @internal The beat of the poll whose stack was asked for. */
export const SAMPLED = 3;

/** @internal The program, as CommonJS: it must run without a file of its own. */
export const watchSource = `
"use strict";
const { workerData } = require("node:worker_threads");
const fs = require("node:fs");
const { cells, since, port, tickMs, longMs, neverMs, sampling, key, schedstat } = workerData;
const now = () => performance.timeOrigin + performance.now();
let Session = null;
if (sampling) {
  try {
    const inspector = require("node:inspector");
    // A debugger is there: it would stop at each sample.
    if (inspector.url() === undefined) Session = inspector.Session;
  } catch {}
}
let last = -1, seen = 0, sampled = -1, never = -1, again = 0, asked = null, allowance = 3, delay = -1;
setInterval(() => { if (allowance < 3) allowance++; }, 500);

// The session lasts for one sample: a process waits at its exit until all have gone.
function ask(beat, telling) {
  if (Session === null || asked !== null) return false;
  const session = new Session();
  try {
    session.connectToMainThread();
  } catch {
    Session = null;
    return false;
  }
  asked = { beat, telling, session };
  // What the inspector takes is not the poll's time. It begins when the main thread answers: until then the poll runs
  // on, for ever so long where it is in a call that cannot be paused.
  const before = Atomics.load(cells, 3) === beat ? since[3] : 0;
  let begun = 0, waited = 0;
  since[2] = 0;
  since[3] = before;
  Atomics.store(cells, 3, beat);
  const answered = () => {
    if (begun > 0) return;
    begun = now();
    waited = delayed();
    if (Atomics.load(cells, 3) !== beat) return;
    since[4] = waited;
    since[2] = begun - before;
    since[3] = 0;
  };
  // Call frames do not tell it.
  const urls = new Map();
  session.on("Debugger.scriptParsed", ({ params }) => {
    answered();
    urls.set(params.scriptId, params.url);
  });
  session.on("Debugger.paused", ({ params }) => {
    answered();
    const go = () => {
      if (Atomics.load(cells, 3) === beat) since[3] = Math.max(1e-3, before + now() - begun - (delayed() - waited));
      session.post("Debugger.resume");
      done(session);
    };
    if (Atomics.load(cells, 0) !== beat || asked?.session !== session) return go();
    const stack = params.callFrames.slice(0, 30).map((f) => [f.functionName, urls.get(f.location.scriptId) ?? "", f.location.lineNumber + 1, f.location.columnNumber + 1]);
    if (telling) {
      // In a frame of the engine's own modules the globals have other names.
      const { callFrameId } = params.callFrames.find((f) => !/^(node:|$)/.test(urls.get(f.location.scriptId) ?? "")) ?? params.callFrames[0];
      const expression = "globalThis[Symbol.for(" + JSON.stringify(key) + ")]?.(" + beat + "," + JSON.stringify(stack) + ")";
      session.post("Debugger.evaluateOnCallFrame", { callFrameId, expression, silent: true }, (_, told) => {
        // It was not, for the machine was busy: later, then.
        if (told?.result?.value === false) {
          never = -1;
          again = now() + neverMs / 4;
        }
        go();
      });
    } else {
      port.postMessage({ beat, stack });
      go();
    }
  });
  session.post("Debugger.enable", answered);
  session.post("Debugger.pause");
  return true;
}
function done(session) {
  if (asked?.session !== session) return;
  asked = null;
  session.post("Debugger.disable", () => session.disconnect());
}
// How long the main thread was ready to run and did not, in milliseconds: a busy machine is not its fault. Linux tells,
// as soon as it runs again; so the main thread reckons once more.
let stat = -1;
try { if (schedstat !== null) stat = fs.openSync(schedstat, "r"); } catch {}
const text = Buffer.alloc(128);
function delayed() {
  if (stat < 0) return 0;
  try {
    return Number(text.toString("latin1", 0, fs.readSync(stat, text, 0, 128, 0)).split(" ")[1]) / 1e6 || 0;
  } catch {
    return 0;
  }
}
setInterval(() => {
  const beat = Atomics.load(cells, 0);
  const t = now();
  if (beat !== last || Atomics.load(cells, 2) === 0) {
    // It gave way before it could be paused: the pause must not hit whoever comes next.
    if (beat !== last && asked !== null && asked.beat !== beat) {
      port.postMessage({ beat: asked.beat, stack: null });
      done(asked.session);
    }
    last = beat;
    seen = t;
    delay = Atomics.load(cells, 2) === 0 ? -1 : delayed();
    return;
  }
  const held = t - seen - (delay < 0 ? 0 : delayed() - delay) - (Atomics.load(cells, 3) === beat ? since[3] : 0);
  if (held >= longMs * 0.6 && sampled !== beat) {
    sampled = beat;
    if (allowance === 0 || !ask(beat, false)) port.postMessage({ beat, stack: null });
    else allowance--;
  }
  if (held >= longMs - tickMs && Atomics.load(cells, 1) !== beat) {
    since[0] = seen;
    since[1] = delay;
    Atomics.store(cells, 1, beat);
  }
  if (held >= neverMs && never !== beat && t >= again && ask(beat, true)) never = beat;
}, tickMs);
port.postMessage({ ready: true });
`;
