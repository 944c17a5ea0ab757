import { afterEach } from "vitest";
import { checkLeaks } from "./leaks.ts";

// Runs around every test of every file. What must be true after each test is checked here.
afterEach(checkLeaks);
