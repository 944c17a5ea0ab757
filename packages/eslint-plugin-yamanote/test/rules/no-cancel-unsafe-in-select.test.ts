import { testRule } from "../support/rule-tester.ts";

testRule("no-cancel-unsafe-in-select", {
	valid: [
		{
			name: "accepts a lost branch outside of a loop",
			code: `import { select, sleep } from "yamanote";
import type { mpsc } from "yamanote/sync";
export function* offer(tx: mpsc.Sender<string>) {
  return yield* select({ sent: tx.send("hi"), late: sleep(1) });
}`,
		},
		{
			name: "accepts a future that is lent",
			code: `import { byRef, select, sleep } from "yamanote";
import type { mpsc } from "yamanote/sync";
export function* offer(tx: mpsc.Sender<string>) {
  const sending = tx.send("hi");
  for (;;) {
    const { key } = yield* select({ sent: byRef(sending), late: sleep(1) });
    if (key === "sent") return;
  }
}`,
		},
	],
	invalid: [
		{
			name: "sees a send in a loop",
			code: `import { select, sleep } from "yamanote";
import type { mpsc } from "yamanote/sync";
export function* offer(tx: mpsc.Sender<string>) {
  for (;;) {
    const { key } = yield* select({ sent: tx.send("hi"), late: sleep(1) });
    if (key === "sent") return;
  }
}`,
			output: null,
			errors: [{ messageId: "unsafe", line: 5 }],
		},
		{
			name: "sees what is documented as unsafe",
			code: `import { asyncFn, race, sleep } from "yamanote";
/** @cancelSafety not cancel safe: what was read is lost */
const readFrame = asyncFn(function* () {
  yield* sleep(1);
  return 1;
});
export function* frames() {
  while (true) {
    if ((yield* race([readFrame(), sleep(5)])) === undefined) return;
  }
}`,
			output: null,
			errors: [{ messageId: "documented", line: 9 }],
		},
	],
});
