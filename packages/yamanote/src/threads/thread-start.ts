/** How a thread that a pool has started finds out, and begins to serve. */
import { hostTurn } from "../core/host.ts";
import { hostParent, type Parent } from "./host-worker.ts";
import { loadError } from "./load-error.ts";
import * as protocol from "./protocol.ts";
import { ThreadLoop } from "./thread-loop.ts";
import { threadState } from "./thread-state.ts";

/** How long a thread that somebody else has started is kept alive for a word from a pool. */
const WAIT_TURNS = 50;

/** @internal Called by each `defineWorker`: in a thread of a pool, the first call makes it serve. */
export function joinPool(): void {
	const state = threadState();
	if (state.joined) return;
	state.joined = true;
	const parent = hostParent();
	if (parent === null) return;
	let loop: ThreadLoop | null = null;
	const begin = (init: protocol.Init): void => {
		state.started = true;
		state.loading = init.url;
		loop = new ThreadLoop(parent, state, init);
		void whenLoaded(init).then(() => {
			state.loading = null;
			loop?.start();
		});
	};
	parent.listen((message) => {
		if (message[1] === protocol.INIT) begin(message[2] as protocol.Init);
		else loop?.hear(message);
	});
	if (parent.init !== null) begin(parent.init);
	else letGo(parent, () => loop !== null);
}

/** When all of the module has run, whatever it waits for at its top level. */
async function whenLoaded({ url }: protocol.Init): Promise<void> {
	if (url === null) return new Promise((resolve) => void hostTurn(resolve)?.ref(true));
	try {
		await import(/* @vite-ignore */ /* webpackIgnore: true */ url);
	} catch (error) {
		throw loadError(url, error);
	}
}

/** No pool may have started this thread: then it must not be kept alive. */
function letGo(parent: Parent, isServing: () => boolean): void {
	let turns = WAIT_TURNS;
	const look = (): void => {
		if (isServing()) return;
		if (turns-- > 0) hostTurn(look)?.ref(true);
		else parent.ref(false);
	};
	look();
}
