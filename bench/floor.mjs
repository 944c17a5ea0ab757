// node bench/floor.mjs: what the engine itself takes for a yield among 200 generators, without a runtime. It bounds `yield_many`
// from below: nothing that suspends a generator can be faster. Prints nanoseconds a yield, the 10th percentile of short slices.
const TASKS = 200;
const YIELDS = 100;
const SLICES = 400;

/** As a future of ours: its own iterator and its own iterator result, ready when it is asked again. */
class Once {
	done = false;
	value = undefined;
	next() {
		this.done = this.value === true;
		this.value = true;
		return this;
	}
	[Symbol.iterator]() {
		return this;
	}
}

const programs = {
	"a plain `yield`": function* () {
		for (let i = 0; i < YIELDS; i++) yield;
	},
	"`yield*` of a new object": function* () {
		for (let i = 0; i < YIELDS; i++) yield* new Once();
	},
};

/** Resumes each in turn until all have ended: an array is the shortest run queue there is. */
function drain(generators) {
	let live = generators;
	while (live.length > 0) live = live.filter((generator) => !generator.next().done);
}

const nativeYields = () =>
	Promise.all(
		Array.from({ length: TASKS }, async () => {
			for (let i = 0; i < YIELDS; i++) await null;
		}),
	);

async function measured(slice) {
	const times = [];
	for (let i = 0; i < SLICES; i++) {
		const start = performance.now();
		await slice();
		times.push(((performance.now() - start) * 1e6) / (TASKS * YIELDS));
	}
	return times.sort((a, b) => a - b)[SLICES / 10];
}

for (const [name, program] of Object.entries(programs)) {
	const ns = await measured(() => drain(Array.from({ length: TASKS }, program)));
	console.log(`${name.padEnd(34)} ${ns.toFixed(0).padStart(4)} ns`);
}
console.log(
	`${"`await null` in an async function".padEnd(34)} ${(await measured(nativeYields)).toFixed(0).padStart(4)} ns`,
);
