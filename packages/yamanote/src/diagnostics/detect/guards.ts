/** A guard that is held across a wait, and one that was never released. */

import { runningTask } from "../../core/shared.ts";
import { framesOf } from "../frames.ts";
import { type Hold, observeHolds } from "../holds.ts";
import { factsOf } from "../reporter.ts";
import { framesAt } from "../site.ts";
import type { Detector, Tell } from "./detector.ts";

/** The runtime has thrown the error, or will, where the program sees it. */
interface Crossed {
	readonly message: string;
	readonly takenAt: string;
	readonly waitedAt: string | undefined;
}

/** @internal */
export function guardAcrossWait(tell: Tell): Detector {
	return {
		resource(event, _of, detail) {
			if (event !== "crossed") return;
			const { message, takenAt, waitedAt } = detail as Crossed;
			const taken = framesOf(`at ${takenAt}`);
			tell({
				code: "YAMANOTE_GUARD_ACROSS_WAIT",
				message: message.replace(/: release it before.*$/, ""),
				stack: waitedAt === undefined ? taken : framesOf(`at ${waitedAt}`),
				task: factsOf(runningTask()),
				details: { takenAt: taken[0] ?? takenAt },
			});
		},
	};
}

/** @internal */
export function forgottenGuard(tell: Tell): Detector {
	const stop = observeHolds(true, (hold: Hold) => {
		const { what, task, site } = hold;
		const facts = factsOf(task);
		const by = facts === undefined ? "" : ` that task ${facts.task} took`;
		tell({
			code: "YAMANOTE_FORGOTTEN_GUARD",
			message: `a ${what}${by} was never released, and nobody can release it any more`,
			stack: framesAt(site),
			task: facts,
			details: { what },
		});
	});
	return { close: stop };
}
