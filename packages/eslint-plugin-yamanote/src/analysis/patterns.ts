/** Destructuring: where in a value a name comes from. */
import type { Node } from "../ast/nodes.ts";
import { keyName } from "../ast/query.ts";

/** The way from a pattern to the name inside it: `[tx, rx]` to `rx` is `[1]`, `{ a: { b } }` to `b` is `["a", "b"]`. */
export function patternPath(pattern: Node, name: Node): (string | number)[] | undefined {
	if (pattern === name) return [];
	switch (pattern.type) {
		case "AssignmentPattern":
			return patternPath(pattern.left, name);
		case "TSParameterProperty":
			return patternPath(pattern.parameter, name);
		case "ArrayPattern":
			for (const [index, element] of pattern.elements.entries()) {
				if (element === null || element.type === "RestElement") continue;
				const path = patternPath(element, name);
				if (path !== undefined) return [index, ...path];
			}
			return undefined;
		case "ObjectPattern":
			for (const property of pattern.properties) {
				if (property.type !== "Property") continue;
				const key = keyName(property);
				const path = patternPath(property.value, name);
				if (key !== undefined && path !== undefined) return [key, ...path];
			}
			return undefined;
		default:
			return undefined;
	}
}
