import fc from "fast-check";
import { expect, test } from "vitest";
import { failure } from "../../../functions/model/probing/failure.ts";
import { endOfConnectStream, endOfTrailers } from "../../../functions/probe/rpc/rpc-status.ts";
import { grpcMessage, saidOf, withoutSecrets } from "../../../functions/probe/rpc/server-said.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ["no healthy upstream", { said: "no healthy upstream" }],
  ["two\r\nlines\u0000 \u202eturned", { said: "two lines turned" }],
  ["  ", {}],
  ["<html><body>Bad gateway</body></html>", {}],
  [undefined, {}],
])("of %j the words are %j", (text, said) => expect(saidOf(text)).toEqual(said));

test("a server's message comes with its status, in trailers and at the end of a Connect stream", () => {
  expect(endOfTrailers(bytes("grpc-status: 14\r\ngrpc-message: disk%20full\r\n"))).toMatchObject({
    reason: "rpc_unavailable",
    said: "disk full",
  });
  expect(endOfConnectStream(bytes('{"error":{"code":"internal","message":"disk full"}}'))).toMatchObject({
    reason: "rpc_internal",
    said: "disk full",
  });
  expect(grpcMessage("100%")).toBe("100%");
});

test("no secret comes back in a server's words, whatever they are, and they are short", () => {
  const word = fc.string({ minLength: 4, maxLength: 40 }).filter((text) => text.trim().length >= 4);
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 4 }),
      fc.array(fc.string(), { maxLength: 4 }),
      (secrets, rest) => {
        const { said } = saidOf(secrets.flatMap((secret, i) => [rest[i] ?? "", secret]).join(" "));
        const clean = withoutSecrets(failure("rpc_internal", true, said === undefined ? {} : { said }), secrets);
        expect((clean.said ?? "").length).toBeLessThanOrEqual(300);
        const left = (clean.said ?? "").replaceAll("[secret]", "");
        for (const secret of secrets) expect(left).not.toContain(saidOf(secret).said ?? "\u0000");
      },
    ),
    { examples: [[["s3cret", "s3cret-and-more"], []]] },
  );
});
