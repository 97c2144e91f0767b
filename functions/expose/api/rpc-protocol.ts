import { Code, ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import {
  contentTypeJson,
  contentTypeProto,
  setTrailerStatus,
  trailerFlag,
  trailerParse,
  trailerSerialize,
} from "@connectrpc/connect/protocol-grpc-web";
import { readGrpcTimeout } from "../../lib/grpc-timeout.ts";

/** How a call of the API travels. `get`: Connect in a query. */
export type RpcProtocol = "connect" | "get" | "grpc-web";

const CONNECT_TYPE = /^application\/(json(; ?charset=utf-?8)?|proto)$/i;
const GRPC_WEB_TYPE = /^application\/grpc-web(\+(proto|json(; ?charset=utf-?8)?))?$/i;

/** The protocol of a call; undefined where it is none that the API speaks. */
export function protocolOf(request: Request): RpcProtocol | undefined {
  // A HEAD is answered as a GET.
  if (request.method === "GET" || request.method === "HEAD")
    return new URL(request.url).searchParams.has("connect") ? "get" : undefined;
  if (request.method !== "POST") return undefined;
  const type = request.headers.get("content-type") ?? "";
  if (GRPC_WEB_TYPE.test(type)) return "grpc-web";
  return CONNECT_TYPE.test(type) ? "connect" : undefined;
}

/** An error as the protocol of the call says it. */
export function rpcError(protocol: RpcProtocol, request: Request, code: Code, words: string): Response {
  const error = new ConnectError(words, code);
  const headers = new Headers({ "cache-control": "no-store" });
  if (protocol === "grpc-web") {
    const isJson = request.headers.get("content-type")?.toLowerCase().includes("+json") === true;
    headers.set("content-type", isJson ? contentTypeJson : contentTypeProto);
    const trailer = trailerSerialize(setTrailerStatus(new Headers(), error));
    return new Response(encodeEnvelope(trailerFlag, trailer) as Uint8Array<ArrayBuffer>, { headers });
  }
  headers.set("content-type", "application/json");
  const body = errorToJsonBytes(error, undefined) as Uint8Array<ArrayBuffer>;
  return new Response(body, { status: codeToHttpStatus(code), headers });
}

/** What is wrong with the frame of a call, as one or two sentences; undefined where nothing is. */
export function frameProblem(protocol: RpcProtocol, request: Request): string | undefined {
  if (protocol === "grpc-web") return undefined;
  const version = request.headers.get("connect-protocol-version");
  if (version !== null && version !== "1")
    return `Connect-Protocol-Version is ${JSON.stringify(version)}. Send "1", or leave it out.`;
  if (protocol === "connect") return undefined;
  const query = new URL(request.url).searchParams;
  const connect = query.get("connect");
  if (connect !== null && connect !== "v1")
    return `The query parameter \`connect\` is ${JSON.stringify(connect)}. Send "v1", or leave it out.`;
  if (query.get("base64") !== "1" || isBase64(query.get("message") ?? "")) return undefined;
  return "The query parameter `message` is not base64. Encode it (the URL alphabet is best), or leave `base64` out.";
}

/** Either alphabet, with or without padding. */
function isBase64(text: string): boolean {
  const [, data = "", padding = ""] = /^([\w+/-]*)(={0,2})$/.exec(text) ?? [undefined, "!"];
  return data !== "!" && data.length % 4 !== 1 && (padding === "" || (data.length + padding.length) % 4 === 0);
}

/** The time that the caller gives a call, in ms, if it gives one; or what is wrong with it. */
export type AskedTimeout = { ok: true; timeoutMs: number | undefined } | { ok: false; why: string };

/** Reads the header that says how long the caller waits. */
export function askedTimeout(protocol: RpcProtocol, { headers }: Request): AskedTimeout {
  const name = timeoutHeader(protocol);
  const value = headers.get(name);
  if (value === null) return { ok: true, timeoutMs: undefined };
  if (protocol === "grpc-web") {
    const timeoutMs = readGrpcTimeout(value);
    if (timeoutMs !== undefined) return { ok: true, timeoutMs };
    return wrong(name, value, "1 to 8 digits and a unit (H, M, S, m, u or n), such as 5S");
  }
  if (/^\d{1,10}$/.test(value)) return { ok: true, timeoutMs: Number(value) };
  return wrong(name, value, "milliseconds as 1 to 10 digits, such as 5000");
}

/** The header that carries the timeout of a call. */
export const timeoutHeader = (protocol: RpcProtocol): string =>
  protocol === "grpc-web" ? "grpc-timeout" : "connect-timeout-ms";

const wrong = (name: string, value: string, form: string): AskedTimeout => ({
  ok: false,
  why: `${name} is ${JSON.stringify(value)}, which cannot be read. Send ${form}.`,
});

/** How the library begins to say that it cannot read a message. */
const UNREADABLE = "parse binary:";

/** Whether an answer of the library blames us for bytes that are not a message. `body` is what the answer holds. */
export function blamesUsForBytes(protocol: RpcProtocol, status: number, body: Uint8Array): boolean {
  if (protocol === "grpc-web") {
    if (body[0] !== trailerFlag) return false;
    const trailer = trailerParse(body.subarray(5));
    const words = trailer.get("grpc-message") ?? "";
    return trailer.get("grpc-status") === `${Code.Internal}` && words.startsWith(encodeURIComponent(UNREADABLE));
  }
  if (status !== 500) return false;
  const { message } = JSON.parse(new TextDecoder().decode(body)) as { message?: string };
  return message?.startsWith(UNREADABLE) === true;
}
