/**
 * `eslint-plugin-yamanote`: the async pitfalls, found in the editor.
 *
 * ```js
 * // eslint.config.js
 * import yamanote from "eslint-plugin-yamanote";
 * export default [yamanote.configs.recommended];
 * ```
 *
 * oxlint loads the same file: `"jsPlugins": ["eslint-plugin-yamanote"]`.
 */
import type { RuleMeta } from "./ast/eslint.ts";
import { companions, companionsTyped, type RuleLevels } from "./configs/companions.ts";
import { recommended, strict } from "./configs/presets.ts";
import { rules as modules } from "./rules/index.ts";

export type { RuleMeta } from "./ast/eslint.ts";
export type { RuleLevels } from "./configs/companions.ts";

/** A rule, as ESLint 9, ESLint 10 and oxlint take it. */
export interface Rule {
	readonly meta: RuleMeta;
	// biome-ignore lint/suspicious/noExplicitAny: each host has types of its own for what it gives a rule and takes from it
	create(context: any): any;
}

/** A flat configuration object, as `eslint.config.js` lists them. */
export interface FlatConfig {
	readonly name: string;
	readonly plugins?: Readonly<Record<string, Plugin>>;
	readonly rules: RuleLevels;
}

export interface Plugin {
	readonly meta: { readonly name: string; readonly version: string; readonly namespace: string };
	readonly rules: Readonly<Record<string, Rule>>;
	readonly configs: {
		/** The mistakes, as errors; what could be better, as warnings. */
		readonly recommended: FlatConfig;
		/** Every rule, as an error. */
		readonly strict: FlatConfig;
		/** Rules of ESLint itself that go well with ours. */
		readonly companions: FlatConfig;
		/** The same, with rules of typescript-eslint, which the configuration must have set up with types. */
		readonly companionsTyped: FlatConfig;
	};
}

const meta: Plugin["meta"] = { name: "eslint-plugin-yamanote", version: "0.1.0", namespace: "yamanote" };

// The presets hold the plugin that holds them, as flat configurations do.
const configs: { -readonly [K in keyof Plugin["configs"]]: FlatConfig } = {
	recommended: { name: "yamanote/recommended", rules: recommended },
	strict: { name: "yamanote/strict", rules: strict },
	companions: { name: "yamanote/companions", rules: companions },
	companionsTyped: { name: "yamanote/companions-typed", rules: companionsTyped },
};

const rules: Plugin["rules"] = modules;
const plugin: Plugin = { meta, rules, configs };
configs.recommended = { ...configs.recommended, plugins: { yamanote: plugin } };
configs.strict = { ...configs.strict, plugins: { yamanote: plugin } };

// ESLint's configurations and oxlint both look for a default export; it is the one in this repository for that reason.
export default plugin;
export { configs, meta, rules };
