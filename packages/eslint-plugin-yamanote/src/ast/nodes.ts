/**
 * The syntax tree, as far as the rules read it.
 *
 * ESLint's parsers (espree, typescript-eslint's) and oxlint all give ESTree with the TypeScript nodes of
 * typescript-eslint. These types name the part that the rules use, so that the package needs no parser's types.
 * A node whose `type` is not in the union exists at run time and is simply walked through.
 */

export interface Position {
	readonly line: number;
	readonly column: number;
}

export interface Location {
	readonly start: Position;
	readonly end: Position;
}

interface Base<T extends string> {
	readonly type: T;
	readonly range: readonly [number, number];
	readonly loc: Location;
	readonly parent: Node | null;
}

export interface Program extends Base<"Program"> {
	readonly body: readonly Node[];
}
export interface Identifier extends Base<"Identifier"> {
	readonly name: string;
	readonly typeAnnotation?: TSTypeAnnotation | null;
}
export interface PrivateIdentifier extends Base<"PrivateIdentifier"> {
	readonly name: string;
}
export interface Literal extends Base<"Literal"> {
	readonly value: unknown;
}
export interface TemplateLiteral extends Base<"TemplateLiteral"> {
	readonly quasis: readonly { readonly value: { readonly cooked: string | null } }[];
	readonly expressions: readonly Node[];
}
export interface TaggedTemplateExpression extends Base<"TaggedTemplateExpression"> {
	readonly tag: Node;
	readonly quasi: TemplateLiteral;
}
export interface CallExpression extends Base<"CallExpression"> {
	readonly callee: Node;
	readonly arguments: readonly Node[];
	readonly optional: boolean;
	readonly typeArguments?: TSTypeParameterInstantiation | null;
}
export interface NewExpression extends Base<"NewExpression"> {
	readonly callee: Node;
	readonly arguments: readonly Node[];
	readonly typeArguments?: TSTypeParameterInstantiation | null;
}
export interface MemberExpression extends Base<"MemberExpression"> {
	readonly object: Node;
	readonly property: Node;
	readonly computed: boolean;
	readonly optional: boolean;
}
export interface ChainExpression extends Base<"ChainExpression"> {
	readonly expression: Node;
}
export interface AwaitExpression extends Base<"AwaitExpression"> {
	readonly argument: Node;
}
export interface YieldExpression extends Base<"YieldExpression"> {
	readonly argument: Node | null;
	readonly delegate: boolean;
}
interface FunctionBase<T extends string> extends Base<T> {
	readonly id: Identifier | null;
	readonly params: readonly Node[];
	readonly body: Node;
	readonly async: boolean;
	readonly generator: boolean;
	readonly returnType?: TSTypeAnnotation | null;
	readonly typeParameters?: Node | null;
}
export interface FunctionDeclaration extends FunctionBase<"FunctionDeclaration"> {}
export interface FunctionExpression extends FunctionBase<"FunctionExpression"> {}
export interface ArrowFunctionExpression extends FunctionBase<"ArrowFunctionExpression"> {
	readonly expression: boolean;
}
export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

