import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import DOCUMENT from "../../../docs/metrics.md?raw";
import type { AppPorts } from "../../../functions/expose/app.ts";
import { failure } from "../../../functions/model/probing/failure.ts";
import type { ProbeAnswer, ProbeRequest, ProbeResult } from "../../../functions/model/probing/probe-request.ts";
import { asking, portsWith } from "../api/api-world.ts";
import { MemoryAlerting } from "../api/memory-alerting.ts";
import { parseExposition } from "../metrics/parse.ts";

const TOKEN = "token-of-the-probe-tests";
const at = (name: string, casUrl: string, transportUrl = casUrl) => ({ name, casUrl, transportUrl });
const TARGETS = [
  at("cas-eu", "https://cas-eu.example", "https://transport-eu.example"),
  at("one", "https://shared.example/one"),
  at("two", "https://shared.example/two"),
  at("port", "https://cas.example:8443"),
];

const OK: ProbeResult = {
  target: "cas-eu",
  probe: "health",
  vantage: "weur",
  startedAt: 1_900_000_000_500,
  durationMs: 41,
  outcome: "ok",
  steps: [{ name: "check", outcome: "ok", durationMs: 40 }],
  calls: [
    {
      step: "check",
      method: "grpc.health.v1.Health/Check",
      result: "ok",
      httpStatus: 200,
      sentBytes: 5,
      receivedBytes: 27,
      messages: 1,
      headersMs: 38,
      totalMs: 40,
      retries: 0,
    },
  ],
  traceId: "0123456789abcdef0123456789abcdef",
  timeoutMs: 5_000,
  from: "run",
  isSecure: true,
  isRpc: true,
};

const failed = (why: ProbeResult["failure"], rest: Partial<ProbeResult> = {}): ProbeResult => ({
  ...OK,
  outcome: "failed",
  ...(why === undefined ? {} : { failure: why }),
  steps: [{ name: "check", outcome: "failed", durationMs: 40, ...(why === undefined ? {} : { failure: why }) }],
  ...rest,
});

