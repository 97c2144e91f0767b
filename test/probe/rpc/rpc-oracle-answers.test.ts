import { createFetchClient } from "@connectrpc/connect/protocol";
import { createTransport as createConnect } from "@connectrpc/connect/protocol-connect";
import { createTransport as createGrpcWeb } from "@connectrpc/connect/protocol-grpc-web";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Protocol } from "../../../functions/model/probing/protocol.ts";
import { frame, join, scriptedFetch, text } from "../scripted-fetch.ts";
import { type AnyKind, kinds } from "./any-call.ts";
import { contentType } from "./rpc-cases.ts";
import { type Driven, drive } from "./rpc-drive.ts";
import { transportOf } from "./rpc-transport.ts";

/** A part of a body, and what it is to both protocols. */
type Part =
  | { readonly is: "message" | "invalid" | "compressed" | "reserved" | "bytes" }
  /** Trailers of gRPC-Web. */
  | { readonly is: "trailers"; readonly status: string | null; readonly message: string | null }
  /** The end of a Connect stream, or the body of a unary error. */
  | { readonly is: "end" | "json"; readonly json: string };

/** An answer as it comes from the wire. */
interface Answer {
  readonly status: number;
  readonly type: string | null;
  /** `grpc-status` in the head. */
  readonly head: string | null;
  readonly parts: readonly Part[];
  /** Length of the chunks that the body is cut into. */
  readonly chunk: number;
}

type Protocols = Exclude<Protocol, "grpc">;

const isWeb = (protocol: Protocols): boolean => protocol === "grpc-web";
const is2xx = ({ status }: Answer): boolean => status >= 200 && status < 300;
const isUnary = (any: AnyKind): boolean => any.kind === "unary";

function bytesOf(part: Part, any: AnyKind, protocol: Protocols): Uint8Array {
  switch (part.is) {
    case "message":
      return !isWeb(protocol) && isUnary(any) ? any.answer : frame(0, any.answer);
    case "invalid":
      return frame(0, Uint8Array.of(0x0a, 0xff));
    case "compressed":
      return frame(1, any.answer);
    case "reserved":
      return frame(isWeb(protocol) ? 2 : 0x80, any.answer);
    case "bytes":
      return Uint8Array.of(1, 2, 3);
    case "trailers": {
      const lines = [part.status === null ? "" : `grpc-status: ${part.status}\r\n`];
      if (part.message !== null) lines.push(`grpc-message: ${part.message}\r\n`);
      return frame(0x80, lines.join(""));
    }
    case "end":
      return frame(2, part.json);
    case "json":
      return text(part.json);
  }
}

function serve({ status, type, head, parts, chunk }: Answer, any: AnyKind, protocol: Protocols) {
  const body = join(...parts.map((part) => bytesOf(part, any, protocol)));
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.byteLength; at += chunk) chunks.push(body.subarray(at, at + chunk));
  const headers = {
    ...(type === null ? {} : { "content-type": type }),
    ...(head === null ? {} : { "grpc-status": head }),
  };
  return scriptedFetch({ status, headers, chunks });
}

const baseUrl = "http://zako.test";

async function ours(answer: Answer, any: AnyKind, protocol: Protocols): Promise<Driven> {
  const server = serve(answer, any, protocol);
  const driven = await drive(transportOf({ baseUrl, protocol }, server.fetch), any);
  expect(server.openBodies()).toBe(0);
  return driven;
}

async function theirs(answer: Answer, any: AnyKind, protocol: Protocols): Promise<Driven> {
  const options = {
    baseUrl,
    httpClient: createFetchClient(serve(answer, any, protocol).fetch),
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: 1024,
    readMaxBytes: 4 * 2 ** 20,
    writeMaxBytes: 4 * 2 ** 20,
  };
  const driven = await drive(isWeb(protocol) ? createGrpcWeb(options) : createConnect(options), any);
  // The library leaves it to its client to count the messages of a client stream.
  const count = driven.messages.length;
  const miscounts = any.kind === "client stream" && (count > 1 || (count === 0 && driven.end === "ok"));
  return miscounts ? { ...driven, end: "other" } : driven;
}

