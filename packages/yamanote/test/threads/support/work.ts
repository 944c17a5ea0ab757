/** The functions of `fixtures/work.worker.mjs`, with their types. */
import type { CancellationToken, Message, mpmc, mpsc, oneshot } from "yamanote/sync";
import type { Remote } from "yamanote/threads";
import { load } from "../../support/built.ts";

type Flag = Int32Array;

export interface WorkFunctions {
	identity(value: unknown): unknown;
	add(a: number, b: number): number;
	count(): number;
	thread(): number;
	fib(n: number): number;
	later(value: unknown): Promise<unknown>;
	task(ms: number): Generator<never, string>;
	numbers(n: number, log?: Flag): AsyncGenerator<number>;
	failing(n: number): AsyncGenerator<number>;
	odd(): AsyncGenerator<number>;
	hole(): AsyncGenerator<number>;
	fill(n: number): Uint8Array;
	invert(bytes: Uint8Array): Uint8Array;
	function(): number;
	onlyThere(more?: unknown): unknown;
	throwing(kind: string, value?: unknown): never;
	hold(flag: Flag): string;
	spin(flag: Flag): string;
	wait(flag: Flag): Promise<boolean>;
	waitAsTask(flag: Flag): Generator<never, void>;
	forever(flag: Flag): never;
	lateFailure(flag: Flag): never;
	outsideOfCall(): [boolean, boolean];
	exit(code: number): never;
	crash(): Promise<never>;
	hoard(): never;
	sibling(n: number): Promise<[number, number, number, string]>;
	siblingStream(n: number): Promise<number[]>;
	siblingTurns(): Promise<
		[key: string, items: (number | undefined)[], failed: string[], closed: (number | undefined)[]]
	>;
	environment(name: string): Promise<[value: string | undefined, execArgv: string[], threadName: string | undefined]>;
	say(text: string): void;
	together(flag: Flag): Promise<number>;
}

export type Work = Remote<WorkFunctions>;

export interface EachFunctions {
	double(n: number): number;
	isEven(n: number): boolean;
	length(text: string): number;
	addTo(n: number, more: number): number;
	pair(n: number): { n: number; twice: number };
	sum(xs: ArrayLike<number>): number;
	span(range: { readonly from: number; readonly to: number; readonly step: number }): number;
	overwrite(xs: Float64Array): number;
	waitsIfNegative(n: number): number;
	append(a: string, b: string): string;
	square(i: number, out: Float64Array): void;
	later(n: number): Promise<number>;
	task(n: number): Generator<never, number>;
	/** The same for other tests: how long items take is remembered for each function. */
	late(n: number): Promise<number>;
	lateTask(n: number): Generator<never, number>;
	mark(i: number, times: Int32Array): void;
	skewed(us: number): number;
	millisecond(n: number): number;
	tick(n: number, count: Flag): void;
	failAt(n: number, at: number): number;
	held(n: number, flag: Flag): number;
	exitAt(n: number, at: number): number;
	thread(n: number): number;
	countHere(n: number): number;
	busy(us: number): number;
	quick(n: number): number;
	busyOnce(us: number): number;
	maybeBusy(us: number): number;
	mutate(o: { n: number }): { n: number };
	nested(n: number): Promise<number>;
	streams(n: number): AsyncGenerator<number>;
	text(n: number): number;
}

export type Each = Remote<EachFunctions>;

type Tx = mpsc.Sender<Message>;
type Rx = mpsc.Receiver<Message>;
interface Question {
	readonly question: string;
	readonly answer: oneshot.Sender<string>;
}

export interface TalkFunctions {
	produce(tx: mpsc.Sender<number>, from: number, to: number): Promise<string>;
	produceAsTask(tx: mpsc.Sender<number>, to: number, sent?: Flag): Generator<never, void>;
	produceAtOnce(tx: mpsc.UnboundedSender<number>, n: number, flag?: Flag): void;
	tryProduce(tx: mpsc.Sender<number>, n: number): [sent: number, kind?: string];
	consume(rx: Rx | mpsc.UnboundedReceiver<Message> | mpmc.Receiver<Message>): Promise<unknown[]>;
	take(rx: Rx, n: number): Promise<unknown[]>;
	closeThenDrain(rx: Rx, n: number): Promise<unknown[]>;
	keep(...ends: (Tx | Rx | oneshot.Sender<Message> | oneshot.Receiver<Message>)[]): void;
	letGo(): void;
	sendKept(value: number): number;
	tryRecvKept(): Message;
	closed(tx: Tx | oneshot.Sender<Message>): Promise<boolean>;
	answer(tx: oneshot.Sender<Message>, value: Message): void;
	received(rx: oneshot.Receiver<Message>): Promise<unknown>;
	pair(capacity: number): [tx: mpsc.Sender<number>, rx: mpsc.Receiver<number>];
	ends(): [tx: oneshot.Sender<number>, rx: oneshot.Receiver<number>];
	relay(rx: Rx, tx: Tx): Promise<void>;
	reply(rx: mpsc.Receiver<Question>): Promise<void>;
	exitWith(end: Tx | Rx | oneshot.Sender<Message> | oneshot.Receiver<Message> | CancellationToken): never;
	sendFunction(tx: mpsc.Sender<string>): Promise<void>;
	untilCancelled(token: CancellationToken, flag: Flag): Promise<[boolean, string | undefined]>;
	signalled(token: CancellationToken, flag: Flag): Promise<string>;
	cancel(token: CancellationToken, reason?: unknown): void;
	isCancelled(token: CancellationToken): boolean;
	keepToken(token: CancellationToken): void;
	isKept(token: CancellationToken): boolean;
	newToken(): CancellationToken;
	cancelKept(): void;
	keptIsCancelled(): boolean;
	tokens(token: CancellationToken): Generator<never, CancellationToken>;
	streamOfEnds(n: number): AsyncGenerator<oneshot.Receiver<number>>;
}

export type Talk = Remote<TalkFunctions>;

interface Module {
	readonly work: Work;
	readonly each: Each;
	readonly talk: Talk;
	readonly other: Remote<{ double(n: number): number }>;
	readonly NotFound: new (id: number) => Error & { readonly id: number; readonly twice: number };
}

export const loadWork = (): Promise<Module> => load<Module>("work.worker.mjs");

/** Whether pools use shared memory: `fallback.test.ts` says that there is none. */
export const sharesMemory = (): boolean =>
	(globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;

/** Words of shared memory, all 0. */
export const flags = (n = 2): Flag => new Int32Array(new SharedArrayBuffer(4 * n));

/** Lets a function go on that holds. */
export function letGo(flag: Flag): void {
	Atomics.store(flag, 0, 2);
	Atomics.notify(flag, 0);
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits turn by turn until it is so, for so many turns at most. */
export async function until(test: () => boolean, turns = 5_000_000): Promise<void> {
	for (let i = 0; !test(); i++) {
		if (i > turns) throw new Error(`it never comes true: ${test}`);
		await turn();
	}
}
