import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { afterEach, describe, expect, inject, it } from "vitest";
import { EMPTY_MEMORY } from "../../../functions/model/probing/memory.ts";
import type { Target } from "../../../functions/model/probing/target.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { runTask } from "../../../functions/probe/run.ts";
import { TransportDetailsSchema } from "../../../proto/gen/zako/v1/cas_pb.ts";
import { reset, setFault, state } from "../../zako-control.ts";
import { frame, join, type Script, scriptedFetch, text } from "../scripted-fetch.ts";
import { depsOf, lineOf, livedIn, planOf, targetOf, taskOf } from "../tasks.ts";

const control = inject("zakoControl");
const zako = inject("zako");
/** The same server under another name: another origin, which counts all that reaches it. */
const elsewhere = zako.replace("127.0.0.1", "localhost");
afterEach(() => reset(control));

const SECRET = "s3cret-of-target";
const GUARDED: Partial<Target> = {
  headers: [{ header: "x-secret", secret: "ZAKO_TOKEN" }],
  transportAuth: { header: "authorization", scheme: "Bearer" },
};
// What goes out to other endpoints is the matter of scrape.test.ts.
const KINDS = PROBE_KINDS.filter(({ tier }) => tier !== "outside").map(({ kind }) => kind);

/** The platform's fetch, and where it was sent. */
function recorded(): { fetch: typeof fetch; sent: { origin: string; headers: Headers; redirect: unknown }[] } {
  const sent: { origin: string; headers: Headers; redirect: unknown }[] = [];
  return {
    sent,
    fetch: (input, init) => {
      const { origin } = new URL(String(input));
      sent.push({ origin, headers: new Headers(init?.headers), redirect: init?.redirect });
      return fetch(input as string, init as RequestInit);
    },
  };
}

const secret = (name: string): string | undefined => (name === "ZAKO_TOKEN" ? SECRET : undefined);

it("reaches the same server under its other name, or the tests below would prove nothing", async () => {
  await fetch(`${elsewhere}/elsewhere`).then((response) => response.arrayBuffer());
  expect((await state(control)).unknownPaths).toEqual({ "/elsewhere": 1 });
});

describe.each(["grpc-web", "connect"] as const)("a redirect over %s", (protocol) => {
  it.each([
    [301, `${elsewhere}/elsewhere`],
    [302, "/elsewhere"],
    [303, `//localhost:${new URL(zako).port}/elsewhere`],
    [307, `${elsewhere}/grpc.health.v1.Health/Check`],
    [308, `${elsewhere}/zako.v1.transport.Transport/Upload`],
    [300, `${zako}/elsewhere`],
    [304, `${elsewhere}/elsewhere`],
  ])("%d to %s is never followed", async (status, location) => {
    const memory = { ...(await livedIn()), token: "t0ken" };
    await setFault(control, "redirect", { status, location });
    for (const kind of KINDS) {
      const { fetch, sent } = recorded();
      const target = targetOf({ ...GUARDED, protocol });
      const sample = await runTask(
        taskOf(kind, { target, plan: planOf(kind, {}), memory, attempt: 1 }),
        depsOf({ fetch, secret }),
      );
      expect([kind, sample.outcome]).toEqual([kind, "failed"]);
      expect(sent.map(({ origin, redirect }) => [origin, redirect])).toEqual(sent.map(() => [zako, "manual"]));
      const { unknownPaths, started } = await state(control);
      const arrived = Object.values(started).reduce((sum, count) => sum + count, 0);
      expect([kind, unknownPaths, arrived]).toEqual([kind, {}, sent.length]);
      await reset(control);
      await livedIn();
      await setFault(control, "redirect", { status, location });
    }
  });
});

describe("an address that GetTransportDetails hands out", () => {
  /** `cas` under one name and Transport under the other, so that the server can tell which one was called. */
  const apart: Partial<Target> = {
    casUrl: zako,
    transportUrl: elsewhere,
    // Without this a refused token is replaced.
    budgets: { writeBytesPerDay: 2 ** 30, tokensPerDay: 0 },
  };

  it.each([
    ["127.0.0.1", Number(new URL(control).port)],
    ["127.0.0.1", Number(new URL(inject("zakoGrpc")).port)],
    ["169.254.169.254", 80],
    ["::1", 443],
  ])("is compared and not dialled, be it [%s]:%d", async (ip, port) => {
    const memory = { ...(await livedIn()), token: "t0ken" };
    await setFault(control, "drifting-address", { ip, port });
    const { fetch, sent } = recorded();
    for (const kind of KINDS) {
      const target = targetOf({ ...GUARDED, ...apart, address: "203.0.113.7:9000" });
      const sample = await runTask(taskOf(kind, { target, memory }), depsOf({ fetch, secret }));
      if (kind === "cas.details") expect(lineOf(sample)).toContain("address address_drift");
    }
    expect(new Set(sent.map(({ origin }) => origin))).toEqual(new Set([zako, elsewhere]));
    const { lastHeaders, unknownPaths } = await state(control);
    expect(unknownPaths).toEqual({});
    for (const [method, headers] of Object.entries(lastHeaders)) {
      const transport = method.startsWith("transport.");
      expect([method, headers["host"]]).toEqual([method, new URL(transport ? elsewhere : zako).host]);
      // A secret stays on the origin that it is for; the token of the CAS goes to the configured Transport.
      expect([method, headers["x-secret"]]).toEqual([method, transport ? undefined : SECRET]);
      if (!transport) expect([method, headers["authorization"]]).toEqual([method, undefined]);
    }
    expect(lastHeaders["transport.Download"]?.["authorization"]).toBe("Bearer t0ken");
  });
});

