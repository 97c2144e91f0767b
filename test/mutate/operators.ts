import type { Expression, Node } from "oxc-parser";

/** What to put in place of a node, or of a part of it. */
export interface Change {
  what: string;
  start: number;
  end: number;
  replacement: string;
}

/** Where a node stands, and the text that it is a part of. */
export interface Place {
  parent: Node | undefined;
  textOf: (node: Node) => string;
}

/** Proposes changes of one node. */
export type Operator = (node: Node, place: Place) => Change[];

const instead = (what: string, { start, end }: Node, replacement: string): Change => ({
  what,
  start,
  end,
  replacement,
});

const OPERATORS: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "&": "|",
  "|": "&",
  "<<": ">>",
  ">>": "<<",
  "+=": "-=",
  "-=": "+=",
  "++": "--",
  "--": "++",
};

const METHODS: Readonly<Record<string, string>> = {
  some: "every",
  every: "some",
  find: "findLast",
  findLast: "find",
  push: "unshift",
  unshift: "push",
  shift: "pop",
  pop: "shift",
  min: "max",
  max: "min",
  floor: "ceil",
  ceil: "floor",
  startsWith: "endsWith",
  endsWith: "startsWith",
  all: "race",
  race: "all",
};
/** Methods whose receiver can stand in for their result. */
const DROPPED = new Set(["filter", "slice", "toSorted", "toReversed", "sort", "reverse", "trim", "concat"]);

const operatorSwap: Operator = (node, { textOf }) => {
  if (node.type === "BinaryExpression" || node.type === "AssignmentExpression") {
    const other = OPERATORS[node.operator];
    if (other === undefined) return [];
    const { left, right } = node;
    return [instead(`${node.operator} to ${other}`, node, `${textOf(left)} ${other} ${textOf(right)}`)];
  }
  if (node.type !== "UpdateExpression") return [];
  const other = node.operator === "++" ? "--" : "++";
  const argument = textOf(node.argument);
  return [instead(`${node.operator} to ${other}`, node, node.prefix ? other + argument : argument + other)];
};

const logic: Operator = (node, { textOf }) => {
  if (node.type !== "LogicalExpression") return [];
  const { operator, left, right } = node;
  const drops = [instead(`only the right of ${operator}`, node, textOf(right))];
  if (operator === "??") return drops;
  const other = operator === "&&" ? "||" : "&&";
  return [
    ...drops,
    instead(`only the left of ${operator}`, node, textOf(left)),
    instead(`${operator} to ${other}`, node, `((${textOf(left)}) ${other} (${textOf(right)}))`),
  ];
};

const negated = (test: Expression, textOf: Place["textOf"]): Change =>
  instead("negate the condition", test, `!(${textOf(test)})`);

const condition: Operator = (node, { textOf }) => {
  if (node.type === "IfStatement")
    return [
      negated(node.test, textOf),
      instead("the condition never holds", node.test, "(false as boolean)"),
      instead("the condition always holds", node.test, "(true as boolean)"),
    ];
  if (node.type === "ConditionalExpression")
    return [
      negated(node.test, textOf),
      instead("always the first choice", node, `(${textOf(node.consequent)})`),
      instead("always the second choice", node, `(${textOf(node.alternate)})`),
    ];
  return node.type === "UnaryExpression" && (node.operator === "!" || node.operator === "-")
    ? [instead(`drop ${node.operator}`, node, `(${textOf(node.argument)})`)]
    : [];
};

const EFFECTS = new Set(["CallExpression", "AwaitExpression", "AssignmentExpression", "UpdateExpression"]);

const statement: Operator = (node) => {
  if (node.type === "ContinueStatement") return [instead("drop continue", node, "{}")];
  if (node.type === "BreakStatement") return [instead("drop break", node, "{}")];
  if (node.type === "ReturnStatement" && node.argument === null) return [instead("drop return", node, "{}")];
  if (node.type !== "ExpressionStatement") return [];
  const { type } = node.expression;
  if (!EFFECTS.has(type) && !(type === "UnaryExpression" && node.expression.operator === "delete")) return [];
  // A constructor's `super(...)` cannot be left out.
  if (node.expression.type === "CallExpression" && node.expression.callee.type === "Super") return [];
  return [instead("drop the statement", node, "{}")];
};

/** Functions that answer nothing may return at once. The compiler refuses it where an answer is due. */
const earlyReturn: Operator = (node) => {
  if (!("body" in node) || node.type === "Program") return [];
  if (!/^(Arrow)?Function/.test(node.type)) return [];
  const { body } = node as { body: Node | null };
  if (body?.type !== "BlockStatement") return [];
  return [{ what: "return at once", start: body.start + 1, end: body.start + 1, replacement: " return; " }];
};

const awaited: Operator = (node, { parent, textOf }) => {
  if (node.type !== "AwaitExpression") return [];
  const replacement = parent?.type === "ExpressionStatement" ? "void " : "";
  return [instead("drop await", node, replacement + textOf(node.argument))];
};

const method: Operator = (node, { textOf }) => {
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression" || node.callee.computed) return [];
  const { object, property } = node.callee;
  if (property.type !== "Identifier") return [];
  const other = METHODS[property.name];
  const changes = other === undefined ? [] : [instead(`${property.name} to ${other}`, property, other)];
  if (DROPPED.has(property.name)) changes.push(instead(`drop ${property.name}`, node, textOf(object)));
  return changes;
};

const spread: Operator = (node, { parent, textOf }) => {
  if (node.type !== "SpreadElement") return [];
  if (parent?.type === "ObjectExpression") return [instead("drop the spread", node, "...{}")];
  return parent?.type === "ArrayExpression" ? [instead(`drop ${textOf(node)}`, node, "...[]")] : [];
};

/** Parents below which a literal is a name, a type or a text. */
const NO_VALUE = /^(TS|Import|Export|PropertyDefinition$)/;

const constant: Operator = (node, { parent }) => {
  if (node.type !== "Literal" || parent === undefined || NO_VALUE.test(parent.type)) return [];
  const { value } = node;
  if (typeof value === "boolean") return [instead(`${value} to ${!value}`, node, String(!value))];
  if (typeof value !== "number") return [];
  const others = value === 0 ? [1] : value === 1 ? [0, 2] : [value + 1, 0];
  return others.map((other) => instead(`${value} to ${other}`, node, String(other)));
};

/** All that may be changed, one kind of change each. */
export const ALL_OPERATORS: readonly Operator[] = [
  operatorSwap,
  logic,
  condition,
  statement,
  earlyReturn,
  awaited,
  method,
  spread,
  constant,
];
