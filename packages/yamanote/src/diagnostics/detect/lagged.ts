/** A receiver of a broadcast channel that has missed messages. */
import { runningTask } from "../../core/shared.ts";
import { framesOf } from "../frames.ts";
import { factsOf } from "../reporter.ts";
import { stackWordsBelow } from "../site.ts";
import type { Detector, Tell } from "./detector.ts";
import { nameOf } from "./waits.ts";

/** A receiver inside of a few combinators has that many of our frames on top of the user's. */
const FRAMES = 60;

/** @internal */
export function lagged(tell: Tell): Detector {
	return {
		resource: function resource(event, of, detail) {
			if (event !== "lagged") return;
			const { missed } = detail as { readonly missed: number };
			const { capacity } = of as { readonly capacity?: number };
			tell({
				code: "YAMANOTE_LAGGED",
				message: `${nameOf(runningTask())} was too slow for a broadcast channel with a capacity of ${capacity}, and missed ${missed} ${missed === 1 ? "message" : "messages"}`,
				stack: framesOf(stackWordsBelow(resource, FRAMES)),
				task: factsOf(runningTask()),
				details: { missed, capacity },
			});
		},
	};
}
