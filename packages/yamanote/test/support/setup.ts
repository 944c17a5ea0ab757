import { afterEach } from "vitest";

// Runs around every test of every file. What must be true after each test is checked here.
afterEach(() => {});
