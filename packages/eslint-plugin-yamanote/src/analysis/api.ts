/**
 * Yamanote's surface, as far as a linter must know it: which functions give a future, which classes have methods
 * that do, and which functions take a task.
 *
 * A name that is missing here is unknown, and no rule speaks about it. Results are written in a small notation that
 * {@link parse} reads: `Future<Guard>`, `[mpsc.Sender, mpsc.Receiver]`, `Promise`, a class name, or `-` for a value
 * that is none of these.
 */
import type { Shape } from "./shape.ts";

type Results = Readonly<Record<string, string>>;

/** What a call of an exported function gives. */
const FUNCTIONS: Results = {
	// futures
	ready: "Future",
	pending: "Future",
	lazy: "Future",
	pollFn: "Future",
	byRef: "Future",
	shared: "Future",
	fail: "Future",
	attempt: "Future",
	fromPromise: "Future",
	fromCallback: "Future",
	withContext: "Future",
	acquire: "Future",
	join: "Future",
	tryJoin: "Future",
	joinSettled: "Future",
	select: "Future",
	race: "Future",
	mapConcurrent: "Future",
	retry: "Future",
	once: "Future",
	each: "Future",
	run: "Promise",
	// tasks
	spawn: "JoinHandle",
	spawnBlocking: "JoinHandle",
	scope: "Future",
	openScope: "Scope",
	"Scope.spawn": "JoinHandle",
	yieldNow: "Future",
	unconstrained: "Future",
	cooperative: "Future",
	consumeBudget: "Future",
	main: "-",
	// time
	sleep: "Future",
	sleepUntil: "Future",
	timeout: "Future",
	timeoutAt: "Future",
	deadline: "Future",
	advance: "Future",
	interval: "Interval",
	intervalAt: "Interval",
	// channels
	"mpsc.channel": "[mpsc.Sender, mpsc.Receiver]",
	"mpsc.unboundedChannel": "[mpsc.UnboundedSender, mpsc.Receiver]",
	"oneshot.channel": "[oneshot.Sender, oneshot.Receiver]",
	"broadcast.channel": "[broadcast.Sender, broadcast.Receiver]",
	"watch.channel": "[watch.Sender, watch.Receiver]",
	"mpmc.channel": "[mpmc.Sender, mpmc.Receiver]",
	"mpmc.bounded": "[mpmc.Sender, mpmc.Receiver]",
	"mpmc.unboundedChannel": "[mpmc.UnboundedSender, mpmc.Receiver]",
	"mpmc.unbounded": "[mpmc.UnboundedSender, mpmc.Receiver]",
	// threads
	transfer: "-",
	// io
	copy: "Future",
	copyBidirectional: "Future",
	copyBuf: "Future",
};

const ASYNC_READ: Results = {
	read: "Future",
	readBuf: "Future",
	readExact: "Future",
	readToEnd: "Future",
	readToString: "Future",
	readLine: "Future",
	readUntil: "Future",
};
const ASYNC_WRITE: Results = {
	write: "Future",
	writeAll: "Future",
	writeAllBuf: "Future",
	writeAllVectored: "Future",
	flush: "Future",
	shutdown: "Future",
};

