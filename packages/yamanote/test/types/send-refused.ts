// What may not cross to another thread: `Send<T>` is a sentence that says which field, and what to do.
import { type Future, type JoinHandle, pending } from "yamanote";
import type { Send } from "yamanote/threads";
import { sendable, toSend } from "yamanote/threads";

declare function send<const T>(value: Send<T>): void;

class User {
	name = "Ada";
	greet() {}
}

class Handler {
	[toSend]() {
		return { run: () => {} };
	}
}

interface Tree {
	readonly children: readonly Tree[];
	readonly onClick: () => void;
}

interface Options {
	readonly retry?: { readonly when?: (error: unknown) => boolean };
}

declare const some: {
	f: () => void;
	tree: Tree;
	options: Options;
	user: User;
	handle: JoinHandle<number>;
	future: Future<string>;
	promise: Promise<number>;
	thenable: PromiseLike<number>;
	signal: AbortSignal;
	controller: AbortController;
	element: HTMLElement;
	node: Node;
	id: symbol;
	mixed: number | (() => void);
	maybe: Promise<string> | undefined;
	record: Record<string, () => void>;
	tuple: readonly [a: string, b: () => void];
	optional: { a?: symbol };
	guard: Disposable;
	asyncGuard: AsyncDisposable;
	iterator: Iterator<number>;
	generator: Generator<number>;
	asyncGenerator: AsyncGenerator<number>;
	constructable: new () => object;
	abstractClass: abstract new () => object;
	weakRef: WeakRef<object>;
	shape: { kind: "a" } | { kind: "b"; f: () => void };
	deep: { a: { b: { c: { d: [number, { e: () => void }] } } } };
	readonlyMap: ReadonlyMap<string, () => void>;
};

// mistake: value is a function: send data, and call a function of defineWorker there
send(some.f);

// mistake: value is a function
send(() => 1);

// mistake: value is a function
send(async () => {});

// mistake: value is a function
send(function* () {});

// mistake: value is a function
send(User);

// mistake: value is a function
send(some.constructable);

// mistake: value is a function
send(some.abstractClass);

// mistake: value is a function
send(Math.max);

// mistake: value is a function
send(console.log);

// mistake: value.onClick is a function
send({ onClick() {} });

// mistake: value.user.onClick is a function: send data, and call a function of defineWorker there
send({ user: { onClick: some.f } });

// mistake: value.b[1].c is a function
send({ a: 1, b: [1, { c: some.f }] });

// mistake: value[0] is a function
send([some.f]);

// mistake: value[2] is a function
send([1, 2, some.f]);

// mistake: value[…] is a function
send([] as (() => void)[]);

// mistake: value[1] is a function
send(some.tuple);

// mistake: value[…] is a function
send(some.record);

// mistake: value.onClick is a function
send(some.tree);

// mistake: value.retry.when is a function
send(some.options);

// mistake: value.a.b.c.d[1].e is a function
send(some.deep);

// mistake: value is a function
send(some.mixed);

// mistake: value.f is a function
send(some.shape);

// mistake: value.greet is a function
send(some.user);

// mistake: value.greet is a function
send(new User());

// mistake: value.users[0].greet is a function
send({ users: [some.user] });

// mistake: is a function
send(console);

// mistake: is a function
send(Math);

// mistake: is a function
send(JSON);

// mistake: is a function
send(new Intl.NumberFormat());

// mistake: is a function
send({ run: some.f, stop: some.f });

// mistake: value is a symbol: send a string
send(Symbol());

// mistake: value is a symbol: send a string
send(some.id);

// mistake: value.id is a symbol: send a string
send({ id: some.id });

// mistake: value.a is a symbol
send(some.optional);

// mistake: value has a symbol as a key: use a string
send({ [Symbol.iterator]: 1 });

// mistake: value.user has a symbol as a key: use a string
send({ user: { [Symbol.toPrimitive]: 1 } });

// mistake: value is a promise: await it, and send its value
send(some.promise);

// mistake: value is a promise
send(fetch("/"));

// mistake: value.data is a promise
send({ data: some.promise });

// mistake: value[0] is a promise
send([some.promise]);

// mistake: value is a promise
send(some.thenable);

// mistake: value is a promise
send(some.maybe);

// mistake: value is a future: wait for it, and send its value
send(some.future);

// mistake: value is a future
send(pending());

// mistake: value is a future
send(some.handle);

// mistake: value.jobs[0] is a future
send({ jobs: [some.handle] });

// mistake: value is an AbortSignal: a function of a worker has its own, abortSignal(); or send a CancellationToken
send(some.signal);

// mistake: value.signal is an AbortSignal
send({ signal: some.signal });

// mistake: value is an AbortController
send(some.controller);

// mistake: value is weak: weak references do not cross threads
send(new WeakMap<object, number>());

// mistake: value is weak
send(new WeakSet<object>());

// mistake: value is weak
send(some.weakRef);

// mistake: value is a DOM node: send what it says
send(some.element);

// mistake: value.target is a DOM node
send({ target: some.node });

// mistake: value is a resource of this thread: release it here, and send data
send(some.guard);

// mistake: value is a resource of this thread
send(some.asyncGuard);

// mistake: value is an iterator: send an array
send(some.iterator);

// mistake: value is an iterator
send(some.generator);

// mistake: value is an iterator
send(some.asyncGenerator);

// mistake: value is an iterator
send([1].values());

// mistake: value.get(…) is a function
send(new Map([["a", some.f]]));

// mistake: (a key of value) is a symbol
send(new Map([[some.id, 1]]));

// mistake: value.get(…) is a function
send(some.readonlyMap);

// mistake: (a member of value) is a function
send(new Set([some.f]));

// mistake: (toSend of value).run is a function
send(new Handler());

// mistake: value.at is a symbol
send({ cause: new Error("x"), at: some.id });

// mistake: value.a is a promise: await it, and send its value
export const annotated: Send<{ a: Promise<number> }> = { a: some.promise };

// mistake: Property '[toSend]' is missing in type 'User'
sendable("app/User", User);