const statuses = ({ head, parts }: Answer): (string | null)[] => [
  head,
  ...parts.map((part) => (part.is === "trailers" ? part.status : null)),
];
/** Whether the answer is one message. */
const isSingle = ({ kind }: AnyKind): boolean => kind === "unary" || kind === "client stream";
const hasBody = ({ parts }: Answer): boolean => parts.length > 0;

const codeOfJson = (json: string): unknown => {
  try {
    return (JSON.parse(json) as { code?: unknown } | null)?.code;
  } catch {
    return undefined;
  }
};

/** Where the library is wrong by the specification, or reads less strictly than we do, each with an answer that shows it. */
interface Place {
  readonly place: string;
  readonly protocol: Protocols;
  readonly covers: (answer: Answer, any: AnyKind) => boolean;
  readonly kind: AnyKind["kind"];
  readonly example: Partial<Answer>;
  /** How both end in the example. */
  readonly ends: { readonly ours: Driven["end"]; readonly theirs: Driven["end"] };
}

const webType = "application/grpc-web+proto";
const MESSAGE: Part = { is: "message" };
const trailers = (status: string | null, message: string | null = null): Part => ({ is: "trailers", status, message });

const PLACES: readonly Place[] = [
  {
    place:
      "a status in the head of a stream hides the trailers of its body; by gRPC-Web it stands only for an empty body",
    protocol: "grpc-web",
    covers: (answer, any) => answer.head !== null && hasBody(answer) && !isUnary(any),
    kind: "server stream",
    example: { head: "8", parts: [MESSAGE, trailers("0")] },
    ends: { ours: "ok", theirs: 8 },
  },
  {
    place: "a status in the head stands for trailers that a body lacks",
    protocol: "grpc-web",
    covers: ({ head, parts }) =>
      head !== null && parts.length > 0 && parts.every((part) => part.is !== "trailers" || part.status === null),
    kind: "unary",
    example: { head: "0", parts: [MESSAGE, trailers(null)] },
    ends: { ours: "other", theirs: "ok" },
  },
  {
    place: "a stated status under an HTTP error is not read; gRPC's mapping of HTTP statuses puts it first",
    protocol: "grpc-web",
    covers: (answer) => !is2xx(answer) && answer.head !== null && answer.head !== "0",
    kind: "unary",
    example: { status: 503, head: "8", parts: [] },
    ends: { ours: 8, theirs: "other" },
  },
  {
    place: "the content type of gRPC-Web is not looked at",
    protocol: "grpc-web",
    covers: (answer) => is2xx(answer) && answer.type !== webType,
    kind: "unary",
    example: { type: "text/html", parts: [MESSAGE, trailers("0")] },
    ends: { ours: "other", theirs: "ok" },
  },
  {
    place: "a status that gRPC does not know is internal; by gRPC it is unknown, and what is no number is no status",
    protocol: "grpc-web",
    covers: (answer) => statuses(answer).some((status) => status === "99" || status === "x"),
    kind: "unary",
    example: { parts: [trailers("99")] },
    ends: { ours: 2, theirs: 13 },
  },
  {
    place: "a message that is not percent-encoded well hides its status; by gRPC it must not",
    protocol: "grpc-web",
    covers: ({ parts }) => parts.some((part) => part.is === "trailers" && part.message === "%zz"),
    kind: "unary",
    example: { parts: [trailers("5", "%zz")] },
    ends: { ours: 5, theirs: "other" },
  },
  {
    place: "unary gRPC-Web reads on after the end, and takes a message from there",
    protocol: "grpc-web",
    covers: ({ parts }, any) => isUnary(any) && parts.findIndex((part) => part.is === "trailers") < parts.length - 1,
    kind: "unary",
    example: { parts: [trailers("0"), MESSAGE] },
    ends: { ours: "other", theirs: "ok" },
  },
  ...(["grpc-web", "connect"] as const).map(
    (protocol): Place => ({
      place: `what follows a failed end hides it (${protocol})`,
      protocol,
      covers: ({ parts }) => {
        const end = parts.findIndex((part) => part.is === (isWeb(protocol) ? "trailers" : "end"));
        return end !== -1 && end < parts.length - 1;
      },
      kind: "server stream",
      example: {
        parts: [
          isWeb(protocol) ? trailers("5") : { is: "end", json: '{"error":{"code":"not_found"}}' },
          { is: "json", json: "<html>" },
        ],
      },
      ends: { ours: 5, theirs: "other" },
    }),
  ),
  ...(["grpc-web", "connect"] as const).map(
    (protocol): Place => ({
      place: `reserved flags of a frame are passed over (${protocol})`,
      protocol,
      covers: ({ parts }) => parts.some((part) => part.is === "reserved"),
      kind: "server stream",
      example: {
        parts: [{ is: "reserved" }, isWeb(protocol) ? trailers("0") : { is: "end", json: "{}" }],
      },
      ends: { ours: "other", theirs: "ok" },
    }),
  ),
  {
    place: "a unary Connect error without a code of the protocol is given one that the server did not state",
    protocol: "connect",
    covers: ({ status, type, parts }, any) =>
      isUnary(any) &&
      status !== 200 &&
      type === "application/json" &&
      !parts.some((part) => part.is === "json" && codeOfJson(part.json) === "aborted"),
    kind: "unary",
    example: { status: 404, type: "application/json", parts: [{ is: "json", json: "{}" }] },
    ends: { ours: "other", theirs: 12 },
  },
  {
    place: "a unary Connect error is read under the content type of streams",
    protocol: "connect",
    covers: ({ status, type }, any) => isUnary(any) && status !== 200 && type === "application/connect+json",
    kind: "unary",
    example: { status: 409, type: "application/connect+json", parts: [{ is: "json", json: '{"code":"aborted"}' }] },
    ends: { ours: "other", theirs: 10 },
  },
  {
    place: "a redirect can carry a Connect error",
    protocol: "connect",
    covers: ({ status }, any) => isUnary(any) && status >= 300 && status < 400,
    kind: "unary",
    example: { status: 302, type: "application/json", parts: [{ is: "json", json: '{"code":"aborted"}' }] },
    ends: { ours: "other", theirs: 10 },
  },
  {
    place: "details that cannot be read hide the code of an error, which they only explain",
    protocol: "connect",
    covers: ({ parts }) => parts.some((part) => "json" in part && part.json.includes("details")),
    kind: "server stream",
    example: { parts: [{ is: "end", json: '{"error":{"code":"not_found","details":[{"type":"t","value":"%%"}]}}' }] },
    ends: { ours: 5, theirs: "other" },
  },
];

