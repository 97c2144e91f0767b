import { expect } from "vitest";
import type { ActiveAlert } from "../../../functions/expose/api/alerting-port.ts";
import type { AppPorts } from "../../../functions/expose/app.ts";
import { PROBE_FAMILIES } from "../../../functions/model/families/probe-families.ts";
import { SELF_FAMILIES } from "../../../functions/model/families/self-families.ts";
import type { Family } from "../../../functions/model/metric.ts";
import { STATES } from "../../../functions/model/probing/verdict.ts";
import type { Snapshot } from "../../../functions/model/snapshot.ts";
import { ADMIN, asking, portsWith, READER } from "../api/api-world.ts";
import { MemoryAlerting } from "../api/memory-alerting.ts";
import { type PlainSeries, pack } from "../metrics/arbitrary.ts";
import { readHtml } from "./html.ts";

export const NOW = Date.UTC(2026, 10, 22, 3, 0, 0);
export const MINUTE = 60_000;
export const BEARER = { authorization: `Bearer ${READER}` };

export function world(over: Partial<AppPorts> = {}) {
  const alerting = new MemoryAlerting();
  alerting.now = () => NOW;
  const reported: unknown[] = [];
  const ask = asking(
    portsWith({
      alerting,
      now: () => NOW,
      health: async () => [{ lastSlot: NOW - MINUTE, since: 0 }],
      report: (error) => void reported.push(error),
      ...over,
    }),
  );
  const post = (path: string, fields: Record<string, string>): Promise<Response> =>
    ask(path, { method: "POST", body: new URLSearchParams(fields) });
  return { alerting, ask, post, reported };
}

export const DOWN = { alertname: "ZakoTargetDown", severity: "critical", target: "cas-eu", pager: "edge" };

export const down = (alerting: MemoryAlerting): ActiveAlert =>
  alerting.fire(DOWN, {
    startsAt: NOW - 5 * MINUTE,
    annotations: {
      summary: "A Zako target is down.",
      description: "A critical probe of cas-eu fails.",
      reason: "timeout",
    },
    notified: ["team"],
    suppressed: [
      { receiver: "boss", why: "acknowledged by ada" },
      { receiver: "chat", why: "muted by interval night of its route", until: NOW + MINUTE, mute: "route window" },
    ],
    acknowledgement: { by: "ada", at: NOW - MINUTE, comment: "I look at it" },
  });

export const page = async (response: Response): Promise<ReturnType<typeof readHtml>> => {
  expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; frame-ancestors 'none'; base-uri 'none'; form-action '(self|none)'$/,
  );
  return readHtml(await response.text());
};

export function snapshot(
  target: string,
  state: (typeof STATES)[number],
  probe = "health",
  vantage = "weur",
  gapProbes = 0,
): Snapshot {
  const of = (name: string): Family =>
    [...PROBE_FAMILIES, ...SELF_FAMILIES].find((family) => family.name === name) as Family;
  const series: PlainSeries[] = [
    { family: of("zako_v1_target_state"), labels: {}, values: [STATES.indexOf(state)] },
    { family: of("zako_v1_target_incident_open"), labels: {}, values: [1] },
    { family: of("zako_watch_target_gap_probes"), labels: {}, values: [gapProbes] },
    { family: of("zako_v1_probe_state"), labels: { probe }, values: [STATES.indexOf(state)] },
    { family: of("zako_v1_probe_incident_open"), labels: { probe }, values: [1] },
    { family: of("zako_v1_probe_success"), labels: { probe, vantage }, values: [0] },
    { family: of("zako_v1_probe_success"), labels: { probe, vantage: "enam" }, values: [Number.NaN] },
    {
      family: of("zako_v1_probe_last_run_timestamp_seconds"),
      labels: { probe, vantage },
      values: [(NOW - MINUTE) / 1000],
    },
    {
      family: of("zako_v1_probe_failures_by_reason_total"),
      labels: { probe, vantage, reason: "timeout" },
      values: [2],
    },
    {
      family: of("zako_v1_probe_failures_by_reason_total"),
      labels: { probe, vantage: "enam", reason: "timeout" },
      values: [1],
    },
  ];
  return pack([{ target, series, exemplars: [], createdAt: NOW - 60 * MINUTE, createdLater: new Map() }], "v1");
}

/** Where a shard's probers run: vantage, colo, country. */
export function places(...all: readonly (readonly [vantage: string, colo: string, country: string])[]): Snapshot {
  const family = SELF_FAMILIES.find(({ name }) => name === "zako_watch_vantage_info") as Family;
  const series: PlainSeries[] = all.map(([vantage, colo, country]) => ({
    family,
    labels: { vantage, colo, country },
    values: [1],
  }));
  return pack([{ target: "", series, exemplars: [], createdAt: NOW - 60 * MINUTE, createdLater: new Map() }], "v1");
}

export const TYPED = {
  matchers: 'target="cas-eu"\r\nalertname=~"Zako.*"',
  duration: "4h",
  author: "ada",
  reason: "It is moved.\r\nSlowly.",
  maintenance: "on",
  token: ADMIN,
};
