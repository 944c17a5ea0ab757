import { asyncFn, spawn } from "yamanote";
import { mpsc, oneshot } from "yamanote/sync";
import { check, per, sumTo } from "../lib/checks.mjs";
import { programs } from "./program.mjs";

const pingPong = (rounds) => {
	const [pingTx, pingRx] = mpsc.channel(1);
	const [pongTx, pongRx] = mpsc.channel(1);
	return [
		spawn(function* () {
			for (let i = 0; i < rounds; i++) {
				yield* pingTx.send(i);
				check("pong", yield* pongRx.recv(), i);
			}
		}),
		spawn(function* () {
			for (let i = 0; i < rounds; i++) yield* pongTx.send(yield* pingRx.recv());
		}),
	];
};

const consume = (rx, count) =>
	spawn(function* () {
		let sum = 0;
		for (let i = 0; i < count; i++) sum += yield* rx.recv();
		return sum;
	});

export const workloads = programs({
	ping_pong: asyncFn(function* (n) {
		for (const handle of pingPong(n)) yield* handle;
	}),

	ping_pong_1k: asyncFn(function* (n) {
		const each = per(n, 1000);
		const handles = Array.from({ length: 1000 }, () => pingPong(each)).flat();
		for (const handle of handles) yield* handle;
		return each * 1000;
	}),

	mpsc_bounded: asyncFn(function* (n) {
		const each = per(n, 5);
		const [tx, rx] = mpsc.channel(100);
		const sum = consume(rx, each * 5);
		for (let producer = 0; producer < 5; producer++) {
			spawn(function* () {
				for (let i = 0; i < each; i++) yield* tx.send(i);
			});
		}
		check("sum", yield* sum, sumTo(each) * 5);
		return each * 5;
	}),

	mpsc_unbounded: asyncFn(function* (n) {
		const each = per(n, 5);
		const [tx, rx] = mpsc.unboundedChannel();
		const sum = consume(rx, each * 5);
		for (let producer = 0; producer < 5; producer++) {
			spawn(function* () {
				for (let i = 0; i < each; i++) tx.send(i);
			});
		}
		check("sum", yield* sum, sumTo(each) * 5);
		return each * 5;
	}),

	oneshot: asyncFn(function* (n) {
		let sum = 0;
		for (let i = 0; i < n; i++) {
			const [tx, rx] = oneshot.channel();
			tx.send(i);
			sum += yield* rx;
		}
		check("sum", sum, sumTo(n));
	}),
});