const whole = (protocol: Protocols, any: AnyKind, given: Partial<Answer>): Answer => ({
  status: 200,
  type: isWeb(protocol) ? webType : contentType(protocol, any.method),
  head: null,
  parts: [],
  chunk: 1_000,
  ...given,
});

it.each(PLACES)("the library is not followed where $place", async ({ protocol, kind, example, ends, covers }) => {
  const any = kinds.find((one) => one.kind === kind) as AnyKind;
  const answer = whole(protocol, any, example);
  expect(covers(answer, any)).toBe(true);
  const mine = await ours(answer, any, protocol);
  const library = await theirs(answer, any, protocol);
  expect({ ours: mine.end, theirs: library.end }).toEqual(ends);
});

/** Ends of Connect streams and bodies of its unary errors, right and wrong. */
const JSONS = [
  "{}",
  '{"metadata":{"a":["b"]}}',
  '{"metadata":{"a":"b"}}',
  '{"metadata":[]}',
  '{"metadata":{"no name":["b"]}}',
  '{"error":{"code":"not_found","message":"gone"}}',
  '{"error":{"code":"not_found"},"metadata":null}',
  '{"error":{"code":"nobody_knows"}}',
  '{"error":{"code":"not_found","message":7}}',
  '{"error":"not_found"}',
  '{"error":{"code":"not_found","details":[{"type":"t","value":"%%"}]}}',
  '{"code":"aborted"}',
  '{"code":"aborted","message":"by hand"}',
  '{"code":"aborted","message":["by hand"]}',
  '{"code":null}',
  "[]",
  "<html>",
];

