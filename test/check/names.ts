import type { Node } from "oxc-parser";
import { parse, walk } from "./syntax.ts";

/** A name that a file gives, or a text that it holds. */
export interface Found {
  text: string;
  line: number;
}

/** What a file calls things, and the texts in it; comments are neither. */
export interface Names {
  /** Names that are declared: types, functions, variables, parameters, members and keys. */
  declared: readonly Found[];
  /** String literals and the fixed pieces of templates; module specifiers are left out. */
  texts: readonly Found[];
}

/** Parents and keys under which an identifier gives a name, and does not only use one. */
const DECLARES: Readonly<Record<string, readonly string[]>> = {
  VariableDeclarator: ["id"],
  FunctionDeclaration: ["id", "params"],
  FunctionExpression: ["id", "params"],
  ArrowFunctionExpression: ["params"],
  TSFunctionType: ["params"],
  TSMethodSignature: ["key", "params"],
  TSEmptyBodyFunctionExpression: ["params"],
  ClassDeclaration: ["id"],
  ClassExpression: ["id"],
  TSInterfaceDeclaration: ["id"],
  TSTypeAliasDeclaration: ["id"],
  TSTypeParameter: ["name"],
  TSPropertySignature: ["key"],
  PropertyDefinition: ["key"],
  MethodDefinition: ["key"],
  TSParameterProperty: ["parameter"],
  RestElement: ["argument"],
  ArrayPattern: ["elements"],
  AssignmentPattern: ["left"],
  CatchClause: ["param"],
  TSNamedTupleMember: ["label"],
  ImportNamespaceSpecifier: ["local"],
  ImportDefaultSpecifier: ["local"],
};

/** Reads the names and texts of a TypeScript file. */
export function namesIn(path: string, source: string): Names {
  const { program, lineAt } = parse(path, source);
  const declared: Found[] = [];
  const texts: Found[] = [];
  walk(program, (node, parent, outer) => {
    if (node.type === "TemplateElement")
      texts.push({ text: node.value.cooked ?? node.value.raw, line: lineAt(node.start) });
    else if (node.type === "Literal" && typeof node.value === "string") {
      const isSpecifier = parent !== undefined && "source" in parent && parent.source === node;
      if (!isSpecifier) texts.push({ text: node.value, line: lineAt(node.start) });
    } else if ((node.type === "Identifier" || node.type === "PrivateIdentifier") && parent !== undefined) {
      if (givesName(node, parent, outer)) declared.push({ text: node.name, line: lineAt(node.start) });
    }
  });
  return { declared, texts };
}

function givesName(node: Node, parent: Node, outer: Node | undefined): boolean {
  if (parent.type === "Property") {
    // Of `{ a }` the name was given elsewhere; of `{ a: b }` in a pattern `b` is new, in an object `a`.
    if (parent.shorthand || parent.computed) return false;
    return node === (outer?.type === "ObjectPattern" ? parent.value : parent.key);
  }
  if (parent.type === "ImportSpecifier" || parent.type === "ExportSpecifier") {
    const [outer, local] =
      parent.type === "ImportSpecifier" ? [parent.imported, parent.local] : [parent.local, parent.exported];
    return local === node && "name" in outer && "name" in local && outer.name !== local.name;
  }
  const keys = DECLARES[parent.type] ?? [];
  return keys.some((key) => {
    const value = (parent as unknown as Record<string, unknown>)[key];
    return value === node || (Array.isArray(value) && value.includes(node));
  });
}
