/** Collects garbage, where an engine lets a program do that. */
import { run, sleep } from "yamanote";

interface Host {
	readonly Bun?: { gc(force: boolean): void };
	readonly Deno?: unknown;
	readonly gc?: () => void;
	readonly process?: { getBuiltinModule?(name: string): unknown };
}

function collector(): (() => void) | null {
	const { Bun, gc, process } = globalThis as Host;
	if (Bun !== undefined) return () => Bun.gc(true);
	if (gc !== undefined) return gc;
	const v8 = process?.getBuiltinModule?.("node:v8") as { setFlagsFromString(flag: string): void } | undefined;
	const vm = process?.getBuiltinModule?.("node:vm") as { runInNewContext(code: string): unknown } | undefined;
	try {
		v8?.setFlagsFromString("--expose-gc");
		return (vm?.runInNewContext("gc") as (() => void) | undefined) ?? null;
	} catch {
		return null;
	}
}

/** Null where the engine has none. */
export const gc: (() => void) | null = collector();

/** Collects, and lets the detectors look, until something is so or `ms` have passed. */
export async function collected(so: () => boolean, ms = 10_000): Promise<void> {
	const end = performance.now() + ms;
	while (!so() && performance.now() < end) {
		await run(sleep(20));
		gc?.();
	}
}