/** Asks the app, whose Monitor gives this answer, and notes what it was asked. */
function world(answer: ProbeAnswer | undefined, over: Partial<AppPorts> = {}) {
  const asked: ProbeRequest[] = [];
  const ask = asking(
    portsWith({
      alerting: new MemoryAlerting(),
      probeToken: () => TOKEN,
      probe: {
        targets: TARGETS,
        ask: async (request) => {
          asked.push(request);
          return answer;
        },
      },
      ...over,
    }),
  );
  const get = (query: string, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
    ask(`/probe${query}`, { headers });
  return { asked, get };
}
const result = (of: ProbeResult): ProbeAnswer => ({ said: "result", result: of });

/** The samples of an answer, by name and labels. */
async function samples(of: ProbeResult): Promise<Record<string, number>> {
  const response = await world(result(of)).get("?target=cas-eu");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const families = parseExposition(await response.text(), "text");
  return Object.fromEntries(
    families.flatMap((family) =>
      family.samples.map(({ name, labels, value }) => [
        `${name}${labels.map(([label, text]) => ` ${label}=${text}`).join("")}`,
        value,
      ]),
    ),
  );
}

describe("/probe", () => {
  it("answers a success as blackbox_exporter does", async () => {
    expect(await samples(OK)).toEqual({
      probe_success: 1,
      probe_duration_seconds: 0.041,
      probe_timeout_seconds: 5,
      probe_grpc_status_code: 0,
      probe_grpc_ssl: 1,
      "probe_grpc_duration_seconds phase=check": 0.04,
      "probe_grpc_healthcheck_response serving_status=UNKNOWN": 0,
      "probe_grpc_healthcheck_response serving_status=SERVING": 1,
      "probe_grpc_healthcheck_response serving_status=NOT_SERVING": 0,
      "probe_grpc_healthcheck_response serving_status=SERVICE_UNKNOWN": 0,
      probe_zako_run_timestamp_seconds: 1_900_000_000.5,
    });
  });

  it.each([
    ["refused", failure("connect", false), 14],
    ["timeout", failure("timeout", false), 4],
    ["unavailable", failure("rpc_unavailable", true), 14],
    ["denied", failure("rpc_permission_denied", true), 7],
    ["bad gateway", failure("http_status", true, { httpStatus: 502 }), 14],
    ["a web page", failure("protocol", true), 2],
    ["wrong bytes", failure("corrupt", true), 0],
  ])("shows a failure by its gRPC code: %s", async (_, why, code) => {
    const seen = await samples(failed(why));
    expect(seen).toMatchObject({ probe_success: 0, probe_grpc_status_code: code });
    expect(seen[`probe_zako_failure_info reason=${why.reason}`]).toBe(1);
    expect(seen["probe_http_status_code"]).toBe(why.httpStatus);
    expect(seen["probe_grpc_healthcheck_response serving_status=SERVING"]).toBeUndefined();
  });

  it("shows what the health service answered", async () => {
    for (const status of ["NOT_SERVING", "SERVICE_UNKNOWN"]) {
      const message = `the health service answered ${status}`;
      const seen = await samples(failed(failure("not_serving", true, { message })));
      expect(seen[`probe_grpc_healthcheck_response serving_status=${status}`]).toBe(1);
      expect(seen["probe_grpc_healthcheck_response serving_status=SERVING"]).toBe(0);
    }
  });

  it("counts a degraded run as a success, and a missing health service as a failure", async () => {
    expect(await samples({ ...OK, outcome: "degraded", failure: failure("slow", true) })).toMatchObject({
      probe_success: 1,
    });
    expect(await samples(failed(failure("rpc_unimplemented", true), { outcome: "skipped" }))).toMatchObject({
      probe_success: 0,
      probe_grpc_status_code: 12,
    });
  });

  it("leaves out what is not known of a result of the schedule", async () => {
    const { durationMs: _, traceId: _t, calls: _c, ...rest } = OK;
    const seen = await samples({ ...rest, probe: "transport.upload", steps: [], from: "schedule" });
    expect(Object.keys(seen)).not.toContain("probe_duration_seconds");
    expect(Object.keys(seen)).not.toContain("probe_grpc_healthcheck_response serving_status=SERVING");
    expect(seen["probe_success"]).toBe(1);
    const outside = await samples({ ...OK, probe: "scrape", isRpc: false });
    expect(Object.keys(outside).some((name) => name.includes("grpc"))).toBe(false);
  });

  it.each([
    ["the prober's own fault", result(failed(failure("platform_limit", true)))],
    ["no blob to ask for", result(failed(failure("no_blob", true), { outcome: "skipped" }))],
    ["no run in time", { said: "no_result", why: "busy" } as const],
    ["no Monitor", undefined],
  ])("is no result: %s", async (_, answer) => {
    const response = await world(answer).get("?target=cas-eu");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/^No result: .+\.$/) });
  });

  it.each([
    ["", "Target parameter is missing"],
    ["?module=health", "Target parameter is missing"],
    ["?target=https://shared.example", "Several targets are at"],
  ])("refuses what it cannot ask: %s", async (query, error) => {
    const { asked, get } = world(result(OK));
    const response = await get(query);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toContain(error);
    expect(asked).toEqual([]);
  });

  it("passes on what the Monitor refuses", async () => {
    const response = await world({ said: "refused", why: "Unknown module." }).get("?target=cas-eu&module=http_2xx");
    expect([response.status, await response.json()]).toEqual([400, { error: "Unknown module." }]);
  });

  it.each([
    ["cas-eu", "cas-eu"],
    ["https://cas-eu.example", "cas-eu"],
    ["https://cas-eu.example/", "cas-eu"],
    ["cas-eu.example", "cas-eu"],
    ["cas-eu.example:443", "cas-eu"],
    ["transport-eu.example:443", "cas-eu"],
    ["https://shared.example/two", "two"],
    ["cas.example:8443", "port"],
    ["cas.example", "cas.example"],
    ["http://169.254.169.254/latest", "http://169.254.169.254/latest"],
  ])("takes %s for the target %s", async (given, name) => {
    const { asked, get } = world(result(OK));
    await get(`?target=${encodeURIComponent(given)}`);
    // What is no target's address stays a name, which no Monitor knows: nothing is ever called because it was asked for.
    expect(asked).toEqual([{ target: name, probe: "health" }]);
  });

  it.each([
    ["10", 9_500],
    ["0.6", 300],
    ["1e1", 9_500],
  ])("leaves Prometheus time for the way: %s s", async (header, timeoutMs) => {
    const { asked, get } = world(result(OK));
    await get("?target=cas-eu&module=cas.negotiate&vantage=enam", {
      authorization: `Bearer ${TOKEN}`,
      "X-Prometheus-Scrape-Timeout-Seconds": header,
    });
    expect(asked).toEqual([{ target: "cas-eu", probe: "cas.negotiate", vantage: "enam", timeoutMs }]);
  });

  it.each(["soon", "0", "-1", "Infinity"])("refuses a timeout of %s", async (header) => {
    const response = await world(result(OK)).get("?target=cas-eu", {
      authorization: `Bearer ${TOKEN}`,
      "X-Prometheus-Scrape-Timeout-Seconds": header,
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: `X-Prometheus-Scrape-Timeout-Seconds must be a number of seconds above 0, not "${header}".` },
    ]);
  });

  it("asks for its own token", async () => {
    const { asked, get } = world(result(OK));
    for (const headers of [{}, { authorization: "Bearer reader-of-the-api-tests" }])
      expect((await get("?target=cas-eu", headers as Record<string, string>)).status).toBe(401);
    const closed = world(result(OK), { probeToken: () => undefined, metricsPublic: true });
    expect(((await (await closed.get("?target=cas-eu")).json()) as { error: string }).error).toContain(
      "PROBE_TOKEN is not set",
    );
    const same = world(result(OK), { probeToken: () => "reader-of-the-api-tests" });
    const withReaders = await same.get("?target=cas-eu", { authorization: "Bearer reader-of-the-api-tests" });
    expect(((await withReaders.json()) as { error: string }).error).toContain("same value as METRICS_TOKEN");
    expect([...asked, ...closed.asked, ...same.asked]).toEqual([]);
  });

  it("is open in a local run until it has a token", async () => {
    const ask = async (probeToken: string | undefined) =>
      (await world(result(OK), { local: true, probeToken: () => probeToken }).get("?target=cas-eu", {})).status;
    expect([await ask(undefined), await ask(TOKEN)]).toEqual([200, 401]);
  });
});

