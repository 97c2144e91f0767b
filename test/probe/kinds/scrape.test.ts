import { afterEach, describe, expect, inject, it } from "vitest";
import type { ImportedFamily, ReportedMetric } from "../../../functions/model/probing/reported-metric.ts";
import type { Sample } from "../../../functions/model/probing/sample.ts";
import type { Outside } from "../../../functions/model/probing/target.ts";
import { runBatch } from "../../../functions/probe/batch.ts";
import { type RunDeps, runTask } from "../../../functions/probe/run.ts";
import { reset, setFault, setMetricsFault, state } from "../../zako-control.ts";
import { scriptedFetch, text } from "../scripted-fetch.ts";
import { depsOf, lineOf, planOf, targetOf, taskOf } from "../tasks.ts";

const control = inject("zakoControl");
afterEach(() => reset(control));

const scraped = (options: object = {}, deps: Partial<RunDeps> = {}, timeoutMs = 5_000): Promise<Sample> =>
  runTask(taskOf("scrape", { plan: planOf("scrape", options, { timeoutMs }) }), depsOf(deps));

/** What an endpoint with this body would tell. */
async function of(body: string, options: object = {}, imports: readonly ImportedFamily[] = [], contentType?: string) {
  await setMetricsFault(control, "body", { body, ...(contentType === undefined ? {} : { contentType }) });
  return scraped(options, { imports });
}

const dropped = ({ observations }: Sample): Record<string, number> =>
  Object.fromEntries(
    observations.flatMap(({ family, labels, value }) =>
      family === "zako_watch_scrape_dropped_series_total" ? [[labels["reason"] ?? "", value]] : [],
    ),
  );
const reported = ({ metrics = [] }: Sample): string[] =>
  metrics.map(({ family, labels, value }) => {
    const own = Object.entries(labels).flatMap(([name, text]) => (name === "source" ? [] : [`${name}=${text}`]));
    return `${family}{${own.join()}} ${typeof value === "number" ? value : JSON.stringify(value)}`;
  });

describe("a scrape of the reference server", () => {
  it("reports what the server counts, marked as scraped, with the start of the process", async () => {
    await runTask(taskOf("cas.negotiate"), depsOf());
    const sample = await scraped();
    const { tokens } = await state(control);
    expect(lineOf(sample)).toBe("ok: get ok, read ok, fresh ok, fits ok");
    const byFamily = new Map(sample.metrics?.map((metric) => [metric.family, metric]));
    const issued = byFamily.get("zako_v1_cas_tokens_issued_total") as ReportedMetric;
    expect(issued).toMatchObject({ labels: { source: "scrape" }, value: tokens.issued, temporality: "total" });
    expect(issued.since).toBeGreaterThan(1_700_000_000_000);
    expect(byFamily.get("zako_v1_process_resident_memory_bytes")).toMatchObject({ temporality: "now" });
    expect(reported(sample)).toContain("zako_v1_cas_requests_total{method=NegotiateBlobs,code=ok} 1");
    expect(dropped(sample)).toEqual({});
  });

  it.each<[string, string]>([
    ["gzip", "ok: get ok, read ok, fresh ok, fits ok"],
    ["huge", "failed oversize: get oversize"],
    ["endless", "failed oversize: get oversize"],
    ["bomb", "failed oversize: get oversize"],
    ["silent", "failed timeout: get timeout"],
    ["broken", "failed truncated: get truncated"],
    ["status", "failed http_status: get http_status"],
    ["redirect", "failed redirect: get redirect"],
    ["garbage", "failed protocol: get ok, read protocol"],
    ["page", "failed protocol: get ok, read protocol"],
    ["truncated", "failed truncated: get ok, read truncated"],
    ["mistyped", "failed invalid_answer: get ok, read invalid_answer"],
    ["stale", "failed stale: get ok, read ok, fresh stale"],
    ["hostile", "degraded oversize: get ok, read ok, fresh ok, fits oversize"],
  ])("that is %s: %s", async (fault, line) => {
    await setMetricsFault(control, fault);
    const sample = await scraped({}, {}, fault === "silent" ? 300 : 5_000);
    // Random bytes may lack a last line end.
    if (fault === "garbage") expect(lineOf(sample)).toMatch(/read (protocol|truncated)$/);
    else expect(lineOf(sample)).toBe(line);
    if (sample.outcome === "failed") expect(sample.metrics).toBeUndefined();
    // What it says is ours, never the server's.
    expect(JSON.stringify(sample.failure ?? "")).not.toMatch(/Welcome|127\.0\.0\.1/);
  });

  it("with hostile labels keeps what is within bounds, and counts the rest", async () => {
    await setMetricsFault(control, "hostile");
    const sample = await scraped();
    expect(sample.metrics).toHaveLength(500);
    expect(dropped(sample)).toMatchObject({ label_value: 1, long_line: 1, malformed: 3, duplicate: 1, value: 2 });
    for (const { labels } of sample.metrics ?? [])
      for (const value of Object.values(labels)) expect(value.length).toBeLessThanOrEqual(128);
  });
});

