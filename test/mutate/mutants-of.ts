import type { Node } from "oxc-parser";
import { parse, walk } from "../check/syntax.ts";
import type { Mutant } from "./mutant.ts";
import { ALL_OPERATORS, type Change } from "./operators.ts";

/** Every mutant of a file, in the order of its text. Words in one of two literals of a comparison are swapped, too. */
export function mutantsOf(path: string, text: string): Mutant[] {
  const { program, lineAt } = parse(path, text);
  const textOf = ({ start, end }: Node): string => text.slice(start, end);
  const changes: Change[] = [];
  const words: { node: Node; value: string }[] = [];
  walk(program, (node, parent) => {
    for (const operator of ALL_OPERATORS) changes.push(...operator(node, { parent, textOf }));
    if (node.type === "Literal" && typeof node.value === "string" && parent !== undefined && isValue(parent, node))
      words.push({ node, value: node.value });
  });
  changes.push(...replacedWords(words));
  return changes
    .map((change) => ({ path, line: lineAt(change.start), ...change }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Names of states, kinds and the like are lower-case words. What people read has spaces, and its wording is no logic. */
const WORD = /^[a-z][a-z_]*$/;

const isValue = (parent: Node, node: Node): boolean =>
  !/^(TS|Import|Export)/.test(parent.type) && !(parent.type === "Property" && parent.key === node);

/** Each word becomes the next other one of the file. The compiler refuses it where it is not of the same type. */
function replacedWords(words: readonly { node: Node; value: string }[]): Change[] {
  const known = [...new Set(words.map(({ value }) => value))].filter((value) => WORD.test(value)).sort();
  return words.flatMap(({ node: { start, end }, value }) => {
    const at = known.indexOf(value);
    const other = at < 0 ? undefined : known[(at + 1) % known.length];
    if (other === undefined || other === value) return [];
    return [{ what: `"${value}" to "${other}"`, start, end, replacement: JSON.stringify(other) }];
  });
}