describe("/probe?debug=true", () => {
  const transcript = async (of: ProbeResult): Promise<string> => {
    const response = await world(result(of)).get("?target=cas-eu&debug=true");
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    return response.text();
  };

  it("says what was sent, what came, how long it took, and why it was judged so", async () => {
    expect((await transcript(OK)).split("\n\n")[0]).toBe(
      `Logs for the probe:
2030-03-17T17:46:40.500Z probe health of cas-eu from vantage weur, timeout 5s
trace id 0123456789abcdef0123456789abcdef, sent as traceparent with every call
step check: ok after 40 ms
  call grpc.health.v1.Health/Check: sent 5 bytes; HTTP 200 after 38 ms, received 27 bytes in 1 message; ok after 40 ms
ok after 41 ms: every step is ok, so probe_success 1`,
    );
    expect(await transcript(OK)).toContain("Metrics that would have been returned:\n# HELP probe_success ");
  });

  it("says why a run failed, in the server's words", async () => {
    const why = failure("rpc_unavailable", true, { httpStatus: 503, said: "draining", hint: "wait" });
    expect(await transcript(failed(why))).toContain(
      `failed after 41 ms, so probe_success 0
  because rpc_unavailable: the server answered unavailable (HTTP 503)
  the server said: draining
  hint: wait`,
    );
  });

  it("says that there is no result, and that a result is the schedule's", async () => {
    const none = await transcript(failed(failure("platform_limit", true)));
    expect(none).toContain("no result: platform_limit: the prober reached a limit of its platform");
    expect(none).not.toContain("# TYPE probe_success");
    expect(await transcript({ ...OK, from: "schedule" })).toContain("this is the last result of the schedule");
  });
});

describe("the scrape config of docs/metrics.md", () => {
  it("asks for every target by what a stock configuration of blackbox_exporter has", async () => {
    const [, yaml = ""] = /```yaml\n(scrape_configs:\n {2}- job_name: blackbox\n.*?)```/s.exec(DOCUMENT) ?? [];
    const [job] = (parse(yaml) as { scrape_configs: ScrapeConfig[] }).scrape_configs;
    const { asked, get } = world(result(OK));
    for (const config of job?.static_configs ?? [])
      for (const address of config.targets) {
        const labels: Record<string, string> = { __address__: address };
        for (const [name, [value = ""] = []] of Object.entries(job?.params ?? {})) labels[`__param_${name}`] = value;
        for (const { source_labels: [source = ""] = [], target_label, replacement } of job?.relabel_configs ?? [])
          labels[target_label] = replacement ?? labels[source] ?? "";
        expect(labels["__address__"]).toBe("zako-watch.example.workers.dev");
        expect(labels["instance"]).toBe(address);
        const query = Object.entries(labels).flatMap(([name, value]) =>
          name.startsWith("__param_") ? `${name.slice("__param_".length)}=${encodeURIComponent(value)}` : [],
        );
        const response = await get(`?${query.join("&")}`, {
          authorization: `Bearer ${TOKEN}`,
          "X-Prometheus-Scrape-Timeout-Seconds": "10",
        });
        expect(response.status).toBe(200);
      }
    expect(job?.metrics_path).toBe("/probe");
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked.map(({ target }) => target))).toEqual(new Set(["cas-eu", "port"]));
    expect(asked[0]).toEqual({ target: "cas-eu", probe: "health", timeoutMs: 9_500 });
  });
});

interface ScrapeConfig {
  metrics_path: string;
  params: Record<string, string[]>;
  static_configs: { targets: string[] }[];
  relabel_configs: { source_labels?: string[]; target_label: string; replacement?: string }[];
}
