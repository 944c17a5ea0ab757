/** What the doctor found: the same form for what a rule says of the sources and what the runtime says of a program. */

export type Severity = "error" | "warning" | "info";

export interface Place {
	/** The path of the file, relative to the working folder where it lies below it. */
	readonly file: string;
	/** From 1. */
	readonly line: number;
	/** From 1. */
	readonly column: number;
}

export interface Finding extends Partial<Place> {
	readonly source: "lint" | "run";
	/** The name of a rule, or of what the runtime saw. */
	readonly rule: string;
	readonly severity: Severity;
	readonly message: string;
	/** How often it was seen; 1 for what a rule says. */
	readonly count: number;
	/** Whether `--fix` mends it. */
	readonly fixable?: boolean;
	/** What could be done instead, one sentence each. */
	readonly suggestions?: readonly string[];
	/** Further lines: a stack, who holds a lock. */
	readonly details?: readonly string[];
	/** The line of the source, for the frame. */
	readonly text?: string;
	/** From 1, the column after the end on the same line. */
	readonly endColumn?: number;
}
