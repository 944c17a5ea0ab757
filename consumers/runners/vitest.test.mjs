import { test } from "vitest";
import { tests } from "./tests.mjs";

for (const [name, body] of Object.entries(tests)) test(name, body);
