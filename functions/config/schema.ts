import * as z from "zod";
import { RULE_KINDS } from "../evaluate/rules/kinds/registry.ts";
import type { ProbeKind } from "../probe/kind.ts";
import { documentSchema } from "./document.ts";
import { type JsonSchema, toJsonSchema } from "./json-schema.ts";
import { EXTENSION_KEY } from "./read.ts";
import { anyChange, ownSection } from "./rules/rules-section.ts";

/** JSON Schema of the document as users write it. Draft 7, which the YAML extensions of editors know best. */
export const jsonSchema = (kinds: readonly ProbeKind[]): JsonSchema => toJsonSchema(documentSchema(kinds));

/** The schema with its `probes` key replaced by a reference. */
const withReference = (schema: JsonSchema | undefined): JsonSchema => ({
  ...schema,
  properties: { ...schema?.properties, probes: { $ref: "#/definitions/probes" } },
});

/** An entry of `rules`, whatever its name. */
function ruleSchema(): JsonSchema {
  const { $schema: _, ...entry } = toJsonSchema(
    z.union([z.boolean(), anyChange(), ...RULE_KINDS.map(ownSection)]),
  ) as JsonSchema & { $schema?: string };
  return entry;
}

/** Keys that hold what anchors name, by pattern. */
const EXTENSIONS = {
  [EXTENSION_KEY.source]: { description: "Anything. Its anchors can be used in the rest of the document." },
};

/** The text of `schemas/config.schema.json`. The kinds of probes, most of it, stand there once. */
export function printSchema(kinds: readonly ProbeKind[]): string {
  const schema = jsonSchema(kinds);
  const targets = schema.properties?.["targets"];
  const properties = {
    ...schema.properties,
    defaults: withReference(schema.properties?.["defaults"]),
    targets: { ...targets, items: withReference(targets?.items) },
    rules: { ...schema.properties?.["rules"], additionalProperties: { $ref: "#/definitions/rule" } },
  };
  const definitions = {
    ...schema.definitions,
    probes: targets?.items?.properties?.["probes"],
    rule: ruleSchema(),
  };
  return `${JSON.stringify({ title: "watch.yaml of zako-watch", ...schema, properties, patternProperties: EXTENSIONS, definitions }, null, 2)}\n`;
}