describe("an exposition", () => {
  const builds: ImportedFamily = {
    from: "acme:builds",
    family: { name: "builds_total", type: "counter", help: "Builds.", labels: ["target", "source", "queue"] },
  };
  const waits: ImportedFamily = {
    from: "acme_wait_seconds",
    family: { name: "wait_seconds", type: "histogram", help: "Waits.", labels: ["target", "source"], buckets: [1] },
  };

  it("of others comes in under the name that was given, labels that are not named summed up", async () => {
    const body = `# TYPE acme:builds counter
acme:builds{queue="a",host="1"} 5
acme:builds{queue="a",host="2"} 7
acme:builds{host="3"} 1
acme_other 1
`;
    expect(reported(await of(body, {}, [builds]))).toEqual(["builds_total{queue=a} 12", "builds_total{queue=} 1"]);
  });

  it("drops gauges that differ only in labels that are not kept", async () => {
    const body = `zako_v1_worker_queue_length{pool="io",host="1"} 5
zako_v1_worker_queue_length{pool="io",host="2"} 7
zako_v1_worker_queue_length{pool="cpu",host="2"} 3
`;
    const sample = await of(body);
    expect(reported(sample)).toEqual(["zako_v1_worker_queue_length{pool=cpu} 3"]);
    expect(dropped(sample)).toEqual({ labels: 2 });
  });

  it("with histograms adds them up bucket by bucket, and refuses those that do not rise or have no end", async () => {
    const body = `# TYPE acme_wait_seconds histogram
acme_wait_seconds_bucket{host="1",le="0.5"} 1
acme_wait_seconds_bucket{host="1",le="2"} 3
acme_wait_seconds_bucket{host="1",le="+Inf"} 4
acme_wait_seconds_sum{host="1"} 9
acme_wait_seconds_count{host="1"} 4
acme_wait_seconds_bucket{host="2",le="1.0"} 10
acme_wait_seconds_bucket{host="2",le="+Inf"} 10
acme_wait_seconds_sum{host="2"} 1
acme_wait_seconds_bucket{host="3",le="1"} 5
acme_wait_seconds_bucket{host="3",le="+Inf"} 4
acme_wait_seconds_bucket{host="4",le="1"} 5
acme_wait_seconds_count{host="5"} 5
`;
    const sample = await of(body, {}, [waits]);
    expect(sample.metrics?.[0]?.value).toEqual({ bounds: [0.5, 1, 2], counts: [1, 10, 2, 1], sum: 10 });
    expect(dropped(sample)).toEqual({ buckets: 3 });
  });

  it("in OpenMetrics says when each counter began, in seconds", async () => {
    const body = `# TYPE zako_v1_engine_exceptions counter
zako_v1_engine_exceptions_total{kind="a"} 4 1790000000.5 # {trace_id="1"} 1
zako_v1_engine_exceptions_created{kind="a"} 1789999000.25
# EOF
`;
    const openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    await setMetricsFault(control, "body", { body, contentType: openMetrics });
    const sample = await scraped({}, { now: () => 1_790_000_001_000 });
    expect(sample.metrics).toEqual([
      {
        family: "zako_v1_engine_exceptions_total",
        labels: { source: "scrape", kind: "a" },
        value: 4,
        temporality: "total",
        since: 1_789_999_000_250,
      },
    ]);
    await setMetricsFault(control, "body", { body: body.replace("# EOF\n", ""), contentType: openMetrics });
    expect(lineOf(await scraped())).toBe("failed truncated: get ok, read truncated");
  });

  it("with nothing of interest says so, and so does an empty one", async () => {
    expect(lineOf(await of("go_goroutines 8\n"))).toBe("failed invalid_answer: get ok, read invalid_answer");
    expect(lineOf(await of(""))).toBe("failed invalid_answer: get ok, read invalid_answer");
  });

  it("with series of its own for every sample stops at `max_series`", async () => {
    const body = Array.from({ length: 50 }, (_, i) => `zako_v1_engine_exceptions_total{kind="${i}"} 1\n`).join("");
    const sample = await of(body, { max_series: 20 });
    expect(sample.metrics).toHaveLength(20);
    expect(dropped(sample)).toEqual({ series: 30 });
    expect(sample.outcome).toBe("degraded");
  });
});

