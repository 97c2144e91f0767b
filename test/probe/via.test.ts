import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { fetcherOf } from "../../functions/lib/fetcher-of.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import type { Outside, Target } from "../../functions/model/probing/target.ts";
import { runBatch } from "../../functions/probe/batch.ts";
import { type RunDeps, runTask } from "../../functions/probe/run.ts";
import { reset, setFault, setMetricsFault, state } from "../zako-control.ts";
import { arrivedThere, putHost, resetNetwork } from "./private-network.ts";
import { depsOf, lineOf, livedIn, planOf, targetOf, taskOf } from "./tasks.ts";

const control = inject("zakoControl");
const zako = inject("zako");
const VIA = "PRIVATE_NETWORK";
const CAS = "http://10.9.8.7:9000";
const BLOBS = "http://blobs.prod.svc:9001";

beforeEach(async () => {
  await putHost("10.9.8.7:9000", zako);
  await putHost("blobs.prod.svc:9001", zako);
});
afterEach(async () => {
  await resetNetwork();
  await reset(control);
});

const SECRETS: Readonly<Record<string, string>> = {
  ACCESS_ID: "id.access",
  ACCESS_SECRET: "s3cret-of-access",
  BLOBS_KEY: "key-of-blobs",
  ZAKO_PASSWORD: "pa55word\n",
};
const ACCESS: Target["headers"] = [
  { header: "cf-access-client-id", secret: "ACCESS_ID" },
  { header: "cf-access-client-secret", secret: "ACCESS_SECRET" },
];
/** The platform's fetch must not be asked for what goes through a binding. */
const noFetch: typeof fetch = async (input) => {
  throw new Error(`the public internet was asked: ${String(input)}`);
};
const deps = (rest: Partial<RunDeps> = {}): RunDeps =>
  depsOf({ fetcher: (name) => fetcherOf(env, name), secret: (name) => SECRETS[name], fetch: noFetch, ...rest });
const inside = (rest: Partial<Target> = {}): Target => targetOf({ casUrl: CAS, transportUrl: CAS, via: VIA, ...rest });

