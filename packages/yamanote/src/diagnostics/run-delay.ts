/** For how long a thread was ready to run and did not: a busy machine is not the fault of a task. Linux tells. */
import { hostModule } from "../core/host.ts";

interface Files {
	readFileSync(path: string, encoding: "latin1"): string;
	readlinkSync(path: string): string;
}

const files = (): Files | undefined => hostModule("node:fs") as Files | undefined;

/** @internal The milliseconds of this thread so far; 0 where it is not known. A wait that still goes on is not in it. */
export function delayedMs(): number {
	try {
		return Number(files()?.readFileSync("/proc/thread-self/schedstat", "latin1").split(" ")[1]) / 1e6 || 0;
	} catch {
		return 0;
	}
}

/** @internal The file in which another thread finds the same, in nanoseconds, as the second of three numbers; null where there is none. */
export function schedstatFile(): string | null {
	try {
		const self = files()?.readlinkSync("/proc/thread-self");
		return self === undefined ? null : `/proc/${self}/schedstat`;
	} catch {
		return null;
	}
}
