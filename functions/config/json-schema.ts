import * as z from "zod";

/** The part of JSON Schema that the document's schema uses. */
export interface JsonSchema {
  $ref?: string;
  type?: string;
  description?: string;
  default?: unknown;
  examples?: readonly unknown[];
  enum?: readonly unknown[];
  properties?: Readonly<Record<string, JsonSchema>>;
  patternProperties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  additionalProperties?: JsonSchema | boolean;
  definitions?: Readonly<Record<string, JsonSchema>>;
}

/** JSON Schema of a part of the document as users write it. Draft 7, which the YAML extensions of editors know best. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
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
