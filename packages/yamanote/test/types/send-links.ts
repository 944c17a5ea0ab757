// Ends of channels and tokens cross to other threads; their messages have to cross as well.
import {
	broadcast,
	CancellationToken,
	type DropGuard,
	mpmc,
	mpsc,
	oneshot,
	type SemaphorePermit,
	watch,
} from "yamanote/sync";
import type { Send } from "yamanote/threads";
import { defineWorker } from "yamanote/threads";

declare function send<const T>(value: Send<T>): void;

interface Question {
	readonly text: string;
	readonly answer: oneshot.Sender<string>;
}

const [tx, rx] = mpsc.channel<number>(1);
const [utx, urx] = mpsc.unboundedChannel<Date>();
const [mtx, mrx] = mpmc.channel<string>(1);
const [otx, orx] = oneshot.channel<Uint8Array>();
const [ftx, frx] = mpsc.channel<() => void>(1);
const [gtx, grx] = oneshot.channel<{ readonly run: () => void }>();
const [btx, brx] = broadcast.channel<number>(1);
const [wtx, wrx] = watch.channel(1);

send(tx);
send(rx);
send(utx);
send(urx);
send(mtx);
send(mrx);
send(otx);
send(orx);
send(new CancellationToken());
send({ stop: new CancellationToken().childToken(), progress: tx, replies: [otx] });
send(mpsc.channel<Question>(1)[1]);
send(mpsc.channel<oneshot.Receiver<mpsc.Sender<Question>>>(1)[0]);

// mistake: (a message of value) is a function: send data
send(ftx);

// mistake: (a message of value) is a function: send data
send(frx);

// mistake: (a message of value).run is a function
send(gtx);

// mistake: (a message of value.reply).run is a function
send({ reply: grx });

// mistake: is a resource of this thread
send(btx);

// mistake: is a resource of this thread
send(brx);

// mistake: is a resource of this thread
send(wtx);

// mistake: is a resource of this thread
send(wrx);

// mistake: value is a resource of this thread
send(undefined as unknown as SemaphorePermit);

// mistake: value is a resource of this thread
send(undefined as unknown as DropGuard);

// mistake: value is a future
send(rx.recv());

export const worker = defineWorker(import.meta.url, {
	async hash(folder: string, progress: mpsc.UnboundedSender<number>, stop: CancellationToken) {
		if (!stop.isCancelled) progress.send(folder.length);
		return 1;
	},
	open() {
		return mpsc.channel<string>(1);
	},
});

// mistake: (a message of args[0]) is a function
export const refused = defineWorker(import.meta.url, { run(_tasks: mpsc.Receiver<() => void>) {} });
