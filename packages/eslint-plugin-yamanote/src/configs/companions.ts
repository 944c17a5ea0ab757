/**
 * Rules of others that see what ours need not repeat.
 *
 * A future is thenable, so typescript-eslint's floating-promise rule sees a forgotten one as soon as it is told to
 * look at thenables. The `@typescript-eslint/…` rules need that plugin and types; a configuration that has neither
 * uses `companions` alone.
 */

type Level = "off" | "warn" | "error";

export type RuleLevels = Readonly<Record<string, Level | [Level, ...unknown[]]>>;

/** Rules of ESLint itself. */
export const companions: RuleLevels = {
	// A task that does not wait is still a task: `asyncFn(function* () { return 1; })`.
	"require-yield": "off",
	"no-async-promise-executor": "error",
	"no-promise-executor-return": "error",
	// A lost update, `total += yield* size(file)`. Not of fields: those it reports wherever one is set after a wait.
	"require-atomic-updates": ["warn", { allowProperties: true }],
	// Ours reports the loops of which the rounds are independent; this one reports right ones too.
	"no-await-in-loop": "off",
};

/** Rules of typescript-eslint that use types. */
export const companionsTyped: RuleLevels = {
	...companions,
	"@typescript-eslint/no-floating-promises": ["error", { checkThenables: true, ignoreVoid: false }],
	"@typescript-eslint/no-misused-promises": [
		"error",
		{ checksConditionals: true, checksVoidReturn: { arguments: true, attributes: false }, checksSpreads: true },
	],
	"@typescript-eslint/await-thenable": "error",
	"@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
	"@typescript-eslint/only-throw-error": "error",
	"@typescript-eslint/prefer-promise-reject-errors": "error",
};
