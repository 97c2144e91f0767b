import { type DescMessage, fromBinary, fromJson, type JsonValue, type MessageShape } from "@bufbuild/protobuf";
import { fromHex } from "../../lib/hex.ts";
import { jsonProblem, protobufProblem, type WireProblem } from "./wire-size.ts";

/** The two forms of OTLP over HTTP. */
export type PushFormat = "protobuf" | "json";

/** The format that a content type names, whatever its parameters; undefined for others. */
export function formatOf(contentType: string | undefined): PushFormat | undefined {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/x-protobuf") return "protobuf";
  return type === "application/json" ? "json" : undefined;
}

/** Why a body is not decoded; `found`: the names that a JSON object has instead of the right one. */
export type DecodeProblem = { problem: WireProblem } | { problem: "shape"; found: readonly string[] };

/** A body as a message, or what is wrong with it. Never throws, whatever the bytes are; unknown fields are read over. */
export function decodeBody<Schema extends DescMessage>(
  schema: Schema,
  format: PushFormat,
  bytes: Uint8Array,
): { ok: true; message: MessageShape<Schema> } | ({ ok: false } & DecodeProblem) {
  const problem = format === "json" ? jsonProblem(bytes) : protobufProblem(schema, bytes);
  if (problem !== undefined) return { ok: false, problem };
  try {
    if (format === "protobuf") return { ok: true, message: fromBinary(schema, bytes, { readUnknownFields: false }) };
    const value = readJson(bytes);
    const found = namesOf(value);
    const isKnown = (name: string): boolean =>
      schema.fields.some((field) => field.jsonName === name || field.name === name);
    // Unknown fields are read over, but a body without any known one means something else.
    if (found.length > 0 && !found.some(isKnown)) return { ok: false, problem: "shape", found };
    return { ok: true, message: fromJson(schema, value, { ignoreUnknownFields: true }) };
  } catch {
    return { ok: false, problem: "malformed" };
  }
}

const namesOf = (value: JsonValue): string[] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function readJson(bytes: Uint8Array): JsonValue {
  const value = JSON.parse(decoder.decode(bytes)) as JsonValue;
  for (const resource of list(value, "resourceSpans"))
    for (const scope of list(resource, "scopeSpans")) for (const span of list(scope, "spans")) unhex(span);
  return value;
}

/** The objects of a list; what is no list is left for the schema to refuse. */
function list(value: unknown, key: string): Record<string, unknown>[] {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return Array.isArray(found) ? found.filter((item) => typeof item === "object" && item !== null) : [];
}

/** OTLP spells ids in hex where JSON of protobuf has base64. */
function unhex(span: Record<string, unknown>): void {
  for (const key of ["traceId", "spanId"]) {
    const hex = span[key];
    if (typeof hex === "string") span[key] = btoa(String.fromCharCode(...fromHex(hex)));
  }
}
