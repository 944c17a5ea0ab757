/** What all detectors have in common. */
import type { Observer } from "../observe.ts";
import type { Finding } from "../reporter.ts";

/** @internal Observes the runtime and tells what it finds. */
export interface Detector extends Observer {
	/** Every {@link BEAT_MS} of the host's clock, as well as the loop allows. */
	beat?(now: number): void;
	/** The host's loop has run dry (`beforeExit`). */
	dry?(): void;
	/** The process exits: the last chance to tell. */
	exit?(): void;
	/** It is switched off. */
	close?(): void;
}

/** @internal */
export type Tell = (finding: Finding) => void;

/** @internal */
export const BEAT_MS = 100;
