// What the workloads of every JavaScript peer share: shapes, and checks of their own results.

/** Throws unless the workload computed what it should have. */
export const check = (what, got, want) => {
	if (got !== want) throw new Error(`${what}: got ${got}, expected ${want}`);
};

/** n split over k tasks: at least one each. */
export const per = (n, k) => Math.max(1, Math.floor(n / k));

/** The pseudo-random sleep of task i, 1 to 100 ms, the same in every run. */
export const sleepMs = (i) => 1 + ((Math.imul(i + 1, 2654435761) >>> 0) % 100);

/** 0 + 1 + … + (n - 1) */
export const sumTo = (n) => (n * (n - 1)) / 2;
