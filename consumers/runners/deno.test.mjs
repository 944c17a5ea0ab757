import { tests } from "./tests.mjs";

for (const [name, body] of Object.entries(tests)) Deno.test(name, body);
