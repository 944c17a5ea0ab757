/** Whatever can be waited for, as something that a generator of ours delegates to. */
import { FnFuture } from "./frame.ts";
import { isGenerator } from "./generator.ts";
import { into } from "./into.ts";

type Root = Iterator<unknown, unknown>;

/**
 * What `yield*` in a generator of ours may delegate to: as `into`, but a bare generator is made a frame, so that its cleanup may wait.
 *
 * @internal
 */
export function delegate(f: unknown): Iterable<unknown, unknown> {
	return framed(into(f, framed)) as unknown as Iterable<unknown, unknown>;
}

function framed(root: Root): Root {
	return isGenerator(root) ? (new FnFuture(root) as unknown as Root) : root;
}
