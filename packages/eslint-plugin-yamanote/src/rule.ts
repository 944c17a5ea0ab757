/** How a rule is declared: the meta data that every rule shares, said once. */
import type { RuleContext, RuleModule, Visitor } from "./ast/eslint.ts";

export interface RuleOptions {
	readonly name: string;
	readonly description: string;
	/** A `problem` is wrong at run time; a `suggestion` works, and could be better. */
	readonly type: "problem" | "suggestion";
	/** Whether the recommended preset turns it on. */
	readonly recommended: boolean;
	readonly fixable?: boolean;
	readonly suggests?: boolean;
	/** The JSON schema of each option. */
	readonly schema?: readonly unknown[];
	readonly messages: Readonly<Record<string, string>>;
	create(context: RuleContext): Visitor;
}

export function defineRule(options: RuleOptions): RuleModule {
	return {
		meta: {
			type: options.type,
			docs: {
				description: options.description,
				// The pages ship with the package, so the link works offline and always matches the version.
				url: new URL(`../docs/rules/${options.name}.md`, import.meta.url).href,
				recommended: options.recommended,
				requiresTypeChecking: false,
			},
			...(options.fixable ? { fixable: "code" as const } : {}),
			...(options.suggests ? { hasSuggestions: true } : {}),
			schema: options.schema ?? [],
			messages: options.messages,
		},
		create: options.create,
	};
}
