/** The entry of the bundle: what `packages/yamanote/bin/yamanote.mjs` imports. */
import { main } from "./main.ts";

/** Runs `yamanote doctor` with these arguments in this process. */
export async function doctor(args: readonly string[]): Promise<void> {
	const { env, stdin, stdout, stderr } = process;
	process.exitCode = await main(args, {
		cwd: process.cwd(),
		env,
		colour:
			env["FORCE_COLOR"] !== "0" && (stdout.isTTY || Boolean(env["FORCE_COLOR"])) && env["NO_COLOR"] === undefined,
		isTerminal: stdin.isTTY || stdout.isTTY || stderr.isTTY,
		preload: new URL("./preload.mjs", import.meta.url).href,
		out: (text) => stdout.write(text),
		err: (text) => stderr.write(text),
	});
}
