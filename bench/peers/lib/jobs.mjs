// The jobs that worker threads run, in every peer that has threads.

export const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
export const identity = (x) => x;
export const sumSquares = ({ buffer, from, to }) => {
	const xs = new Float64Array(buffer, from * 8, to - from);
	let sum = 0;
	for (let i = 0; i < xs.length; i++) sum += xs[i] * xs[i];
	return sum;
};
