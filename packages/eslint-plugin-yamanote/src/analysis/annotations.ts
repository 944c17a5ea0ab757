/** What type annotations and casts promise, where they name one of Yamanote's types. */
import type { Node } from "../ast/nodes.ts";
import { memberExport, typeShape } from "./api.ts";
import type { FileModel } from "./file.ts";
import type { Shape } from "./shape.ts";

export function annotationShape(file: FileModel, name: Node): Shape | undefined {
	if (name.type !== "Identifier" || !name.typeAnnotation) return undefined;
	return typeNodeShape(file, name.typeAnnotation.typeAnnotation);
}

export function castShape(file: FileModel, expression: Node): Shape | undefined {
	return expression.type === "TSAsExpression" ? typeNodeShape(file, expression.typeAnnotation) : undefined;
}

/** The shape that a type annotation promises, if it names one of Yamanote's types or a promise. */
export function typeNodeShape(file: FileModel, type: Node): Shape | undefined {
	if (type.type !== "TSTypeReference") return undefined;
	const name = qualifiedName(file, type.typeName);
	if (name !== undefined) return typeShape(name);
	if (type.typeName.type === "Identifier") {
		if (type.typeName.name === "Promise" && file.isGlobal(type.typeName, "Promise")) return { is: "promise" };
		const variable = file.variable(type.typeName);
		const shape = variable === undefined ? undefined : file.variableShape(variable);
		if (shape?.is === "class") return { is: "object", class: shape.class };
	}
	return undefined;
}

function qualifiedName(file: FileModel, type: Node): string | undefined {
	if (type.type === "Identifier") {
		const variable = file.variable(type);
		const shape = variable === undefined ? undefined : file.variableShape(variable);
		return shape?.is === "api" ? shape.name : undefined;
	}
	if (type.type === "TSQualifiedName") {
		const left = qualifiedName(file, type.left);
		return left === undefined ? undefined : memberExport(left, type.right.name);
	}
	return undefined;
}
