/** A program that is interrupted in the middle of its work, and cleans up. Part of `npm run demo -- all`. */
import { main, sleep } from "yamanote";
import type { Urls } from "./services.ts";
import * as plain from "./with-async.ts";
import * as starred from "./with-yield.ts";

const [, , style, ...rest] = process.argv;
const urls = rest as unknown as Urls;

if (style === "yield*") {
	main(function* () {
		try {
			yield* starred.fetchOwned(urls, 5_000);
		} finally {
			yield* sleep(10);
			console.log("cleaned up");
		}
	});
} else {
	main(async () => {
		try {
			await plain.fetchOwned(urls, 5_000);
		} finally {
			await sleep(10);
			console.log("cleaned up");
		}
	});
}
