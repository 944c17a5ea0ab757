/** The two presets: what everybody should have on, and everything. */
import { rules } from "../rules/index.ts";
import type { RuleLevels } from "./companions.ts";

function levels(include: (name: string) => boolean, level: (name: string) => "warn" | "error"): RuleLevels {
	return Object.fromEntries(
		Object.keys(rules)
			.filter(include)
			.map((name) => [`yamanote/${name}`, level(name)]),
	);
}

/** Mistakes are errors; what works and could be better is a warning. */
export const recommended: RuleLevels = levels(
	(name) => rules[name]?.meta.docs.recommended === true,
	(name) => (rules[name]?.meta.type === "suggestion" ? "warn" : "error"),
);

/** Every rule, as an error. */
export const strict: RuleLevels = levels(
	() => true,
	() => "error",
);