describe("an answer that is odd gets its own words", () => {
  const words = async (
    chunks: readonly (string | Uint8Array)[],
    contentType = "text/plain; version=0.0.4",
  ): Promise<[string, string | undefined, string | undefined]> => {
    const pieces = chunks.map((chunk) => (typeof chunk === "string" ? text(chunk) : chunk));
    const { fetch } = scriptedFetch([{ headers: { "content-type": contentType }, chunks: pieces }]);
    const sample = await scraped({}, { fetch });
    return [lineOf(sample), sample.failure?.message, sample.failure?.hint];
  };
  const PROTOCOL = "failed protocol: get ok, read protocol";
  const family = [0x1b, 0x0a, 0x0d, ..."go_goroutines".split("").map((c) => c.charCodeAt(0)), 0x12, 0x03, 97, 98, 99];
  const gzipMagic = new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3, 0x0a, 9]);

  it.each([
    ["HTML", ["<!DOCTYPE html>\n<html><body>Sign in</body></html>\n"], undefined, /web page \(HTML\)/],
    ["HTML without a line end", ["  <html><body>zako_v1_cas_tokens_held 1</body>"], undefined, /web page \(HTML\)/],
    ["HTML in pieces", ["<!doc", "type html>\n"], undefined, /web page \(HTML\)/],
    ["XML", ['<?xml version="1.0"?>\n<a/>\n'], undefined, /web page/],
    ["a fragment that says that it is HTML", ["<p>no</p>\n"], "text/html", /web page/],
    ["JSON", ['{"status":"ok"}\n'], undefined, /JSON/],
    ["a list of JSON", ['[{"a":1}]'], undefined, /JSON/],
    [
      "protobuf by its type",
      ["\u0000\n"],
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily",
      /protobuf/,
    ],
    ["protobuf by its bytes", [new Uint8Array(family)], undefined, /protobuf/],
    ["gzip that is not marked", [gzipMagic], undefined, /gzip, but is not marked/],
  ] as [string, (string | Uint8Array)[], string | undefined, RegExp][])("%s", async (_what, chunks, type, message) => {
    const [line, said, hint] = await words(chunks, type);
    expect(line).toBe(PROTOCOL);
    expect(said).toMatch(message);
    expect(hint).toMatch(/^[a-z]/);
  });

  it("a missing last line end", async () => {
    expect(await words(["zako_v1_cas_tokens_held 1"])).toEqual([
      "failed truncated: get ok, read truncated",
      "the last line of the answer has no line end, so it may be incomplete",
      "end the last line with a line feed, unless the answer was cut short",
    ]);
  });

  it.each([
    [
      "zako_v1_cas_tokens_held NaN\nzako_v1_cas_active_connections NaN\n",
      "2 without a usable value (NaN, infinite or negative)",
    ],
    ["zako_v1_cas_tokens_issued_total NaN\n", "1 without a usable value (NaN, infinite or negative)"],
    ["# TYPE zako_v1_cas_tokens_held histogram\nzako_v1_cas_tokens_held 1\n", "1 of another type"],
    [`zako_v1_engine_exceptions_total{kind="${"x".repeat(200)}"} 1\n`, "1 with a label value that is too long"],
  ])("known families without anything usable: %j", async (body, why) => {
    const [line, said] = await words([body]);
    expect(line).toBe("failed invalid_answer: get ok, read invalid_answer");
    expect(said).toBe(`the answer contains known families, but none of their series can be used: ${why}`);
  });

  it("and one that only looks odd is read", async () => {
    const ok = "ok: get ok, read ok, fresh ok, fits ok";
    expect((await words(["\n\n# {\n# <html>\nzako_v1_cas_tokens_held 1\n"]))[0]).toBe(ok);
    expect((await words(["zako_v1_cas_tokens_held 1\n"], "text/html"))[0]).toBe(ok);
  });
});

