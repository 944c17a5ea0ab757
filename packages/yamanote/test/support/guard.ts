/** A value that must be released when nobody receives it, as guards and permits of the library are. */

const kRelease: unique symbol = Symbol.for("yamanote.release.v1") as never;

export class Guard implements Disposable {
	released = 0;
	readonly name: string;

	constructor(name = "guard") {
		this.name = name;
	}

	/** What the library calls when it discards a value. */
	[kRelease](): void {
		this.released++;
	}

	/** What the user calls. */
	[Symbol.dispose](): void {
		this.released++;
	}
}
