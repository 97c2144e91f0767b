import * as z from "zod";
import { isMapping } from "../lib/is-mapping.ts";
import { foreignKey } from "./foreign-keys.ts";
import { fromZod, type Issue, missing, type Path, show, unknownKey } from "./issue.ts";

/** What could be read: every key may be absent, because it was not given or because it was wrong. */
export type Read<T> = T extends readonly (infer E)[]
  ? (Read<E> | undefined)[]
  : T extends object
    ? { [K in keyof T]?: Read<T[K]> | undefined }
    : T;

/** The schema inside the wrappers that say what happens when there is no value. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable;
  return isWrapper ? unwrap(schema.unwrap()) : schema;
}

/** The first description from the outside in. */
function describe(schema: z.core.$ZodType): string | undefined {
  const own = z.globalRegistry.get(schema)?.description;
  if (own !== undefined) return own;
  const inner = unwrap(schema);
  return inner === schema ? undefined : z.globalRegistry.get(inner)?.description;
}

function readLeaf(schema: z.core.$ZodType, value: unknown, path: Path, issues: Issue[]): unknown {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  if (value === undefined) issues.push(missing(path, describe(schema)));
  else issues.push(...result.error.issues.flatMap((found) => fromZod(found, value, path)));
  return undefined;
}

/** Keys at the top that only hold what anchors name, as in Compose files. */
export const EXTENSION_KEY = /^x-/;

const isExtension = (path: Path, key: string): boolean => path.length === 0 && EXTENSION_KEY.test(key);

function readMapping(schema: z.ZodObject, value: unknown, path: Path, issues: Issue[]): unknown {
  if (!isMapping(value)) {
    issues.push({ path, message: `${show(value, path)} is not a mapping of keys` });
    return undefined;
  }
  const known = Object.keys(schema.shape);
  for (const key of Object.keys(value)) {
    if (known.includes(key) || isExtension(path, key)) continue;
    const foreign = foreignKey(path, key);
    issues.push(foreign === undefined ? unknownKey(path, key, known) : { path: [...path, key], message: foreign });
  }
  return Object.fromEntries(
    Object.entries(schema.shape).map(([key, inner]) => {
      const given = Object.hasOwn(value, key) ? value[key] : undefined;
      return [key, readValue(inner, given, [...path, key], issues)];
    }),
  );
}

/** A mapping whose keys are the user's own names. */
function readNamed(
  schema: z.ZodRecord,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  issues: Issue[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const key = z.safeParse(schema.keyType, name);
      if (!key.success) issues.push(...key.error.issues.flatMap((found) => fromZod(found, name, [...path, name])));
      return [name, readValue(schema.valueType, inner, [...path, name], issues)];
    }),
  );
}

function readValue(schema: z.core.$ZodType, value: unknown, path: Path, issues: Issue[]): unknown {
  if (value === null) {
    if (schema instanceof z.ZodNullable) return null;
    issues.push({ path, message: "is empty; give it a value or remove the key" });
    return undefined;
  }
  const bare = unwrap(schema);
  // Defaults are filled in by the leaves, so that a wrong neighbour does not hide them.
  if (bare instanceof z.ZodObject && (value !== undefined || schema instanceof z.ZodPrefault))
    return readMapping(bare, value ?? {}, path, issues);
  if (bare instanceof z.ZodArray && Array.isArray(value))
    return value.map((entry, i) => readValue(bare.element, entry, [...path, i], issues));
  if (bare instanceof z.ZodRecord && isMapping(value) && unwrap(bare.valueType) instanceof z.ZodArray)
    return readNamed(bare, value, path, issues);
  if (bare instanceof z.ZodUnion && isMapping(value)) {
    const section = bare.options.find((option) => option instanceof z.ZodObject);
    if (section !== undefined) return readMapping(section, value, path, issues);
  }
  return readLeaf(schema, value, path, issues);
}

/**
 * Reads a value of the document key by key, so that one wrong key hides no other: what is right is returned, what is
 * wrong is added to `issues`. `path` is where the value stands, the top unless said. zod alone gives nothing at all for a mapping with one wrong key.
 */
export function read<S extends z.ZodType>(
  schema: S,
  value: unknown,
  issues: Issue[],
  path: Path = [],
): Read<z.output<S>> | undefined {
  return readValue(schema, value ?? undefined, path, issues) as Read<z.output<S>> | undefined;
}