describe("a target on an IP address over http behind a service binding", () => {
  it.each(["connect", "grpc-web"] as const)(
    "is probed over %s, and the public internet is not asked",
    async (protocol) => {
      const target = inside({ protocol });
      const memory = await livedIn();
      for (const kind of ["health", "cas.details", "transport.upload", "transport.download", "worker.submit"])
        expect([kind, (await runTask(taskOf(kind, { target, memory }), deps())).outcome]).toEqual([kind, "ok"]);
      const arrived = await arrivedThere();
      expect(arrived.length).toBeGreaterThanOrEqual(5);
      for (const { url } of arrived) expect(url).toMatch(/^http:\/\/10\.9\.8\.7:9000\//);
    },
  );

  it("is probed by a RegionProber, which has the binding too", async () => {
    const tasks = [taskOf("health", { target: inside(), vantage: "weur" })];
    const { samples } = await env.REGION_PROBER.getByName("weur-0").run({
      tasks,
      installation: "test",
      timeoutMs: 20_000,
    });
    expect(samples.map(lineOf)).toEqual(["ok: check ok"]);
    expect(await arrivedThere()).toHaveLength(1);
  });

  it("gets the two headers of Access with every call, and another origin does not", async () => {
    const target = inside({ transportUrl: BLOBS, headers: ACCESS });
    const memory = await livedIn();
    await runTask(taskOf("transport.upload", { target, memory }), deps());
    await runTask(taskOf("cas.negotiate", { target, memory }), deps());
    const arrived = await arrivedThere();
    expect(new Set(arrived.map(({ url }) => new URL(url).origin))).toEqual(new Set([CAS, BLOBS]));
    for (const { url, headers } of arrived) {
      const isCas = url.startsWith(CAS);
      expect([url, headers["cf-access-client-id"]]).toEqual([url, isCas ? "id.access" : undefined]);
      expect([url, headers["cf-access-client-secret"]]).toEqual([url, isCas ? "s3cret-of-access" : undefined]);
    }
    const { lastHeaders } = await state(control);
    expect(lastHeaders["cas.NegotiateBlobs"]).toMatchObject({
      "cf-access-client-id": "id.access",
      "cf-access-client-secret": "s3cret-of-access",
    });
    expect(Object.keys(lastHeaders["transport.Upload"] ?? {}).filter((name) => name.startsWith("cf-access"))).toEqual(
      [],
    );
  });

  it("sends a Transport elsewhere what is listed for it, and basic authentication as RFC 7617 says", async () => {
    const headers: Target["headers"] = [{ header: "authorization", secret: "ZAKO_PASSWORD", username: "wätch" }];
    const transportHeaders: Target["headers"] = [{ header: "x-key", scheme: "Key", secret: "BLOBS_KEY" }];
    const target = inside({ transportUrl: BLOBS, headers, transportHeaders });
    await runTask(taskOf("transport.upload", { target, memory: await livedIn() }), deps());
    for (const { url, headers: got } of await arrivedThere()) {
      const isCas = url.startsWith(CAS);
      expect([url, got["authorization"]]).toEqual([url, isCas ? "Basic d8OkdGNoOnBhNTV3b3Jk" : undefined]);
      expect([url, got["x-key"]]).toEqual([url, isCas ? undefined : "Key key-of-blobs"]);
    }
  });

  it("never sees what is meant for the same address outside the binding, nor the other way round", async () => {
    // The same origin reached two ways is two servers.
    const target = inside({ transportUrl: CAS, headers: ACCESS, transportVia: "OTHER_NETWORK" });
    const sent: Headers[] = [];
    const other = {
      fetch: async (request: Request) => {
        sent.push(request.headers);
        return new Response(null, { status: 503 });
      },
    };
    const fetcher = (name: string) => (name === "OTHER_NETWORK" ? other : fetcherOf(env, name));
    await runTask(taskOf("transport.download", { target, memory: await livedIn() }), deps({ fetcher }));
    expect(sent.length).toBeGreaterThan(0);
    for (const headers of sent) expect(headers.has("cf-access-client-secret")).toBe(false);
  });
});

describe("what fails behind a binding", () => {
  const health = (target: Target, rest: Partial<RunDeps> = {}): Promise<Sample> =>
    runTask(taskOf("health", { target, plan: planOf("health", {}, { timeoutMs: 500 }) }), deps(rest));

  it("is a lost connection, whatever the Worker there throws, and is asked once more", async () => {
    expect(lineOf(await health(inside({ casUrl: "http://broken:80" })))).toBe("failed connect: check connect");
    expect(await arrivedThere()).toHaveLength(2);
  });

  it("is a host that the network does not know", async () => {
    const sample = await health(inside({ casUrl: "http://10.9.8.8" }));
    expect(lineOf(sample)).toBe("failed http_status: check http_status");
    expect(sample.failure?.httpStatus).toBe(502);
  });

  it("is a target that hangs, at its own deadline", async () => {
    await setFault(control, "hang");
    expect(lineOf(await health(inside()))).toBe("failed timeout: check timeout");
  });

  it("is a redirect, which is not followed", async () => {
    await setFault(control, "redirect", { status: 302, location: `${zako}/elsewhere` });
    expect(lineOf(await health(inside()))).toBe("failed redirect: check redirect");
    expect((await state(control)).unknownPaths).toEqual({});
  });

  it("is a login page of Access, and says so", async () => {
    await setFault(control, "redirect", {
      status: 302,
      location: "https://team.cloudflareaccess.com/cdn-cgi/access/login/x",
    });
    expect((await health(inside())).failure?.hint).toContain("service token under `headers`");
  });

  it("is an upload, which is not sent again", async () => {
    const target = inside({ transportUrl: "http://broken:80" });
    const sample = await runTask(taskOf("transport.upload", { target, memory: await livedIn() }), deps());
    expect(lineOf(sample)).toBe("failed connect: upload connect");
    expect(await arrivedThere()).toHaveLength(1);
  });

  it("is a limit of the platform, which is not the target's fault", async () => {
    const binding = {
      fetch: () => Promise.reject(new Error("Too many Worker invocations")),
    };
    expect(lineOf(await health(inside(), { fetcher: () => binding }))).toBe(
      "skipped platform_limit: check platform_limit",
    );
  });
});

describe("a binding that this deployment does not have", () => {
  it.each(["NOT_BOUND", "DB", "MONITOR", "METRICS_TOKEN"])("is the prober's fault (%s)", async (via) => {
    const sample = await runTask(taskOf("health", { target: inside({ via }) }), deps());
    expect(lineOf(sample)).toBe("skipped binding_missing: ");
    expect(sample.failure?.message).toContain(via);
    expect(sample.failure?.hint).toContain("wrangler.toml");
    expect(await arrivedThere()).toEqual([]);
  });

  it("or has only on the platform, as in a local run, is no failure of the target", async () => {
    const binding = { fetch: () => Promise.reject(new Error("Binding ZAKO_VPC needs to be run remotely")) };
    const sample = await runTask(taskOf("health", { target: inside() }), deps({ fetcher: () => binding }));
    expect(lineOf(sample)).toBe("skipped binding_missing: check binding_missing");
    expect(sample.failure?.hint).toContain("[[services]]");
  });

  it("costs only those that are reached through it", async () => {
    const tasks = [
      taskOf("health", { target: inside({ name: "lost", via: "NOT_BOUND" }) }),
      taskOf("health", { target: inside({ name: "found" }) }),
    ];
    const { samples } = await runBatch(tasks, { ...deps(), timeoutMs: 5_000 });
    expect(samples.map((sample) => `${sample.target} ${sample.outcome}`).sort()).toEqual(["found ok", "lost skipped"]);
  });
});

describe("a scrape", () => {
  const scraped = (target: Target, outside: Outside, rest: Partial<RunDeps> = {}) =>
    runTask(taskOf("scrape", { target, plan: { ...planOf("scrape"), outside } }), deps(rest));

  it("goes through its own binding, with its own headers", async () => {
    const target = targetOf({ casUrl: "https://cas.example", transportUrl: "https://cas.example" });
    const sample = await scraped(target, { url: `${CAS}/metrics`, via: VIA, headers: ACCESS ?? [] });
    expect(lineOf(sample)).toBe("ok: get ok, read ok, fresh ok, fits ok");
    expect((await arrivedThere())[0]).toMatchObject({
      url: `${CAS}/metrics`,
      headers: { "cf-access-client-id": "id.access", "cf-access-client-secret": "s3cret-of-access" },
    });
  });

  it("goes where the CAS is reached, with the target's headers, if it is on the CAS's origin", async () => {
    await scraped(inside({ headers: ACCESS }), { url: `${CAS}/metrics` });
    expect((await arrivedThere())[0]?.headers).toMatchObject({ "cf-access-client-id": "id.access" });
  });

  it("on another origin takes neither the target's binding nor its headers", async () => {
    const asked: Headers[] = [];
    const asking: typeof fetch = async (_input, init) => {
      asked.push(new Headers(init?.headers));
      return new Response("zako_v1_cas_tokens_held 1\n", { headers: { "content-type": "text/plain" } });
    };
    await scraped(inside({ headers: ACCESS }), { url: "https://metrics.example/metrics" }, { fetch: asking });
    expect(asked.map((headers) => headers.has("cf-access-client-secret"))).toEqual([false]);
    expect(await arrivedThere()).toEqual([]);
  });
});

describe("secrets", () => {
  it.each(Object.keys(SECRETS))("do not come back in what a server says (%s)", async (name) => {
    const header = name === "ZAKO_PASSWORD" ? { header: "authorization", username: "w" } : { header: "x-key" };
    const target = inside({ headers: [{ ...header, secret: name }] });
    const value = (SECRETS[name] as string).trim();
    const sent = name === "ZAKO_PASSWORD" ? btoa(`w:${value}`) : value;
    await setFault(control, "rpc", { code: "internal", message: `you sent ${sent} and ${value}` });
    const sample = await runTask(taskOf("health", { target }), deps());
    expect(sample.failure?.said).toContain("you sent [secret] and [secret]");
    const body = `zako_v1_engine_exceptions_total{kind="${sent}"} 1\n`;
    await setMetricsFault(control, "body", { body });
    const plan = { ...planOf("scrape"), outside: { url: `${CAS}/metrics` } };
    expect(JSON.stringify(await runTask(taskOf("scrape", { target, plan }), deps()))).not.toContain(sent);
  });

  it.each([
    ["a line break", "one\ntwo"],
    ["another script", "gеheim"],
  ])("with %s are not sent, and the binding is named", async (_, value) => {
    const target = inside({ headers: [{ header: "x-key", secret: "ODD" }] });
    const sample = await runTask(taskOf("health", { target }), deps({ secret: () => value }));
    expect(lineOf(sample)).toBe("skipped secret_missing: ");
    expect(sample.failure?.message).toMatch(/ODD.*line break/);
    expect(await arrivedThere()).toEqual([]);
  });
});
