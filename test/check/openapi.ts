import { spawnSync } from "node:child_process";
import { join } from "node:path";
import {
  createFileRegistry,
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  ScalarType,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import packageJson from "../../package.json" with { type: "json" };

type Json = Record<string, unknown>;

/** Services that are described: our own. */
const PACKAGE = "watch.v1";

/** Prints the OpenAPI 3.1 description of the API over Connect with JSON, from the protos and their comments. */
export function printOpenApi(proto: string): string {
  const args = ["build", "-o", "-#format=binpb", "--as-file-descriptor-set"];
  const built = spawnSync(join(process.cwd(), "node_modules", ".bin", "buf"), args, { cwd: proto, maxBuffer: 2 ** 26 });
  if (built.status !== 0) throw new Error(`buf cannot build the protos: ${built.stderr}`);
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, built.stdout));
  const all = [...registry];
  const services = all.filter((one): one is DescService => one.kind === "service" && isOurs(one.typeName));
  const messages = all.filter((one): one is DescMessage => one.kind === "message" && isOurs(one.typeName));
  const enums = all.filter((one): one is DescEnum => one.kind === "enum" && isOurs(one.typeName));
  const schemas: Json = { Error: ERROR };
  for (const one of messages) schemas[one.name] = messageSchema(one);
  for (const one of enums)
    schemas[one.name] = { ...described(one), type: "string", enum: one.values.map((v) => v.name) };
  const document = {
    openapi: "3.1.0",
    info: {
      title: "zako-watch",
      version: packageJson.version,
      description:
        "The API over Connect with JSON. The same methods speak gRPC-Web and binary Connect. Printed from proto/watch/v1.",
    },
    security: [{ adminToken: [] }],
    tags: services.map((service) => ({ name: service.name, ...described(service) })),
    paths: Object.fromEntries(
      services.flatMap((service) => service.methods.map((method) => [pathOf(method), operations(method)])),
    ),
    components: {
      securitySchemes: { adminToken: { type: "http", scheme: "bearer", description: "The value of ADMIN_TOKEN." } },
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
  return `${JSON.stringify(document, undefined, 1)}\n`;
}

const isOurs = (typeName: string): boolean => typeName.startsWith(`${PACKAGE}.`) && !typeName.endsWith("Entry");

const ERROR: Json = {
  description: "An error of Connect.",
  type: "object",
  required: ["code"],
  properties: {
    code: { type: "string", description: "Such as `invalid_argument`." },
    message: { type: "string", description: "What was wrong and what to do." },
    details: { type: "array", items: { type: "object" } },
  },
};

const pathOf = ({ parent, name }: DescMethod): string => `/${parent.typeName}/${name}`;

function operations(method: DescMethod): Json {
  const { name, input, output, parent, idempotency } = method;
  const shared = {
    tags: [parent.name],
    ...described(method),
    responses: {
      "200": { description: "Done.", content: json(refTo(output.name)) },
      default: { description: "Refused, or failed.", content: json(refTo("Error")) },
    },
  };
  const post = { operationId: name, ...shared, requestBody: { required: true, content: json(refTo(input.name)) } };
  if (idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) return { post };
  const parameters = [
    { name: "connect", in: "query", required: true, schema: { const: "v1" } },
    { name: "encoding", in: "query", required: true, schema: { const: "json" } },
    { name: "message", in: "query", required: true, description: "The request.", content: json(refTo(input.name)) },
  ];
  return { post, get: { operationId: `${name}ByGet`, ...shared, parameters } };
}

const json = (schema: Json): Json => ({ "application/json": { schema } });
const refTo = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

const messageSchema = (message: DescMessage): Json => ({
  ...described(message),
  type: "object",
  additionalProperties: false,
  properties: Object.fromEntries(
    message.fields.map((field) => [field.jsonName, { ...described(field), ...fieldSchema(field) }]),
  ),
});

function fieldSchema(field: DescField): Json {
  switch (field.fieldKind) {
    case "scalar":
      return scalarSchema(field.scalar);
    case "enum":
      return refTo(field.enum.name);
    case "message":
      return typeSchema(field.message);
    case "list":
      return { type: "array", items: itemSchema(field) };
    case "map":
      return { type: "object", additionalProperties: itemSchema(field, field.mapKind) };
  }
}

function itemSchema(
  field: DescField & { fieldKind: "list" | "map" },
  kind = field.fieldKind === "list" ? field.listKind : field.mapKind,
): Json {
  if (kind === "message" && field.message !== undefined) return typeSchema(field.message);
  if (kind === "enum" && field.enum !== undefined) return refTo(field.enum.name);
  return scalarSchema(field.scalar ?? ScalarType.STRING);
}

/** Well-known types have forms of their own in JSON. */
function typeSchema(message: DescMessage): Json {
  if (message.typeName === "google.protobuf.Timestamp") return { type: "string", format: "date-time" };
  return refTo(message.name);
}

/** As the JSON mapping of protobuf writes them: 64 bits are strings. */
function scalarSchema(scalar: ScalarType): Json {
  switch (scalar) {
    case ScalarType.STRING:
      return { type: "string" };
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.BYTES:
      return { type: "string", contentEncoding: "base64" };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: "number" };
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return { type: "string", pattern: "^-?[0-9]+$" };
    default:
      return { type: "integer" };
  }
}

type Commented = DescMessage | DescField | DescEnum | DescService | DescMethod;

/** The comment above a declaration, as one paragraph. */
function described(desc: Commented): { description?: string } {
  const path = JSON.stringify(pathIn(desc));
  const { file } = "file" in desc ? desc : desc.parent;
  const found = file.proto.sourceCodeInfo?.location.find((one) => JSON.stringify(one.path) === path);
  const comment = found?.leadingComments.trim().replaceAll(/\s*\n\s*/g, " ") ?? "";
  return comment === "" ? {} : { description: comment };
}

/** Where a declaration of the top level, or a part of one, stands in the descriptor of its file. */
function pathIn(desc: Commented): number[] {
  switch (desc.kind) {
    case "message":
      return [4, desc.file.proto.messageType.indexOf(desc.proto)];
    case "enum":
      return [5, desc.file.proto.enumType.indexOf(desc.proto)];
    case "service":
      return [6, desc.file.proto.service.indexOf(desc.proto)];
    case "field":
      return [...pathIn(desc.parent), 2, desc.parent.proto.field.indexOf(desc.proto)];
    case "rpc":
      return [...pathIn(desc.parent), 2, desc.parent.proto.method.indexOf(desc.proto)];
  }
}