/** The methods of an exported class that matter to a rule. */
const CLASSES: Readonly<Record<string, Results>> = {
	Mutex: { lock: "Future<Guard>", tryLock: "Guard", withLock: "Future" },
	SyncMutex: { lock: "SyncGuard", tryLock: "SyncGuard", withLock: "-" },
	RwLock: {
		read: "Future<Guard>",
		write: "Future<Guard>",
		tryRead: "Guard",
		tryWrite: "Guard",
		withRead: "Future",
		withWrite: "Future",
	},
	Semaphore: {
		acquire: "Future<Permit>",
		acquireMany: "Future<Permit>",
		tryAcquire: "Permit",
		tryAcquireMany: "Permit",
		withPermit: "Future",
		withPermits: "Future",
	},
	Barrier: { wait: "Future" },
	Notify: { notified: "Future" },
	OnceCell: { getOrInit: "Future", getOrTryInit: "Future" },
	SetOnce: { wait: "Future" },
	CancellationToken: {
		cancelled: "Future",
		runUntilCancelled: "Future",
		childToken: "CancellationToken",
		dropGuard: "DropGuard",
	},
	"mpsc.Sender": {
		send: "Future",
		sendTimeout: "Future",
		reserve: "Future<Permit>",
		reserveMany: "Future",
		tryReserve: "Permit",
		closed: "Future",
		clone: "mpsc.Sender",
		trySend: "-",
	},
	"mpsc.UnboundedSender": { send: "-", closed: "Future", clone: "mpsc.UnboundedSender" },
	"mpsc.Receiver": { recv: "Future", recvMany: "Future", tryRecv: "-" },
	"oneshot.Sender": { send: "-", closed: "Future" },
	"oneshot.Receiver": { tryRecv: "-" },
	"broadcast.Sender": { send: "-", subscribe: "broadcast.Receiver", closed: "Future", clone: "broadcast.Sender" },
	"broadcast.Receiver": { recv: "Future", resubscribe: "broadcast.Receiver", tryRecv: "-" },
	"watch.Sender": { send: "-", subscribe: "watch.Receiver", closed: "Future", clone: "watch.Sender" },
	"watch.Receiver": { changed: "Future", waitFor: "Future", clone: "watch.Receiver" },
	"mpmc.Sender": {
		send: "Future",
		closed: "Future",
		reserve: "Future<Permit>",
		reserveMany: "Future",
		clone: "mpmc.Sender",
		trySend: "-",
	},
	"mpmc.UnboundedSender": { send: "-", closed: "Future", clone: "mpmc.UnboundedSender" },
	"mpmc.Receiver": { recv: "Future", recvMany: "Future", clone: "mpmc.Receiver", tryRecv: "-" },
	Interval: { tick: "Future" },
	JoinHandle: { abortOnDrop: "JoinHandle", abort: "-", detach: "-" },
	JoinSet: {
		spawn: "AbortHandle",
		spawnBlocking: "AbortHandle",
		joinNext: "Future",
		joinNextWithId: "Future",
		joinAll: "Future",
		shutdown: "Future",
	},
	TaskTracker: { spawn: "JoinHandle", trackFuture: "Future", wait: "Future" },
	Scope: { spawn: "JoinHandle", run: "Promise", throwIfCancelled: "-" },
	Runtime: {
		spawn: "JoinHandle",
		spawnBlocking: "JoinHandle",
		blockOn: "Promise",
		handle: "Handle",
	},
	Handle: { spawn: "JoinHandle", spawnBlocking: "JoinHandle", blockOn: "Promise" },
	FuturesUnordered: { next: "Future" },
	// Known from parameters alone.
	TaskContext: { run: "Promise", throwIfCancelled: "-" },
	// io
	BufReader: ASYNC_READ,
	BufWriter: ASYNC_WRITE,
	BufStream: { ...ASYNC_READ, ...ASYNC_WRITE },
	TcpStream: { ...ASYNC_READ, ...ASYNC_WRITE },
	UnixStream: { ...ASYNC_READ, ...ASYNC_WRITE },
	File: { ...ASYNC_READ, ...ASYNC_WRITE },
	TcpListener: { accept: "Future" },
	UnixListener: { accept: "Future" },
	Framed: { send: "Future", next: "Future" },
	FramedWrite: { send: "Future" },
	FramedRead: { next: "Future" },
};

/** Static methods that make something: `Runtime.current()`, `TcpStream.connect()`. */
const STATICS: Results = {
	"Runtime.current": "Runtime",
	"Handle.current": "Handle",
	"TcpStream.connect": "Future<TcpStream>",
	"TcpListener.bind": "Future<TcpListener>",
	"UnixStream.connect": "Future<UnixStream>",
	"UnixListener.bind": "Future<UnixListener>",
	"File.open": "Future<File>",
	"File.create": "Future<File>",
};

/** Names under which exports are grouped; `mpsc.channel` keeps its prefix, `time.sleep` is just `sleep`. */
const KEPT_NAMESPACES = new Set(["mpsc", "mpmc", "oneshot", "broadcast", "watch"]);
const FLAT_NAMESPACES = new Set([
	"task",
	"time",
	"sync",
	"future",
	"runtime",
	"threads",
	"core",
	"io",
	"net",
	"fs",
	"testing",
	"stream",
	"coop",
]);

/** Functions that take tasks (futures, generators, async functions) and own them. */
const TASK_TAKERS = new Set([
	"asyncFn",
	"promiseFn",
	"spawn",
	"run",
	"main",
	"scope",
	"Scope.spawn",
	"join",
	"tryJoin",
	"joinSettled",
	"select",
	"race",
	"timeout",
	"timeoutAt",
	"deadline",
	"retry",
	"mapConcurrent",
	"each",
	"byRef",
	"shared",
	"attempt",
	"withContext",
	"unconstrained",
	"cooperative",
	"paused",
	"explore",
	"mockTask",
]);

