/** What `object.name` is: a member of a namespace, of an object literal, or of a class of this file. */
import type { ClassNode, FunctionNode, Node } from "../ast/nodes.ts";
import { isFunction, keyName, memberName } from "../ast/query.ts";
import { annotationShape, typeNodeShape } from "./annotations.ts";
import { memberExport } from "./api.ts";
import type { FileModel } from "./file.ts";
import { exportedShape } from "./modules.ts";
import type { Shape } from "./shape.ts";

/** The shape of `object.name`. */
export function memberOf(file: FileModel, object: Shape, name: string): Shape | undefined {
	switch (object.is) {
		case "api": {
			const full = memberExport(object.name, name);
			return full === undefined ? undefined : { is: "api", name: full };
		}
		case "module":
			if (object.name === "*" || object.name === "default") {
				if (object.source.startsWith(".")) {
					const exported = exportedShape(file.filename, object.source, name, file.subpathOf);
					if (exported !== undefined) return exported;
				}
				return { is: "module", source: object.source, name };
			}
			// `fs.promises.readFile`
			return { is: "module", source: object.source, name: `${object.name}.${name}` };
		case "instance":
			if (object.of === "TaskContext" || object.of === "Scope") {
				if (name === "run") return { is: "api", name: "run" };
				// `scope(function* ({ spawn }) {…})`: its functions are bound.
				if (name === "spawn" && object.of === "Scope") return { is: "api", name: "Scope.spawn" };
				if (name === "signal") return { is: "instance", of: "AbortSignal" };
			}
			return undefined;
		case "record": {
			let found: Node | undefined;
			for (const property of object.node.properties) {
				if (property.type === "Property" && keyName(property) === name) found = property.value;
			}
			return found === undefined ? undefined : file.shape(found);
		}
		case "object":
			return classMember(file, object.class, name, false);
		case "class":
			return classMember(file, object.class, name, true);
		default:
			return undefined;
	}
}

function classMember(file: FileModel, owner: ClassNode, name: string, isStatic: boolean): Shape | undefined {
	for (const member of owner.body.body) {
		if (member.type === "MethodDefinition" && keyName(member) === name && member.static === isStatic) {
			// An overload or an abstract method has no body.
			if (!isFunction(member.value) || !member.value.body) continue;
			return member.kind === "method" ? file.functionShape(member.value) : undefined;
		}
		if (member.type === "PropertyDefinition" && keyName(member) === name && member.static === isStatic) {
			const annotated = member.typeAnnotation ? typeNodeShape(file, member.typeAnnotation.typeAnnotation) : undefined;
			if (annotated !== undefined) return annotated;
			if (member.value !== null) return file.shape(member.value);
		}
		if (member.type === "MethodDefinition" && member.kind === "constructor" && !isStatic) {
			const assigned = constructorField(file, member.value, name);
			if (assigned !== undefined) return assigned;
		}
	}
	return undefined;
}

/** `constructor(private readonly tx: mpsc.Sender<Job>)` and `this.lock = new Mutex()` there. */
function constructorField(file: FileModel, maker: FunctionNode, name: string): Shape | undefined {
	for (const parameter of maker.params) {
		if (parameter.type !== "TSParameterProperty") continue;
		const inner = parameter.parameter.type === "AssignmentPattern" ? parameter.parameter.left : parameter.parameter;
		if (inner.type === "Identifier" && inner.name === name) return annotationShape(file, inner);
	}
	// The signature of an overloaded constructor has no body.
	if (maker.body?.type !== "BlockStatement") return undefined;
	for (const statement of maker.body.body) {
		if (statement.type !== "ExpressionStatement" || statement.expression.type !== "AssignmentExpression") continue;
		const { left, right } = statement.expression;
		if (left.type !== "MemberExpression" || left.object.type !== "ThisExpression") continue;
		if (memberName(left) === name) return file.shape(right);
	}
	return undefined;
}