describe("label values", () => {
  const secrets = (): string[] => ["s3cret-of-the-scrape", "s3cret", "abc"];

  it("never hold a secret of ours, or control characters", async () => {
    const body = `zako_v1_engine_exceptions_total{kind="a s3cret-of-the-scrape\u0007b\u202e"} 1
zako_v1_engine_exceptions_total{kind="\u001b[31mred"} 2
zako_v1_engine_exceptions_total{kind="abc  two spaces"} 3
`;
    await setMetricsFault(control, "body", { body });
    const sample = await scraped({}, { secrets });
    expect(reported(sample)).toEqual([
      "zako_v1_engine_exceptions_total{kind=a [secret] b} 1",
      "zako_v1_engine_exceptions_total{kind=[31mred} 2",
      // Too short for a secret, and nothing to clean.
      "zako_v1_engine_exceptions_total{kind=abc  two spaces} 3",
    ]);
  });

  it("that become one by it are one series", async () => {
    const body = `zako_v1_engine_exceptions_total{kind="a\u0007"} 1
zako_v1_engine_exceptions_total{kind="a"} 2
zako_v1_engine_exceptions_total{kind="a s3cret"} 4
zako_v1_engine_exceptions_total{kind="a [secret]"} 8
`;
    await setMetricsFault(control, "body", { body });
    expect(reported(await scraped({}, { secrets }))).toEqual([
      "zako_v1_engine_exceptions_total{kind=a} 3",
      "zako_v1_engine_exceptions_total{kind=a [secret]} 12",
    ]);
  });
});

describe("what goes out", () => {
  const answer = { headers: { "content-type": "text/plain" }, chunks: [text("zako_v1_cas_tokens_held 1\n")] };
  const headers = [{ header: "x-scrape", scheme: "Bearer", secret: "SCRAPE_TOKEN" }];
  const target = targetOf({
    casUrl: "https://cas.example",
    headers: [{ header: "authorization", secret: "ZAKO_TOKEN" }],
  });
  const secret = (name: string): string => `<${name}>`;

  const sent = async (outside: Outside) => {
    const scripted = scriptedFetch([answer]);
    const plan = { ...planOf("scrape"), outside };
    const sample = await runTask(taskOf("scrape", { target, plan }), depsOf({ fetch: scripted.fetch, secret }));
    expect(sample.outcome).toBe("ok");
    return scripted.requests[0] as (typeof scripted.requests)[number];
  };

  it("is a plain GET that follows no redirect, with the scrape's own secret", async () => {
    const { url, init } = await sent({ url: "https://metrics.example/zako", headers });
    expect(url).toBe("https://metrics.example/zako");
    expect(init).toMatchObject({ redirect: "manual" });
    expect(init.headers).toMatchObject({ "x-scrape": "Bearer <SCRAPE_TOKEN>", "accept-encoding": "gzip" });
    expect(init.headers).not.toHaveProperty("authorization");
  });

  it("carries the target's secret to the CAS's origin only", async () => {
    expect((await sent({ url: "https://cas.example/metrics" })).init.headers).toMatchObject({
      authorization: "<ZAKO_TOKEN>",
    });
    for (const url of ["https://cas.example:8443/metrics", "https://other.example/metrics"])
      expect((await sent({ url })).init.headers).not.toHaveProperty("authorization");
  });

  it("is nothing where the secret is not bound", async () => {
    const plan = { ...planOf("scrape"), outside: { url: "https://metrics.example", headers } };
    const scripted = scriptedFetch([]);
    const sample = await runTask(taskOf("scrape", { target, plan }), depsOf({ fetch: scripted.fetch }));
    expect([sample.outcome, sample.failure?.reason, scripted.requests.length]).toEqual([
      "skipped",
      "secret_missing",
      0,
    ]);
  });

  it("is tried once more where the connection is lost before the answer, and counted", async () => {
    const scripted = scriptedFetch([new Error("Network connection lost."), answer]);
    const sample = await runTask(taskOf("scrape"), depsOf({ fetch: scripted.fetch }));
    expect(sample.outcome).toBe("ok");
    expect(sample.observations).toContainEqual({
      family: "zako_v1_probe_retries_total",
      labels: { probe: "scrape" },
      value: 1,
    });
    const lost = scriptedFetch([new Error("lost"), new Error("lost")]);
    expect(lineOf(await runTask(taskOf("scrape"), depsOf({ fetch: lost.fetch })))).toBe("failed connect: get connect");
  });
});

it("neither blocks the other probes of its target nor is blocked by them", async () => {
  const one = (kind: string) => taskOf(kind, { plan: planOf(kind, {}, { timeoutMs: 400 }) });
  await setMetricsFault(control, "silent");
  const deps = { ...depsOf(), timeoutMs: 5_000 };
  const { samples } = await runBatch([one("health"), one("scrape")], deps);
  expect(samples.map((sample) => lineOf(sample)).sort()).toEqual(["failed timeout: get timeout", "ok: check ok"]);
  await setMetricsFault(control);
  await setFault(control, "hang");
  const dead = await runBatch([one("health"), one("scrape")], deps);
  expect(dead.samples.map(({ probe, outcome }) => `${probe} ${outcome}`).sort()).toEqual([
    "health failed",
    "scrape ok",
  ]);
});