/** Methods of Yamanote's objects that take tasks. */
const TASK_TAKING_METHODS = new Set([
	"spawn",
	"blockOn",
	"run",
	"withLock",
	"withRead",
	"withWrite",
	"withPermit",
	"withPermits",
	"runUntilCancelled",
	"trackFuture",
	"getOrInit",
	"getOrTryInit",
	"push",
]);

/** Classes whose objects are closed or given back when they are disposed. */
export const DISPOSABLE_INSTANCES: ReadonlySet<string> = new Set([
	"Guard",
	"Permit",
	"SyncGuard",
	"DropGuard",
	"mpsc.Sender",
	"mpsc.UnboundedSender",
	"mpsc.Receiver",
	"broadcast.Sender",
	"broadcast.Receiver",
	"watch.Sender",
	"watch.Receiver",
	"mpmc.Sender",
	"mpmc.UnboundedSender",
	"mpmc.Receiver",
	"oneshot.Sender",
	"oneshot.Receiver",
]);

/** Aliases by which a class or a type is also known; the notation's name stands on the right. */
const ALIASES: Results = {
	MutexGuard: "Guard",
	RwLockReadGuard: "Guard",
	RwLockWriteGuard: "Guard",
	SemaphorePermit: "Permit",
	"mpsc.Permit": "Permit",
	"mpsc.OwnedPermit": "Permit",
	"mpsc.UnboundedReceiver": "mpsc.Receiver",
	StdMutex: "SyncMutex",
	StdMutexGuard: "SyncGuard",
	SyncMutexGuard: "SyncGuard",
};

// --- questions -------------------------------------------------------------------------------------------------

export function isTaskTaker(shape: Shape | undefined): boolean {
	return shape?.is === "api" && TASK_TAKERS.has(shape.name);
}

export function isTaskTakingMethod(name: string): boolean {
	return TASK_TAKING_METHODS.has(name);
}

/** What a call of the export gives, if that is known. */
export function callResult(name: string): Shape | undefined {
	if (name === "defineWorker") return { is: "worker" };
	return parse(FUNCTIONS[name] ?? STATICS[name], name);
}

/** What `new` of the export gives. */
export function constructed(name: string): Shape | undefined {
	const canonical = ALIASES[name] ?? name;
	return canonical in CLASSES ? { is: "instance", of: canonical } : undefined;
}

/** The instance that a type reference such as `Mutex<State>` or `mpsc.Sender<Job>` names. */
export function typeShape(name: string): Shape | undefined {
	if (name === "Future" || name === "Async") return { is: "future" };
	const canonical = ALIASES[name] ?? name;
	if (canonical in CLASSES || DISPOSABLE_INSTANCES.has(canonical)) return { is: "instance", of: canonical };
	return undefined;
}

/** What a method call on an instance gives; `undefined` if the method is not known. */
export function methodResult(of: string, method: string): Shape | undefined {
	return parse(CLASSES[of]?.[method], `${of}.${method}`);
}

/** The name of an export's member: `mpsc` and `channel` give `mpsc.channel`, `time` and `sleep` give `sleep`. */
export function memberExport(name: string, member: string): string | undefined {
	if (KEPT_NAMESPACES.has(name)) return `${name}.${member}`;
	if (FLAT_NAMESPACES.has(name) || name === "*") return member;
	if (name in CLASSES) return `${name}.${member}`;
	return undefined;
}

/** The name that an export of a subpath has: `yamanote/sync/mpsc` puts `mpsc.` before its own. */
export function exportName(subpath: string, name: string): string {
	const last = subpath.slice(subpath.lastIndexOf("/") + 1);
	if (!KEPT_NAMESPACES.has(last)) return name;
	return name === "*" ? last : `${last}.${name}`;
}

function parse(notation: string | undefined, by: string): Shape | undefined {
	if (notation === undefined || notation === "-") return undefined;
	if (notation.startsWith("[")) {
		return {
			is: "tuple",
			items: notation
				.slice(1, -1)
				.split(", ")
				.map((item) => parse(item, by)),
		};
	}
	const generic = /^(\w+)<(.+)>$/.exec(notation);
	const head = generic?.[1] ?? notation;
	const value = generic?.[2] === undefined ? undefined : parse(generic[2], by);
	if (head === "Future") return { is: "future", value, by };
	if (head === "Promise") return { is: "promise", value };
	return { is: "instance", of: notation };
}