export interface BlockStatement extends Base<"BlockStatement"> {
	readonly body: readonly Node[];
}
export interface StaticBlock extends Base<"StaticBlock"> {
	readonly body: readonly Node[];
}
export interface ExpressionStatement extends Base<"ExpressionStatement"> {
	readonly expression: Node;
}
export interface VariableDeclaration extends Base<"VariableDeclaration"> {
	readonly kind: "var" | "let" | "const" | "using" | "await using";
	readonly declarations: readonly VariableDeclarator[];
}
export interface VariableDeclarator extends Base<"VariableDeclarator"> {
	readonly id: Node;
	readonly init: Node | null;
}
export interface AssignmentExpression extends Base<"AssignmentExpression"> {
	readonly operator: string;
	readonly left: Node;
	readonly right: Node;
}
export interface AssignmentPattern extends Base<"AssignmentPattern"> {
	readonly left: Node;
	readonly right: Node;
}
export interface ObjectExpression extends Base<"ObjectExpression"> {
	readonly properties: readonly Node[];
}
export interface ObjectPattern extends Base<"ObjectPattern"> {
	readonly properties: readonly Node[];
	readonly typeAnnotation?: TSTypeAnnotation | null;
}
export interface Property extends Base<"Property"> {
	readonly key: Node;
	readonly value: Node;
	readonly computed: boolean;
	readonly method: boolean;
	readonly shorthand: boolean;
	readonly kind: "init" | "get" | "set";
}
export interface SpreadElement extends Base<"SpreadElement"> {
	readonly argument: Node;
}
export interface RestElement extends Base<"RestElement"> {
	readonly argument: Node;
}
export interface ArrayExpression extends Base<"ArrayExpression"> {
	readonly elements: readonly (Node | null)[];
}
export interface ArrayPattern extends Base<"ArrayPattern"> {
	readonly elements: readonly (Node | null)[];
	readonly typeAnnotation?: TSTypeAnnotation | null;
}
export interface ReturnStatement extends Base<"ReturnStatement"> {
	readonly argument: Node | null;
}
export interface ThrowStatement extends Base<"ThrowStatement"> {
	readonly argument: Node;
}
export interface IfStatement extends Base<"IfStatement"> {
	readonly test: Node;
	readonly consequent: Node;
	readonly alternate: Node | null;
}
export interface ForStatement extends Base<"ForStatement"> {
	readonly init: Node | null;
	readonly test: Node | null;
	readonly update: Node | null;
	readonly body: Node;
}
export interface ForOfStatement extends Base<"ForOfStatement"> {
	readonly left: Node;
	readonly right: Node;
	readonly body: Node;
	readonly await: boolean;
}
export interface ForInStatement extends Base<"ForInStatement"> {
	readonly left: Node;
	readonly right: Node;
	readonly body: Node;
}
export interface WhileStatement extends Base<"WhileStatement"> {
	readonly test: Node;
	readonly body: Node;
}
export interface DoWhileStatement extends Base<"DoWhileStatement"> {
	readonly test: Node;
	readonly body: Node;
}
export type LoopNode = ForStatement | ForOfStatement | ForInStatement | WhileStatement | DoWhileStatement;

export interface TryStatement extends Base<"TryStatement"> {
	readonly block: BlockStatement;
	readonly handler: CatchClause | null;
	readonly finalizer: BlockStatement | null;
}
export interface CatchClause extends Base<"CatchClause"> {
	readonly param: Node | null;
	readonly body: BlockStatement;
}
export interface SwitchCase extends Base<"SwitchCase"> {
	readonly test: Node | null;
	readonly consequent: readonly Node[];
}
export interface LabeledStatement extends Base<"LabeledStatement"> {
	readonly label: Identifier;
	readonly body: Node;
}
export interface BreakStatement extends Base<"BreakStatement"> {
	readonly label: Identifier | null;
}
export interface ContinueStatement extends Base<"ContinueStatement"> {
	readonly label: Identifier | null;
}
export interface EmptyStatement extends Base<"EmptyStatement"> {}
export interface ConditionalExpression extends Base<"ConditionalExpression"> {
	readonly test: Node;
	readonly consequent: Node;
	readonly alternate: Node;
}
export interface LogicalExpression extends Base<"LogicalExpression"> {
	readonly operator: "&&" | "||" | "??";
	readonly left: Node;
	readonly right: Node;
}
export interface BinaryExpression extends Base<"BinaryExpression"> {
	readonly operator: string;
	readonly left: Node;
	readonly right: Node;
}
export interface UnaryExpression extends Base<"UnaryExpression"> {
	readonly operator: string;
	readonly argument: Node;
}
export interface UpdateExpression extends Base<"UpdateExpression"> {
	readonly argument: Node;
}
export interface SequenceExpression extends Base<"SequenceExpression"> {
	readonly expressions: readonly Node[];
}
export interface ThisExpression extends Base<"ThisExpression"> {}
export interface ImportExpression extends Base<"ImportExpression"> {
	readonly source: Node;
}
export interface ImportDeclaration extends Base<"ImportDeclaration"> {
	readonly source: Literal;
	readonly specifiers: readonly Node[];
	readonly importKind?: "type" | "value";
}
export interface ImportSpecifier extends Base<"ImportSpecifier"> {
	readonly imported: Identifier | Literal;
	readonly local: Identifier;
	readonly importKind?: "type" | "value";
}
export interface ImportDefaultSpecifier extends Base<"ImportDefaultSpecifier"> {
	readonly local: Identifier;
}
export interface ImportNamespaceSpecifier extends Base<"ImportNamespaceSpecifier"> {
	readonly local: Identifier;
}
export interface ExportNamedDeclaration extends Base<"ExportNamedDeclaration"> {
	readonly declaration: Node | null;
}
export interface ExportDefaultDeclaration extends Base<"ExportDefaultDeclaration"> {
	readonly declaration: Node;
}
interface ClassBase<T extends string> extends Base<T> {
	readonly id: Identifier | null;
	readonly superClass: Node | null;
	readonly body: ClassBody;
}
export interface ClassDeclaration extends ClassBase<"ClassDeclaration"> {}
export interface ClassExpression extends ClassBase<"ClassExpression"> {}
export type ClassNode = ClassDeclaration | ClassExpression;
export interface ClassBody extends Base<"ClassBody"> {
	readonly body: readonly Node[];
}
export interface MethodDefinition extends Base<"MethodDefinition"> {
	readonly key: Node;
	readonly value: FunctionExpression;
	readonly kind: "constructor" | "method" | "get" | "set";
	readonly computed: boolean;
	readonly static: boolean;
}
export interface PropertyDefinition extends Base<"PropertyDefinition"> {
	readonly key: Node;
	readonly value: Node | null;
	readonly computed: boolean;
	readonly static: boolean;
	readonly typeAnnotation?: TSTypeAnnotation | null;
}

