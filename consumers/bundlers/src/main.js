import { run, tryJoin } from "yamanote";
import { hashing } from "./hashing.worker.js";

async function program() {
	const hashes = await run(tryJoin(["", "a", "foobar"].map((text) => hashing.fnv1a(text))));
	const letters = [];
	for await (const letter of hashing.letters("abc")) letters.push(letter);
	const hex = hashes.map((hash) => hash.toString(16)).join(" ");
	return `${hex}, ${letters.join("")}, ${await hashing.later("later")}, in a thread: ${(await hashing.where()) === "undefined"}`;
}

function show(text) {
	globalThis.result = text;
	document.getElementById("result").textContent = text;
}
program().then(show, (error) => show(`failed: ${error}`));
