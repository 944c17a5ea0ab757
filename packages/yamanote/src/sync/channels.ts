/** The kinds of channels, each a namespace: `mpsc.channel`, `oneshot.channel`. */
import * as broadcast from "./broadcast/index.ts";
import * as mpmc from "./mpmc/index.ts";
import * as mpsc from "./mpsc/index.ts";
import * as oneshot from "./oneshot.ts";
import * as watch from "./watch/index.ts";

export { broadcast, mpmc, mpsc, oneshot, watch };