// --- TypeScript ------------------------------------------------------------------------------------------------

export interface TSAsExpression extends Base<"TSAsExpression"> {
	readonly expression: Node;
	readonly typeAnnotation: Node;
}
export interface TSSatisfiesExpression extends Base<"TSSatisfiesExpression"> {
	readonly expression: Node;
}
export interface TSNonNullExpression extends Base<"TSNonNullExpression"> {
	readonly expression: Node;
}
export interface TSTypeAssertion extends Base<"TSTypeAssertion"> {
	readonly expression: Node;
}
export interface TSInstantiationExpression extends Base<"TSInstantiationExpression"> {
	readonly expression: Node;
}
/** oxlint keeps parentheses out of the tree too, but a parser may be told to keep them. */
export interface ParenthesizedExpression extends Base<"ParenthesizedExpression"> {
	readonly expression: Node;
}
export interface TSTypeAnnotation extends Base<"TSTypeAnnotation"> {
	readonly typeAnnotation: Node;
}
export interface TSTypeReference extends Base<"TSTypeReference"> {
	readonly typeName: Node;
	readonly typeArguments?: TSTypeParameterInstantiation | null;
}
/** `import fs = require("node:fs")`. */
export interface TSImportEqualsDeclaration extends Base<"TSImportEqualsDeclaration"> {
	readonly id: Identifier;
	readonly moduleReference: Node;
}

export interface TSExternalModuleReference extends Base<"TSExternalModuleReference"> {
	readonly expression: Node;
}

export interface TSQualifiedName extends Base<"TSQualifiedName"> {
	readonly left: Node;
	readonly right: Identifier;
}
export interface TSUnionType extends Base<"TSUnionType"> {
	readonly types: readonly Node[];
}
export interface TSTypeParameterInstantiation extends Base<"TSTypeParameterInstantiation"> {
	readonly params: readonly Node[];
}
export interface TSParameterProperty extends Base<"TSParameterProperty"> {
	readonly parameter: Node;
}

export type Node =
	| Program
	| Identifier
	| PrivateIdentifier
	| Literal
	| TemplateLiteral
	| TaggedTemplateExpression
	| CallExpression
	| NewExpression
	| MemberExpression
	| ChainExpression
	| AwaitExpression
	| YieldExpression
	| FunctionNode
	| BlockStatement
	| StaticBlock
	| ExpressionStatement
	| VariableDeclaration
	| VariableDeclarator
	| AssignmentExpression
	| AssignmentPattern
	| ObjectExpression
	| ObjectPattern
	| Property
	| SpreadElement
	| RestElement
	| ArrayExpression
	| ArrayPattern
	| ReturnStatement
	| ThrowStatement
	| IfStatement
	| LoopNode
	| TryStatement
	| CatchClause
	| SwitchCase
	| LabeledStatement
	| BreakStatement
	| ContinueStatement
	| EmptyStatement
	| ConditionalExpression
	| LogicalExpression
	| BinaryExpression
	| UnaryExpression
	| UpdateExpression
	| SequenceExpression
	| ThisExpression
	| ImportExpression
	| ImportDeclaration
	| ImportSpecifier
	| ImportDefaultSpecifier
	| ImportNamespaceSpecifier
	| ExportNamedDeclaration
	| ExportDefaultDeclaration
	| ClassNode
	| ClassBody
	| MethodDefinition
	| PropertyDefinition
	| TSAsExpression
	| TSSatisfiesExpression
	| TSNonNullExpression
	| TSTypeAssertion
	| TSInstantiationExpression
	| ParenthesizedExpression
	| TSTypeAnnotation
	| TSTypeReference
	| TSQualifiedName
	| TSImportEqualsDeclaration
	| TSExternalModuleReference
	| TSUnionType
	| TSTypeParameterInstantiation
	| TSParameterProperty;
