/** The kinds of channels, each a namespace: `mpsc.channel`, `oneshot.channel`. */
import * as mpsc from "./mpsc/index.ts";
import * as oneshot from "./oneshot.ts";

export { mpsc, oneshot };
