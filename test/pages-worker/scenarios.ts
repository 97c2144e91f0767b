import type { Incident } from "../../functions/model/alerting/incident.ts";
import { PROBE_FAMILIES } from "../../functions/model/families/probe-families.ts";
import type { Family } from "../../functions/model/metric.ts";
import { shardOf } from "../../functions/model/probing/placement.ts";
import { STATES, type State } from "../../functions/model/probing/verdict.ts";
import type { Snapshot } from "../../functions/model/snapshot.ts";
import { pack } from "../expose/metrics/arbitrary.ts";
import { hourRow, sample } from "../expose/pages/charts/chart-world.ts";
import { DAY, HOUR, historyOf, MINUTE, NOW, present, statusWorld, targetsOf } from "../expose/status/status-world.ts";

type World = ReturnType<typeof statusWorld>;

const OPEN = { metricsPublic: true };
const TEAMS = ["build", "docs", "games", "infra", "mobile", "web"];
const HOSTILE = `<script>alert(1)</script>"'&<img src=x onerror=alert(2)>`;

const incident = (target: string, openedAt: number, lastedMs: number | undefined, reason = "corrupt"): Incident => ({
  id: `${target}@${openedAt}`,
  target,
  state: "down",
  openedAt,
  ...(lastedMs === undefined ? {} : { closedAt: openedAt + lastedMs, why: "recovered" }),
  causes: [
    {
      alertname: "ZakoTargetDown",
      severity: "critical",
      probe: "transport.download",
      summary: "private",
      reason,
      at: openedAt,
    },
    {
      alertname: "ZakoUpload",
      severity: "warning",
      probe: "transport.upload",
      summary: "private",
      reason: "timeout",
      at: openedAt + MINUTE,
    },
  ],
});

const fleet = (count: number): string[] => Array.from({ length: count }, (_, i) => `cas-${TEAMS[i % 6]}-${i}`);
const teamOf = (name: string) => ({ team: name.split("-")[1] ?? "" });
const labelled = (names: readonly string[]) => targetsOf(Object.fromEntries(names.map((name) => [name, teamOf(name)])));
const GROUPED = { title: "Build caches", groupBy: "team", announcements: [] };

const latency = (names: readonly string[]) =>
  new Map(
    names.map((name, n) => [
      name,
      Array.from({ length: 24 }, (_, i) => ({
        hour: NOW - (23 - i) * HOUR,
        attempts: 60,
        failures: 0,
        meanMs: 20 + n + 8 * Math.sin(i / 3) + (i === 17 ? 60 : 0),
      })),
    ]),
  );

function healthy(): World {
  const names = fleet(6);
  return statusWorld(
    {
      targets: labelled(names),
      page: {
        ...GROUPED,
        announcements: [
          { title: "Move to new disks", text: "Uploads may be slow on Sunday.\n\nReads are as fast as ever." },
        ],
      },
      history: async () => ({
        ok: true,
        value: historyOf(names, 70, {
          hours: latency(names),
          incidents: [incident("cas-docs-1", NOW - 9 * DAY, 22 * MINUTE)],
        }),
      }),
    },
    {
      ...OPEN,
      planned: {
        targets: labelled(names),
        windows: [
          {
            name: "weekly-reboot",
            matchers: [{ name: "team", op: "=", value: "web" }],
            interval: { name: "weekly-reboot", spans: [{ location: "UTC", times: [{ from: 120, to: 240 }] }] },
          },
        ],
      },
    },
  );
}

function failing(): World {
  const names = fleet(8);
  const states: State[] = ["down", "up", "degraded", "regional", "up", "unknown", "up", "up"];
  const world = statusWorld(
    {
      targets: labelled(names),
      page: GROUPED,
      present: async () => [present(Object.fromEntries(names.map((name, i) => [name, states[i] ?? "up"])))],
      history: async () => ({ ok: true, value: historyOf(names, 90, { hours: latency(names) }) }),
    },
    OPEN,
  );
  world.alerting.opened.push(
    incident("cas-build-0", NOW - 12 * MINUTE, undefined),
    incident("cas-build-0", NOW - 3 * DAY, 3 * HOUR),
    incident("cas-games-2", NOW - 20 * DAY, 9 * HOUR, "rpc_unavailable"),
    incident("cas-games-2", NOW - 21 * DAY, 4 * MINUTE, "timeout"),
  );
  return world;
}

const empty = (): World =>
  statusWorld({ targets: [], history: async () => ({ ok: true, value: historyOf([]) }) }, OPEN);

function many(): World {
  const names = fleet(300);
  const bad = names.filter((_, i) => i % 5 === 0);
  const incidents = bad.flatMap((name, i) => [
    incident(name, NOW - (i + 2) * DAY, 9 * MINUTE),
    incident(name, NOW - (i / 2 + 1) * DAY, 3 * HOUR),
  ]);
  return statusWorld(
    {
      targets: labelled(names),
      page: GROUPED,
      present: async () => [present(Object.fromEntries(names.map((name, i) => [name, i % 97 === 3 ? "down" : "up"])))],
      history: async () => ({ ok: true, value: historyOf(names, 88, { hours: latency(names), incidents }) }),
    },
    OPEN,
  );
}

