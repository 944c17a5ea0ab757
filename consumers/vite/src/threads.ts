import { run, tryJoin } from "yamanote";
import { hashing } from "./hashing.worker.ts";
import { show } from "./show.ts";

async function program(): Promise<string> {
	const hashes = await run(tryJoin(["", "a", "foobar"].map((text) => hashing.fnv1a(text))));
	const letters: string[] = [];
	for await (const letter of hashing.letters("abc")) letters.push(letter);
	const hex = hashes.map((hash) => hash.toString(16)).join(" ");
	return `${hex}, ${letters.join("")}, ${await hashing.later("later")}, in a thread: ${(await hashing.where()) === "undefined"}`;
}

show(program());
