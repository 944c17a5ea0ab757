// The workloads: what one operation is, and how many one repetition makes unless told otherwise.
// The shape of each, and what every peer does for it, is in FAIRNESS.md.

/**
 * `grow`: what `--grow` leaves out, because a thousand of them take half a minute at any size, or because Yamanote has none; and what it times but does
 * not count, because what threads do depends on who is faster.
 *
 * @type {Record<string, { n: number, op: string, unit?: "bytes", cpu?: true, grow?: false | "timed" }>}
 */
export const WORKLOADS = {
	spawn_join: { n: 1_000_000, op: "spawn a task that returns at once, await its handle" },
	spawn_yield_join: { n: 1_000_000, op: "the same, the task yields once first" },
	yield_many: { n: 2_000_000, op: "one cooperative yield, 200 tasks" },
	ping_pong: { n: 300_000, op: "one round trip of two tasks over two channels of capacity 1" },
	ping_pong_1k: { n: 300_000, op: "the same, 1,000 pairs at once" },
	chained_spawn: { n: 200_000, op: "one spawn in a chain of 1,000, each waiting for the next" },
	mpsc_bounded: { n: 1_000_000, op: "one message, 5 producers, capacity 100" },
	mpsc_unbounded: { n: 2_000_000, op: "one message, 5 producers, no bound" },
	oneshot: { n: 500_000, op: "create, send, receive" },
	mutex_uncontended: { n: 1_000_000, op: "lock and unlock" },
	mutex_contended: { n: 200_000, op: "lock, yield inside, unlock; 10 tasks" },
	semaphore_contended: { n: 200_000, op: "take 1 of 4 permits, yield inside, give back; 20 tasks" },
	broadcast: { n: 1_000_000, op: "one message delivered to one of 10 receivers" },
	watch: { n: 200_000, op: "one change seen by one of 10 receivers" },
	join3: { n: 200_000, op: "join of three futures that yield once" },
	select2: { n: 200_000, op: "select of one that yields once and one that never ends" },
	timeout_ready: { n: 200_000, op: "a 5 s timeout around one yield" },
	sleep_many: { n: 100_000, op: "one task asleep for 1 to 100 ms (CPU time)", cpu: true },
	deep_await: { n: 20_000, op: "100 nested calls down to one yield and back" },
	deep_resume: { n: 200_000, op: "one yield at the bottom of 100 nested calls" },
	idle_tasks: { n: 200_000, op: "one parked task (resident bytes)", unit: "bytes" },
	blocking_roundtrip: { n: 20_000, op: "a trivial job on a worker thread, one at a time", grow: "timed" },
	blocking_burst: { n: 100_000, op: "the same, 1,000 in flight", grow: "timed" },
	cpu_scale: { n: 16, op: "fib(32) on 2 threads", grow: false },
	par_sum: { n: 20_000_000, op: "one element of a sum of squares on 2 threads", grow: "timed" },
	mandelbrot: { n: 400, op: "one row of the Mandelbrot set on 2 threads: skewed work", grow: false },
	tcp_echo: { n: 100_000, op: "a 64-byte round trip over loopback TCP, 64 connections", grow: false },
	service_stack: { n: 100_000, op: "one call through timeout, concurrency limit and retry" },
	stream_map: { n: 1_000_000, op: "one element through map, filter, take, sum" },
};

/** Peers that need minutes for the usual n: a smaller one, which their result line names. */
export const SMALLER_N = {
	effection: {
		spawn_join: 100_000,
		spawn_yield_join: 100_000,
		mpsc_unbounded: 100_000,
		chained_spawn: 20_000,
		join3: 20_000,
		select2: 20_000,
		timeout_ready: 20_000,
	},
};
