import * as z from "zod";
import { RULE_KINDS } from "../evaluate/rules/kinds/registry.ts";
import type { RuleKind } from "../evaluate/rules/rule-kind.ts";
import type { ProbeKind } from "../probe/kind.ts";
import { type JsonSchema, toJsonSchema } from "./json-schema.ts";
import { anyChange, ownKeys, ownSection } from "./rules/rules-section.ts";
import { jsonSchema } from "./schema.ts";

/** A key of the document as documentation shows it. */
export interface OutlineKey {
  name: string;
  description: string;
  required: boolean;
  /** What applies where the key is not given; undefined where nothing does. */
  default?: unknown;
  /** A value to show where there is no default. */
  example?: unknown;
  /** The keys inside, where it is a mapping, a list of mappings or a section that may be switched off. */
  keys?: readonly OutlineKey[];
  list: boolean;
}

/** The mapping that a key's value is, or may be. */
function mappingOf(schema: JsonSchema): JsonSchema | undefined {
  if (schema.properties !== undefined) return schema;
  if (schema.items?.properties !== undefined) return schema.items;
  return schema.anyOf?.find((option) => option.properties !== undefined);
}

/** The keys of a mapping, in order. */
export function outlineOf(schema: JsonSchema): OutlineKey[] {
  return Object.entries(schema.properties ?? {}).map(([name, key]) => {
    if (key.description === undefined) throw new TypeError(`the key ${name} has no description`);
    const mapping = mappingOf(key);
    return {
      name,
      description: key.description,
      required: schema.required?.includes(name) ?? false,
      list: key.items?.properties !== undefined || key.items?.$ref !== undefined,
      ...(key.default === undefined ? {} : { default: key.default }),
      ...(key.examples?.[0] === undefined ? {} : { example: key.examples[0] }),
      ...(mapping === undefined ? {} : { keys: outlineOf(mapping) }),
    };
  });
}

/** Every key of the document, in order, for the table and the example that are printed from it. */
export const outline = (kinds: readonly ProbeKind[]): OutlineKey[] => outlineOf(jsonSchema(kinds));

/** What an entry of `rules` may hold: of a shipped rule, of every rule of one's own, and of each kind besides. */
export interface RuleOutline {
  change: readonly OutlineKey[];
  own: readonly OutlineKey[];
  kinds: readonly { kind: string; doc: string; keys: readonly OutlineKey[] }[];
}

/** The keys of `rules`, for the tables that are printed from them. */
export function ruleOutline(): RuleOutline {
  const shared = ownKeys(z.number());
  const of = (kind: RuleKind): OutlineKey[] => outlineOf(toJsonSchema(ownSection(kind)));
  return {
    change: outlineOf(toJsonSchema(anyChange())),
    own: outlineOf(toJsonSchema(z.strictObject(shared))),
    kinds: RULE_KINDS.map((kind) => ({
      kind: kind.kind,
      doc: kind.doc,
      keys: of(kind).filter(({ name }) => name !== "kind" && !Object.hasOwn(shared, name)),
    })),
  };
}