function hostile(): World {
  const names = [HOSTILE, `${"long-".repeat(12)}name`, "ok"];
  const world = statusWorld(
    {
      targets: targetsOf(Object.fromEntries(names.map((name) => [name, { team: HOSTILE }]))),
      page: {
        title: HOSTILE,
        groupBy: "team",
        announcements: [{ title: HOSTILE, text: `${HOSTILE}\n\n${"x".repeat(300)}` }],
      },
    },
    OPEN,
  );
  world.alerting.opened.push({ ...incident(HOSTILE, NOW - DAY, 9 * MINUTE), acknowledgedBy: HOSTILE });
  return world;
}

const d1Down = (): World => {
  const names = fleet(4);
  return statusWorld(
    { targets: labelled(names), page: GROUPED, history: async () => ({ ok: false, failure: "unreachable" }) },
    OPEN,
  );
};

function monitorGone(): World {
  const names = fleet(6);
  const there = names.filter((name) => shardOf(name, 2) === 0);
  return statusWorld(
    {
      targets: labelled(names),
      page: GROUPED,
      present: async () => [present(Object.fromEntries(there.map((name) => [name, "up"]))), undefined],
    },
    OPEN,
  );
}

/** Some targets are public, and the reader has no token. */
function anonymous(): World {
  const names = fleet(4);
  return statusWorld({
    targets: targetsOf(Object.fromEntries(names.map((name) => [name, teamOf(name)])), names.slice(0, 2)),
    page: GROUPED,
  });
}

/** The page of a target that fails from one place: two probes, three vantages, a day of runs. */
function target(): World {
  const runs = Array.from({ length: 48 * 3 }, (_, i) =>
    sample(NOW - i * 10 * MINUTE, 20 + ((i * 7) % 40) + (i % 31 === 0 ? 300 : 0), {
      outcome: i < 4 || (i > 60 && i < 66) ? "failed" : "ok",
    }),
  );
  const hours = Map.groupBy(runs, ({ slot }) => slot - (slot % HOUR));
  const world = statusWorld(
    {},
    {
      ...OPEN,
      ofTarget: async () => targetNumbers(),
      charts: {
        history: async () => ({ ok: true, value: [...hours].map(([hour, all]) => hourRow(hour, all)) }),
        recent: async () => undefined,
      },
    },
  );
  world.alerting.opened.push(incident("cas-eu", NOW - DAY, 50 * MINUTE));
  world.alerting.fire(
    { alertname: "ZakoTargetRegional", severity: "warning", target: "cas-eu" },
    { startsAt: NOW - 40 * MINUTE, annotations: { summary: "cas-eu fails from weur." }, notified: ["team"] },
  );
  return world;
}

function targetNumbers(): Snapshot {
  const of = (name: string): Family => PROBE_FAMILIES.find((family) => family.name === name) as Family;
  const probes = ["health", "transport.download"];
  const vantages = ["enam", "weur", "apac"];
  const series = [
    { family: of("zako_v1_target_state"), labels: {}, values: [STATES.indexOf("regional")] },
    ...probes.flatMap((probe) => [
      {
        family: of("zako_v1_probe_state"),
        labels: { probe },
        values: [STATES.indexOf(probe === "health" ? "up" : "regional")],
      },
      {
        family: of("zako_v1_probe_step_duration_seconds"),
        labels: { probe, step: "whole" },
        values: [1, 2, 5, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0.9],
      },
      {
        family: of("zako_v1_probe_step_failures_total"),
        labels: { probe, step: "whole", reason: "timeout" },
        values: [probe === "health" ? 0 : 4],
      },
      ...vantages.flatMap((vantage) => [
        {
          family: of("zako_v1_probe_success"),
          labels: { probe, vantage },
          values: [probe !== "health" && vantage === "weur" ? 0 : 1],
        },
        {
          family: of("zako_v1_probe_last_run_timestamp_seconds"),
          labels: { probe, vantage },
          values: [NOW / 1000 - 20],
        },
      ]),
    ]),
  ];
  return pack([{ target: "cas-eu", series, exemplars: [], createdAt: NOW - 10 * DAY, createdLater: new Map() }], "v1");
}

const closed = (): World => statusWorld({});

/** Worlds by name, each made once. */
export const SCENARIOS: Readonly<Record<string, () => World>> = Object.fromEntries(
  Object.entries({
    healthy,
    failing,
    empty,
    many,
    hostile,
    "d1-down": d1Down,
    "monitor-gone": monitorGone,
    anonymous,
    closed,
    target,
  }).map(([name, make]) => {
    let world: World | undefined;
    return [name, () => (world ??= make())];
  }),
);