const CAS = "https://cas.eu.example";
const BLOBS = "https://blobs.eu.example/zako";
const EVIL = "https://evil.example";

const usable = fc.string({ unit: fc.constantFrom(..."abcXYZ019._~+/=:@%"), minLength: 8, maxLength: 24 });
const details = fc.tuple(usable, fc.nat(65_535)).map(([authToken, port]): Script => {
  const message = create(TransportDetailsSchema, {
    authToken,
    recommendedConcurrency: 1,
    serverAddr: { ip: { ipAddr: { case: "v4", value: 0x7f000001 } }, port },
  });
  const trailers = frame(0x80, "grpc-status: 0\r\n");
  return {
    headers: { "content-type": "application/grpc-web+proto" },
    chunks: [join(frame(0, toBinary(TransportDetailsSchema, message)), trailers)],
  };
});
const redirect = fc
  .record({
    status: fc.integer({ min: 300, max: 399 }),
    location: fc.oneof(
      fc.constantFrom(EVIL, `${EVIL}/zako.v1.cas.ContentAddressableStorage/X`, "//evil.example"),
      fc.webUrl(),
    ),
  })
  .map(({ status, location }): Script => ({ status, headers: { location, refresh: `0; url=${EVIL}` } }));
const refused = fc.constantFrom("16", "7", "14").map(
  (code): Script => ({
    headers: {
      "content-type": "application/grpc-web+proto",
      "set-cookie": "a=b; Domain=evil.example",
      "alt-svc": 'h2="evil.example:443"',
    },
    chunks: [frame(0x80, `grpc-status: ${code}\r\ngrpc-message: ${EVIL}\r\n`)],
  }),
);
const page = fc
  .integer({ min: 200, max: 599 })
  .filter((status) => status !== 204 && status !== 205 && status !== 304)
  .map(
    (status): Script => ({ status, headers: { "content-type": "text/html" }, chunks: [text(`<base href=${EVIL}>`)] }),
  );
const lost = fc.constant(new Error("Network connection lost."));

it("whatever servers answer, a secret goes to its own origin alone and a token to Transport's alone", async () => {
  const answers = fc.array(fc.oneof(details, redirect, refused, page, lost), { minLength: 40, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...KINDS),
      fc.constantFrom("grpc-web" as const, "grpc" as const, "connect" as const),
      fc.constantFrom(0, 1),
      usable,
      fc.boolean(),
      answers,
      async (kind, protocol, attempt, token, suppressed, scripts) => {
        const { fetch, requests } = scriptedFetch(scripts);
        const target = targetOf({ ...GUARDED, casUrl: CAS, transportUrl: BLOBS, protocol });
        const memory = suppressed ? { ...EMPTY_MEMORY, token } : EMPTY_MEMORY;
        const sample = await runTask(taskOf(kind, { target, memory, attempt }), depsOf({ fetch, secret }));
        const tokens = new Set([token, ...(sample.memory?.token === undefined ? [] : [sample.memory.token])]);
        for (const { url, init } of requests) {
          const headers = new Headers(init.headers);
          expect(init.redirect).toBe("manual");
          expect([CAS, BLOBS].filter((base) => url.startsWith(`${base}/`))).toHaveLength(1);
          expect(headers.get("x-secret")).toBe(url.startsWith(`${CAS}/`) ? SECRET : null);
          const bearer = headers.get("authorization");
          if (!url.startsWith(`${BLOBS}/`)) expect(bearer).toBeNull();
          // What `transport.negative` makes up is no token of anybody's.
          else if (bearer !== null && kind !== "transport.negative")
            expect(tokens).toContain(bearer.slice("Bearer ".length));
          for (const [name, value] of headers)
            if (name !== "x-secret" && name !== "authorization") {
              expect(value).not.toContain(SECRET);
              if (suppressed) expect(value).not.toContain(token);
            }
        }
        expect(JSON.stringify({ ...sample, memory: undefined })).not.toContain(SECRET);
      },
    ),
    { numRuns: 500 },
  );
});
