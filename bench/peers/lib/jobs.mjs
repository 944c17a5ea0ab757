// The jobs that worker threads run, in every peer that has threads.

export const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
export const identity = (x) => x;
export const sumSquares = ({ buffer, from, to }) => {
	const xs = new Float64Array(buffer, from * 8, to - from);
	let sum = 0;
	for (let i = 0; i < xs.length; i++) sum += xs[i] * xs[i];
	return sum;
};
/** The same over the numbers themselves. */
export const squares = (xs) => {
	let sum = 0;
	for (let i = 0; i < xs.length; i++) sum += xs[i] * xs[i];
	return sum;
};

const POINTS = 1_000;
const DEEPEST = 1_000;

/** Steps of all points of one row of the Mandelbrot set: rows in the middle of the picture take many times as long as those at its edge. */
export const mandelbrotRow = (row, rows) => {
	const y = (2.4 * row) / rows - 1.2;
	let steps = 0;
	for (let i = 0; i < POINTS; i++) {
		const x = (3 * i) / POINTS - 2;
		let [a, b] = [0, 0];
		for (let n = 0; n < DEEPEST && a * a + b * b <= 4; n++) {
			const c = a * a - b * b + x;
			b = 2 * a * b + y;
			a = c;
			steps++;
		}
	}
	return steps;
};
/** The same, for pools whose jobs have one argument. */
export const mandelbrotJob = ([row, rows]) => mandelbrotRow(row, rows);
