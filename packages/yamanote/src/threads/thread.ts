/** One thread of a pool, as the pool keeps it. */
import type { HostHandle } from "../core/host.ts";
import type { WorkerLostReason } from "./error.ts";
import type { Ending, HostWorker } from "./host-worker.ts";
import type { Links } from "./links/links.ts";

/** @internal */
export class Thread {
	/** Its number on the board. */
	readonly id: number;
	/** The module that it was started with; null if a factory has started it. */
	readonly url: string | null;
	readonly startedAt: number;
	host: HostWorker | null = null;
	/** Its module is loaded. */
	ready = false;
	/** Looks whether it has come up. */
	starting: HostHandle | null = null;
	/** It was told to end: it gets nothing any more. */
	stopping: WorkerLostReason | null = null;
	/** It ends as soon as it has nothing to do. */
	retiring = false;
	/** A fresh one may start in its place before it ends. */
	leaving = false;
	/** Calls that it has ended. */
	calls = 0;
	/** Calls that it runs; counted where there is no board. */
	running = 0;
	/** What joins channels and tokens to it; null as long as there are none. */
	links: Links | null = null;
	/** When its last call ended. */
	idleSince: number;

	constructor(id: number, url: string | null, now: number) {
		this.id = id;
		this.url = url;
		this.startedAt = now;
		this.idleSince = now;
	}

	/** Channels go to it, so something may still happen there. */
	get isLinked(): boolean {
		return this.links !== null && this.links.open > 0;
	}

	stop(reason: WorkerLostReason): void {
		if (this.stopping !== null) return;
		this.stopping = reason;
		this.host?.terminate();
	}

	/** Why its calls are lost. */
	endingOf({ reason, message, cause }: Ending): Ending {
		switch (this.stopping) {
			case "killed":
				return {
					reason: "killed",
					message: "its thread was killed, since a call on it was cancelled and did not end",
					cause,
				};
			case "shutdown":
				return { reason: "shutdown", message: "its pool was shut down", cause };
			default:
				return { reason, message, cause };
		}
	}
}
