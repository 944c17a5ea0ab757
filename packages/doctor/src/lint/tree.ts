/** Walking the tree, and making it whole: what the scope analysis and the rules expect of every node. */
import { visitorKeys } from "@typescript-eslint/visitor-keys";
import type { Node } from "../../../eslint-plugin-yamanote/src/ast/nodes.ts";

export const keys = visitorKeys as Readonly<Record<string, readonly string[]>>;

/** Every node, parents first, in the order of the text. Without recursion: generated code can be very deep. */
export function forEachNode(root: Node, look: (node: Node) => void): void {
	const stack = [root];
	for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
		look(node);
		const children = childrenOf(node);
		for (let i = children.length - 1; i >= 0; i--) stack.push(children[i] as Node);
	}
}

/** Links each node to the one around it, and gives it the lists that a parser leaves out where there is no TypeScript. */
export function complete(root: Node): void {
	(root as Writable).parent = null;
	forEachNode(root, (node) => {
		const record: Writable = node;
		if (DECORATED.test(node.type)) record.decorators ??= [];
		if (node.type === "ClassDeclaration" || node.type === "ClassExpression") record.implements ??= [];
		for (const child of childrenOf(node)) (child as Writable).parent = node;
	});
}

interface Writable {
	parent: Node | null;
	decorators?: unknown;
	implements?: unknown;
}

const DECORATED =
	/^(?:Identifier|(?:Array|Object|Assignment)Pattern|RestElement|(?:Class|Function)(?:Declaration|Expression)|(?:Method|Property)Definition|AccessorProperty)$/;

function childrenOf(node: Node): Node[] {
	const record = node as unknown as Record<string, unknown>;
	const children: Node[] = [];
	for (const key of keys[node.type] ?? []) {
		const child = record[key];
		if (Array.isArray(child)) {
			for (const item of child as unknown[]) if (isNode(item)) children.push(item);
		} else if (isNode(child)) children.push(child);
	}
	return children;
}

function isNode(value: unknown): value is Node {
	return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}
