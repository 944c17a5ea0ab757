/** Makes random programs. */
import type { Random } from "../sync/support.ts";
import type { Kind, Node, Program, Style, Way } from "./program.ts";

export interface Form {
	/** Times are so far from each other that no two things happen at one: the outcome can be predicted. Else they are few, and all meet. */
	readonly sparse: boolean;
	/** Plain async functions can be cancelled where they wait by `await`. */
	readonly plain: boolean;
}

/** How many nodes a program has at most, but for leaves. */
const NODES = { sparse: 40, dense: 20 };
const DEPTH = 6;

const leaves = (form: Form): readonly Kind[] =>
	form.sparse ? ["sleep", "sleep", "event", "fail"] : ["sleep", "sleep", "yield", "fail", "handle", "never"];

const inner: readonly Kind[] = (
	"body body body body body body body body join tryJoin tryJoin joinSettled race select timeout timeout mapConcurrent each " +
	"FuturesUnordered JoinSet.joinAll JoinSet.joinNext retry scope scope attempt byRef withLimits spawn"
)
	.split(" ")
	.concat("spawn, owned", "spawn, aborted", "spawn, detached", "spawn, for many", "shared", "deep") as Kind[];

const takeMany = new Set<Kind>(
	"join tryJoin joinSettled race select mapConcurrent each FuturesUnordered JoinSet.joinAll JoinSet.joinNext retry".split(
		" ",
	) as Kind[],
);
const withTime = new Set<Kind>(
	["sleep", "event", "fail", "timeout", "byRef", "retry", "JoinSet.joinNext"].concat(
		"spawn, aborted",
		"spawn, detached",
	) as Kind[],
);
const styles: readonly Style[] = ["generator", "asyncFn", "nested asyncFn", "async, by run", "async, by await"];
const ways: readonly Way[] = [
	"yield*",
	"by await",
	"by run",
	"in a timeout",
	"in a scope",
	"in a task that is owned",
	"as its owner",
];
const combiners = ["join", "tryJoin", "race", "select", "mapConcurrent", "scope", "JoinSet"] as const;

class Generator {
	readonly #random: Random;
	readonly #form: Form;
	#ids = 0;
	#left: number;
	#handles = 0;

	constructor(random: Random, form: Form) {
		this.#random = random;
		this.#form = form;
		this.#left = 4 + random.below(form.sparse ? NODES.sparse : NODES.dense);
	}

	program(): Program {
		const random = this.#random;
		if (this.#form.sparse) {
			const root = this.#body(0);
			// Between two whole numbers, on which all else happens.
			return { handles: [], roots: [root], abort: random.chance(0.4) ? { ms: this.#ms() + 0.5, turns: 0 } : null };
		}
		const handles = Array.from({ length: random.below(3) }, () => this.#body(DEPTH - 2));
		this.#handles = handles.length;
		const roots = Array.from({ length: 1 + random.below(2) }, () => this.#body(0));
		return { handles, roots, abort: random.chance(0.8) ? { ms: this.#ms(), turns: random.below(6) } : null };
	}

	#ms(): number {
		const random = this.#random;
		if (!this.#form.sparse) return random.pick([0, 1, 1, 2, 3, 5, 8]);
		return (1 + random.below(random.chance(0.5) ? 1_000 : 1_000_000)) * 1_000 + random.below(1_000);
	}

	#style(): Style {
		const style = this.#random.pick(styles);
		return style === "async, by await" && !this.#form.plain ? "async, by run" : style;
	}

	#way(own: boolean): Way {
		const way = this.#random.pick(own ? ways : ways.slice(0, -1));
		return way === "by await" && !this.#form.plain ? "by run" : way;
	}

	#make(kind: Kind, parts: Partial<Node> = {}): Node {
		const plain = { of: [], ms: 0, n: 0, style: "generator", ways: [], by: "join", cleanup: null } as const;
		return { ...plain, kind, id: ++this.#ids, ...parts };
	}

	#node(depth: number): Node {
		const random = this.#random;
		if (--this.#left < 0 || depth >= DEPTH || random.chance(0.1)) return this.#leaf();
		const kind = random.pick(inner);
		if (kind === "body") return this.#body(depth);
		const some = (least: number, most: number): Node[] =>
			Array.from({ length: least + random.below(most - least + 1) }, () => this.#node(depth + 1));
		if (kind === "scope") {
			const of = [this.#body(depth + 1), ...some(0, 2)];
			return this.#make(kind, { of, style: this.#style(), ms: random.chance(0.2) ? this.#ms() : 0 });
		}
		const of = takeMany.has(kind) ? some(1, 3) : [this.#node(depth + 1)];
		return this.#make(kind, {
			of,
			ms: withTime.has(kind) ? this.#ms() : 0,
			n: this.#number(kind),
			...(kind === "spawn, for many" && {
				ways: this.#ways(2, 4, () => this.#way(false)),
				by: random.pick(combiners),
			}),
			...(kind === "shared" && {
				ways: this.#ways(1, 3, () => random.pick<Way>(["yield*", "by run", "in a timeout"])),
			}),
		});
	}

	#number(kind: Kind): number {
		const random = this.#random;
		if (kind === "mapConcurrent" || kind === "each") return 1 + random.below(3);
		if (kind === "deep") return 101 + random.below(this.#form.sparse ? 30 : 200);
		// How they are taken: by one, by two, by two who give up now and then.
		if (kind === "JoinSet.joinNext") return random.below(3);
		// How many at once; 0 is no limit.
		return kind.startsWith("join") || kind === "tryJoin" ? Math.max(0, random.below(8) - 5) : 0;
	}

	#ways(least: number, most: number, one: () => Way): Way[] {
		return Array.from({ length: least + this.#random.below(most - least + 1) }, one);
	}

	#leaf(): Node {
		const kind = this.#random.pick(leaves(this.#form));
		if (kind === "handle") {
			if (this.#handles === 0) return this.#make("sleep", { ms: this.#ms() });
			return this.#make(kind, { n: this.#random.below(this.#handles), ways: [this.#way(true)] });
		}
		if (kind === "yield") return this.#make(kind, { n: 1 + this.#random.below(4) });
		return this.#make(kind, { ms: withTime.has(kind) ? this.#ms() : 0 });
	}

	#body(depth: number): Node {
		const steps = Array.from({ length: 1 + this.#random.below(3) }, () => this.#node(depth + 1));
		return this.#make("body", { of: steps, style: this.#style(), cleanup: this.#cleanup(depth + 1) });
	}

	#cleanup(depth: number): Node | null {
		const x = this.#random.next();
		if (x < 0.3) return null;
		if (x < 0.65) return this.#make("sleep", { ms: this.#ms() });
		if (x < 0.75) return this.#make("fail", { ms: this.#ms() });
		if (this.#form.sparse) return this.#node(Math.max(depth, 3));
		// Not what never ends: nobody cuts cleanup short.
		const leaf = this.#leaf();
		return leaf.kind === "never" ? this.#make("yield", { n: 2 }) : leaf;
	}
}

export function generate(random: Random, form: Form): Program {
	return new Generator(random, form).program();
}
