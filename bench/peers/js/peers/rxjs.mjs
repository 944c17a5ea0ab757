// RxJS 7: where an observable is the idiomatic answer. Push is synchronous: `range`, Subject and BehaviorSubject
// call their subscribers inside next(). A yield is a value observed on asapScheduler (a microtask).
import {
	asapScheduler,
	BehaviorSubject,
	defer,
	filter,
	forkJoin,
	lastValueFrom,
	map,
	mergeMap,
	NEVER,
	observeOn,
	of,
	race,
	range,
	reduce,
	retry,
	Subject,
	take,
	tap,
	timeout,
	timer,
} from "rxjs";
import { check, per, sleepMs, sumTo } from "../../lib/checks.mjs";

const yieldOnce = (v) => of(v).pipe(observeOn(asapScheduler));

/** Ten subscribers to a subject; resolves with their sums once each has seen `count` values. */
const tenSums = (subject, count) =>
	Promise.all(
		Array.from({ length: 10 }, () =>
			lastValueFrom(
				subject.pipe(
					take(count),
					reduce((a, v) => a + v, 0),
				),
			),
		),
	);

export const workloads = {
	// A Subject has no capacity and no queue: next() runs all ten subscribers before it returns.
	async broadcast(n) {
		const messages = per(n, 10);
		const subject = new Subject();
		const sums = tenSums(subject, messages);
		for (let i = 0; i < messages; i++) subject.next(i);
		for (const sum of await sums) check("sum", sum, sumTo(messages));
		return messages * 10;
	},

	async watch(n) {
		const changes = per(n, 10);
		const subject = new BehaviorSubject(0);
		const sums = tenSums(subject, changes + 1);
		for (let i = 1; i <= changes; i++) subject.next(i);
		for (const sum of await sums) check("sum", sum, sumTo(changes + 1));
		return changes * 10;
	},

	async join3(n) {
		for (let i = 0; i < n; i++) {
			const [a, b, c] = await lastValueFrom(forkJoin([yieldOnce(1), yieldOnce(2), yieldOnce(3)]));
			check("join", a + b + c, 6);
		}
	},

	async select2(n) {
		for (let i = 0; i < n; i++) check("winner", await lastValueFrom(race(yieldOnce(i), NEVER)), i);
	},

	async timeout_ready(n) {
		for (let i = 0; i < n; i++) check("value", await lastValueFrom(yieldOnce(i).pipe(timeout(5000))), i);
	},

	async sleep_many(n) {
		let woken = 0;
		await lastValueFrom(
			range(0, n).pipe(
				mergeMap((i) => timer(sleepMs(i))),
				tap(() => woken++),
			),
		);
		check("woken", woken, n);
	},

	// The concurrency limit is mergeMap's; the calls are values of one subject of requests.
	async service_stack(n) {
		const requests = new Subject();
		let answer;
		const served = lastValueFrom(
			requests.pipe(
				mergeMap((i) => defer(() => yieldOnce(i)).pipe(retry(2), timeout(1000)), 64),
				tap((v) => answer(v)),
			),
		);
		for (let i = 0; i < n; i++) {
			const answered = new Promise((resolve) => (answer = resolve));
			requests.next(i);
			check("value", await answered, i);
		}
		requests.complete();
		await served;
	},

	async stream_map(n) {
		const sum = await lastValueFrom(
			range(0, n).pipe(
				map((x) => x * 2),
				filter((x) => x % 4 === 0),
				take(Math.ceil(n / 2)),
				reduce((a, x) => a + x, 0),
			),
		);
		check("sum", sum, sumTo(Math.ceil(n / 2)) * 4);
	},
};
