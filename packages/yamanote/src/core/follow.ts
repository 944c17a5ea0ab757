/**
 * Following an `AbortSignal`: whoever does stands behind one listener, since engines warn of many, and the signal of a whole server has as
 * many followers as it has requests.
 */

/** @internal */
export interface Follower {
	abort(reason: unknown): void;
}

interface Following {
	readonly followers: Set<Follower>;
	readonly listener: () => void;
}

const following: WeakMap<AbortSignal, Following> = new WeakMap();

/** @internal Aborts the follower when the signal is, which it is not yet. */
export function follow(signal: AbortSignal, follower: Follower): void {
	let made = following.get(signal);
	if (made === undefined) {
		const followers = new Set<Follower>();
		made = { followers, listener: () => abortAll(followers, signal.reason) };
		signal.addEventListener("abort", made.listener, { once: true });
		following.set(signal, made);
	}
	made.followers.add(follower);
}

/** @internal Stops following. */
export function unfollow(signal: AbortSignal, follower: Follower): void {
	const made = following.get(signal);
	if (made === undefined || !made.followers.delete(follower) || made.followers.size > 0) return;
	following.delete(signal);
	signal.removeEventListener("abort", made.listener);
}

/** One that throws keeps nobody else from being aborted. */
function abortAll(followers: Set<Follower>, reason: unknown): void {
	let thrown: { readonly error: unknown } | null = null;
	for (const follower of followers) {
		try {
			follower.abort(reason);
		} catch (error) {
			thrown ??= { error };
		}
	}
	if (thrown !== null) throw thrown.error;
}