const end = fc.record({ is: fc.constant("end" as const), json: fc.constantFrom(...JSONS) });
const json = fc.record({ is: fc.constant("json" as const), json: fc.constantFrom(...JSONS) });
const stated = fc.constant<Part>({ is: "json", json: '{"code":"aborted","message":"by hand"}' });
const trailersOf = fc.record({
  is: fc.constant("trailers" as const),
  status: fc.constantFrom("0", "0", "0", "5", "9", "16", "99", "x", null),
  message: fc.constantFrom(null, null, "gone", "%zz"),
});
const anyPart: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(MESSAGE) },
  fc.constantFrom<Part>({ is: "invalid" }, { is: "compressed" }, { is: "reserved" }, { is: "bytes" }),
  { weight: 3, arbitrary: trailersOf },
  { weight: 3, arbitrary: end },
  json,
);

/** Bodies such as servers send: messages, and what ends them in the protocol. */
const usualParts = (protocol: Protocols, any: AnyKind): fc.Arbitrary<readonly Part[]> => {
  const messages = fc.array(fc.constant(MESSAGE), { maxLength: 2 });
  if (!isWeb(protocol) && isUnary(any)) return fc.oneof(fc.constant([MESSAGE]), fc.tuple(stated), fc.tuple(json));
  return fc.tuple(messages, isWeb(protocol) ? trailersOf : end).map(([before, last]) => [...before, last]);
};

const answersOf = (protocol: Protocols, any: AnyKind): fc.Arbitrary<Answer> =>
  fc.record({
    status: fc.constantFrom(...new Array<number>(12).fill(200), 206, 302, 401, 404, 503, 504, 530),
    type: fc.constantFrom(
      ...new Array<string>(8).fill(isWeb(protocol) ? webType : contentType(protocol, any.method)),
      ...new Array<string>(!isWeb(protocol) && isUnary(any) ? 8 : 1).fill("application/json"),
      "application/connect+json",
      "text/plain",
      "text/html",
      null,
    ),
    head: fc.constantFrom(null, null, null, "0", "5", "8", "99", "x"),
    parts: fc.oneof(
      { weight: 2, arbitrary: usualParts(protocol, any) },
      { weight: 1, arbitrary: fc.array(anyPart, { maxLength: 4 }) },
    ),
    chunk: fc.constantFrom(1, 3, 7, 1_000),
  });

describe.each(
  (["connect", "grpc-web"] as const).flatMap((protocol) =>
    kinds.map((any) => ({ protocol, any, name: `${any.kind} ${protocol}` })),
  ),
)("$name", ({ protocol, any }) => {
  const isTheirs = (answer: Answer): boolean =>
    !PLACES.some((place) => place.protocol === protocol && place.covers(answer, any));

  it("ends every answer as the library does, but for the named places", async () => {
    const counts = { ok: 0, stated: 0 };
    await fc.assert(
      fc.asyncProperty(answersOf(protocol, any).filter(isTheirs), async (answer) => {
        const mine = await ours(answer, any, protocol);
        const library = await theirs(answer, any, protocol);
        expect(mine.end).toBe(library.end);
        // What came before a failed end is of no use where the answer is one message, nor where the end is not the server's.
        if (mine.end === "ok" || (mine.end !== "other" && !isSingle(any)))
          expect(mine.messages).toEqual(library.messages);
        if (mine.end === "ok") counts.ok++;
        if (typeof mine.end === "number") counts.stated++;
      }),
      { numRuns: 400 },
    );
    // What is compared is not only refused.
    expect({ ok: counts.ok >= 5, stated: counts.stated >= 5 }).toEqual({ ok: true, stated: true });
  });
});
