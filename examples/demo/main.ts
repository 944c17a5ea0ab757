/**
 * What promises cannot do, told by the servers: `npm run demo`, and every part of it by `npm run demo -- all`.
 *
 * Three HTTP services run on loopback. They know which of the requests they served to the end, and which were aborted.
 */
import { main } from "yamanote";
import { measure, sideBySide } from "./report.ts";
import { type Plan, Service, type Urls } from "./services.ts";
import { tour } from "./tour.ts";
import { fetchOwned } from "./with-async.ts";
import { allOrDeadline } from "./with-promises.ts";

const plans: readonly Plan[] = [{ ms: 400 }, { ms: 20, fails: true }, { ms: 700 }];
const warmUp: readonly Plan[] = [{ ms: 5 }, { ms: 1, fails: true }, { ms: 5 }];

main(async () => {
	const services = await Promise.all(["user", "orders", "ads"].map(Service.open));
	const urls = services.map((service) => service.url) as unknown as Urls;
	try {
		// Once without looking: a program's first requests of each kind also load and compile what they need.
		await measure("", services, warmUp, () => allOrDeadline(urls));
		await measure("", services, warmUp, () => fetchOwned(urls, 5_000));

		console.log("Three HTTP services: user needs 400 ms, ads 700 ms, and orders fails at 20 ms. The same three");
		console.log("requests twice: what the caller saw, and what each service says became of its request.\n");
		const promises = await measure("Promise.all in Promise.race", services, plans, () => allOrDeadline(urls));
		const owned = await measure("timeout(tryJoin)", services, plans, () => fetchOwned(urls, 5_000));
		console.log(sideBySide(services, [promises, owned]));
		if (process.argv.includes("all")) await tour(services, urls);
		else console.log("More, in both styles: npm run demo -- all");
	} finally {
		await Promise.all(services.map((service) => service[Symbol.asyncDispose]()));
	}
});
