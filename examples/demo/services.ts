/** Three HTTP services on loopback, each its own server. They know what became of every request, and tell. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What a service says of one request. Times are of `performance.now()`. */
export interface Visit {
	readonly begun: number;
	ended: number;
	how: "served to the end" | "answered 503" | "aborted";
}

/** How a service behaves: it answers after `ms`, well or with 503. */
export interface Plan {
	readonly ms: number;
	readonly fails?: boolean;
}

export class Service {
	readonly name: string;
	plan: Plan = { ms: 0 };
	visits: Visit[] = [];
	#open = 0;
	#whenQuiet: (() => void)[] = [];
	readonly #server: Server;

	private constructor(name: string) {
		this.name = name;
		this.#server = createServer((_request, response) => {
			const { ms, fails = false } = this.plan;
			const visit: Visit = { begun: performance.now(), ended: 0, how: "aborted" };
			this.visits.push(visit);
			this.#open++;
			const timer = setTimeout(() => {
				visit.how = fails ? "answered 503" : "served to the end";
				response.writeHead(fails ? 503 : 200).end(`${name}: OK`);
			}, ms);
			response.on("close", () => {
				clearTimeout(timer);
				visit.ended = performance.now();
				if (--this.#open === 0) for (const f of this.#whenQuiet.splice(0)) f();
			});
		});
	}

	static async open(name: string): Promise<Service> {
		const service = new Service(name);
		await new Promise<void>((done) => service.#server.listen(0, "127.0.0.1", done));
		await fetch(service.url).then((response) => response.text());
		return service;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
	}

	/** Forgets earlier requests, and behaves in a new way. */
	begin(plan: Plan): void {
		this.plan = plan;
		this.visits = [];
	}

	/** Settles when no request is being served. */
	quiet(): Promise<void> {
		return new Promise((done) => (this.#open === 0 ? done() : this.#whenQuiet.push(done)));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((done) => this.#server.close(done));
	}
}

/** What a service's refusal looks like to the caller. */
export class Refused extends Error {
	readonly status: number;
	constructor(status: number) {
		super(`refused with ${status}`);
		this.status = status;
	}
}

/** The addresses of the three services. */
export type Urls = readonly [string, string, string];

/** One request, as everybody writes it: it stops when its signal is aborted. */
export async function get(url: string, signal?: AbortSignal): Promise<string> {
	const response = await fetch(url, { signal: signal ?? null });
	if (!response.ok) throw new Refused(response.status);
	return response.text();
}
