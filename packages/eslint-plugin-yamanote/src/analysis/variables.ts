/** Which variable an identifier means, where it is declared, and what it is given. */
import type { Reference, SourceCode, Variable } from "../ast/eslint.ts";
import type { Node } from "../ast/nodes.ts";

export class Variables {
	readonly source: SourceCode;
	#references: Map<Node, Reference> | undefined;
	#declarations: Map<Node, Variable> | undefined;

	constructor(source: SourceCode) {
		this.source = source;
	}

	/** The variable that an identifier refers to; `undefined` for globals and for what is no reference. */
	variable(identifier: Node): Variable | undefined {
		return this.reference(identifier)?.resolved ?? undefined;
	}

	reference(identifier: Node): Reference | undefined {
		if (this.#references === undefined) {
			this.#references = new Map();
			for (const scope of this.source.scopeManager?.scopes ?? []) {
				for (const reference of scope.references) this.#references.set(reference.identifier, reference);
			}
		}
		return this.#references.get(identifier);
	}

	/** The variable that a declaration, parameter or class name introduces, by the node that names it. */
	declared(name: Node): Variable | undefined {
		if (this.#declarations === undefined) {
			this.#declarations = new Map();
			for (const scope of this.source.scopeManager?.scopes ?? []) {
				for (const variable of scope.variables) {
					for (const definition of variable.defs) {
						// A class is declared twice, outside and inside itself; the outer variable is the one others use.
						if (!this.#declarations.has(definition.name)) this.#declarations.set(definition.name, variable);
					}
				}
			}
		}
		return this.#declarations.get(name);
	}

	/** Whether the identifier is a global of this name: nothing in the file declares it. */
	isGlobal(node: Node, name: string): boolean {
		if (node.type !== "Identifier" || node.name !== name) return false;
		const variable = this.variable(node);
		return variable === undefined || variable.defs.length === 0;
	}

	/** The one initializer of a variable that is never assigned again. */
	initializer(variable: Variable): Node | undefined {
		const definition = variable.defs[0];
		if (variable.defs.length !== 1 || definition?.node.type !== "VariableDeclarator") return undefined;
		if (definition.node.id !== definition.name) return undefined;
		const writes = variable.references.filter((reference) => reference.isWrite());
		if (definition.node.init !== null) return writes.length <= 1 ? definition.node.init : undefined;
		// `let guard; guard = yield* lock();`: declared, then assigned once.
		const write = writes.length === 1 ? writes[0] : undefined;
		const assignment = write?.identifier.parent;
		return assignment?.type === "AssignmentExpression" && assignment.operator === "=" ? assignment.right : undefined;
	}
}

/** Whether the variable is assigned after its declaration. */
export function reassigned(variable: Variable): boolean {
	return variable.references.some((reference) => reference.isWrite() && reference.init !== true);
}
