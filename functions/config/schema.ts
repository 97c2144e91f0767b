import * as z from "zod";
import type { ProbeKind } from "../probe/kind.ts";
import { documentSchema } from "./document.ts";

/** The part of JSON Schema that the document's schema uses. */
export interface JsonSchema {
  $ref?: string;
  type?: string;
  description?: string;
  default?: unknown;
  examples?: readonly unknown[];
  enum?: readonly unknown[];
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  additionalProperties?: JsonSchema | boolean;
  definitions?: Readonly<Record<string, JsonSchema>>;
}

/** JSON Schema of the document as users write it. Draft 7, which the YAML extensions of editors know best. */
export function jsonSchema(kinds: readonly ProbeKind[]): JsonSchema {
  return z.toJSONSchema(documentSchema(kinds), {
    io: "input",
    target: "draft-7",
    override: ({ zodSchema, jsonSchema: printed }) => {
      // zod drops the default of a text that is read as something else (a duration, say), so it is put back here.
      const shown = z.globalRegistry.get(zodSchema);
      if (shown === undefined) return;
      if (shown["default"] !== undefined) printed.default = shown["default"] as NonNullable<typeof printed.default>;
      if (shown["example"] !== undefined) printed.examples = [shown["example"] as NonNullable<typeof printed.default>];
      delete printed["example"];
    },
  }) as JsonSchema;
}

/** The schema with its `probes` key replaced by a reference. */
const withReference = (schema: JsonSchema | undefined): JsonSchema => ({
  ...schema,
  properties: { ...schema?.properties, probes: { $ref: "#/definitions/probes" } },
});

/** The text of `schemas/config.schema.json`. The kinds of probes, nine tenths of it, stand there once. */
export function printSchema(kinds: readonly ProbeKind[]): string {
  const schema = jsonSchema(kinds);
  const targets = schema.properties?.["targets"];
  const properties = {
    ...schema.properties,
    defaults: withReference(schema.properties?.["defaults"]),
    targets: { ...targets, items: withReference(targets?.items) },
  };
  const definitions = { ...schema.definitions, probes: targets?.items?.properties?.["probes"] };
  return `${JSON.stringify({ title: "watch.yaml of zako-watch", ...schema, properties, definitions }, null, 2)}\n`;
}
