import { Code } from "@connectrpc/connect";
import { replaceText, withBody } from "../body.ts";
import { codeByName } from "../code-name.ts";
import { defineFault, type Fault } from "./fault.ts";

/** Stands in the text of `invalid-utf8` where the broken bytes go; as long as they are, and free of escapes. */
const marker = "~~~~~~";
/** Bytes that no UTF-8 text has, and the head of a sequence whose tail is missing. */
const brokenBytes = Uint8Array.of(0xff, 0xfe, 0xff, 0xfe, 0xc3, 0x28);

const code = { doc: "RPC code in snake case", default: "unavailable", oneOf: [...codeByName.keys()] } as const;

/** Errors of the RPC layer, well-formed or not. */
export const rpcFaults: readonly Fault[] = [
  defineFault({
    name: "rpc",
    doc: "Answers every call with an RPC error.",
    params: { code, message: { doc: "its message", default: "made to fail by the fault rpc" } },
    decide: { refusal: (_, { code: name, message }) => ({ code: codeOf(name), message }) },
  }),
  defineFault({
    name: "huge-error",
    doc: "An RPC error whose message is 10 MB long. Native gRPC is left out: its message is a header, which HTTP/2 caps.",
    shapes: ["connect", "connect-stream", "grpc-web"],
    params: { bytes: { doc: "length of the message", default: 10_000_000, max: 100_000_000 }, code },
    decide: { refusal: (_, { code: name, bytes }) => ({ code: codeOf(name), message: "e".repeat(bytes) }) },
  }),
  defineFault({
    name: "invalid-utf8",
    doc: "An RPC error whose message is not UTF-8: raw bytes in Connect's JSON, %FF%FE in gRPC and gRPC-Web.",
    params: { code },
    decide: { refusal: (_, { code: name }) => ({ code: codeOf(name), message: `broken ${marker} text` }) },
    rewrite(answer, { shape }) {
      const percent = shape === "grpc" || shape === "grpc-web";
      const header = breakHeader(answer.header);
      const trailer = breakHeader(answer.trailer);
      const broken = { ...answer, ...(header && { header }), ...(trailer && { trailer }) };
      if (answer.body === undefined) return broken;
      const body = replaceText(answer.body, marker, percent ? Buffer.from("%FF%FE") : brokenBytes);
      // gRPC's trailers are filled in while the body is read, so they are looked at again when it has ended.
      return withBody(broken, shape === "grpc" ? thenBreak(body, answer.trailer, broken.trailer) : body);
    },
  }),
];

function codeOf(name: string): Code {
  return codeByName.get(name) ?? Code.Unknown;
}

function breakHeader(headers: Headers | undefined): Headers | undefined {
  if (headers === undefined) return undefined;
  const copy = new Headers(headers);
  const message = copy.get("grpc-message");
  if (message !== null) copy.set("grpc-message", message.replace(marker, "%FF%FE"));
  return copy;
}

async function* thenBreak(
  body: AsyncIterable<Uint8Array>,
  from: Headers | undefined,
  to: Headers | undefined,
): AsyncGenerator<Uint8Array> {
  yield* body;
  for (const [name, value] of breakHeader(from) ?? []) to?.set(name, value);
}
