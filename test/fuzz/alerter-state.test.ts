import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Alert } from "../../functions/model/alerting/alert.ts";
import { alertKey } from "../../functions/model/alerting/alerter-state.ts";
import {
  AlerterWorld,
  type Arrival,
  alert,
  alerterConfig,
  FakeMonitor,
  MINUTE,
  receiver,
  route,
  severity,
} from "../alerter/world.ts";
import { Cases } from "./cases.ts";
import { anyRowDamage, damaged, readState, type State, writeState } from "./stored-damage.ts";

const cases = new Cases();
/** Tables of every head that the Alerter puts nothing into. */
const UNUSED = ["memory", "recent_id", "reported_totals"];

const base = alerterConfig();
const CONFIG = alerterConfig({
  policy: {
    ...base.policy,
    route: route({
      groupWaitMs: 0,
      groupIntervalMs: MINUTE,
      routes: [
        route({ key: "{}/quiet", receiver: "quiet", matchers: [{ name: "severity", op: "=", value: "info" }] }),
        route({ key: "{}/gone", receiver: "gone", matchers: [{ name: "target", op: "=", value: "gone" }] }),
      ],
    }),
    severities: {
      ...base.policy.severities,
      critical: severity({ escalation: [{ afterMs: 5 * MINUTE, receiver: "boss", unless: ["acknowledged"] }] }),
    },
  },
  receivers: [receiver("team", "fake", "fake"), receiver("boss"), receiver("quiet"), receiver("gone")],
});

/**
 * Some minutes of an Alerter's life: pages that arrived, one that is on its way, the end of one that one endpoint has not
 * heard of, an incident, an acknowledgement, a silence, a message that was given up, history that was not taken.
 */
async function live(world: AlerterWorld, monitor: FakeMonitor): Promise<void> {
  const minutes = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      monitor.report();
      await world.until(world.now + MINUTE);
    }
  };
  world.takesHistory = false;
  world.modes.set("gone.0", "refuses");
  const ended = monitor.begin(alert({ target: "ended" }, world.now));
  const down = monitor.begin(alert({ target: "down", alertname: "ZakoTargetDown" }, world.now));
  monitor.begin(alert({ target: "gone" }, world.now));
  await minutes(1);
  world.core.acknowledge(down, "ann", "on it");
  world.core.putSilence({
    id: "s",
    matchers: [{ name: "target", op: "=", value: "silenced" }],
    startsAt: world.now,
    endsAt: world.now + 600 * MINUTE,
    author: "ann",
    reason: "work",
    maintenance: false,
  });
  monitor.begin(alert({ target: "silenced" }, world.now));
  await minutes(1);
  world.modes.set("team.1", "fails");
  monitor.end(ended);
  monitor.begin(alert({ target: "late" }, world.now));
  await minutes(1);
}

/** Alerts that an endpoint believes to fire. */
function believed(arrivals: readonly Arrival[]): string[] {
  const firing = new Set<string>();
  for (const { to, message } of arrivals)
    for (const one of message.alerts)
      if (one.status === "firing") firing.add(`${to} ${alertKey(one)}`);
      else firing.delete(`${to} ${alertKey(one)}`);
  return [...firing];
}

const isDown = ({ labels }: Alert): boolean => labels["alertname"] === "ZakoTargetDown";

const notifiedOf = (arrivals: readonly Arrival[], to: string, target: string): boolean =>
  arrivals.some((one) => one.to === to && one.message.alerts.some(({ labels }) => labels["target"] === target));

/** The Alerter's own counters, by name. */
function countersOf({ core }: AlerterWorld): Map<string, number> {
  const all = core
    .snapshot()
    .blocks.flatMap(({ layout, values }) =>
      layout.columns.map(({ family, labels, offset }) => [`${family}{${labels}}`, values[offset] as number] as const),
    );
  return new Map(all.filter(([name]) => name.includes("_total{")));
}

/** Rows of a table that are as they were, by key. */
function untouched(table: string, intact: State, now: State): string[] {
  const rows = new Map(now[table]?.map(({ key, value }) => [key, value]));
  return (intact[table] ?? []).filter(({ key, value }) => rows.get(key) === value).map(({ key }) => key as string);
}

it("with any damage to storage, the Alerter starts, keeps the rest, and sends what is pending", async () => {
  await runInDurableObject(env.ALERTER.getByName("damaged"), async (_instance, { storage }) => {
    const before = new AlerterWorld(storage, CONFIG);
    const metricSource = new FakeMonitor(before);
    await live(before, metricSource);
    const intact = readState(storage);
    const empty = Object.entries(intact).flatMap(([table, rows]) => (rows.length === 0 ? [table] : []));
    // A table that nothing is in is one that nothing is tried on.
    expect(empty).toEqual(UNUSED);
    const counted = countersOf(before);
    const anyDamages = fc.array(anyRowDamage(Object.keys(intact).length), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyDamages, fc.boolean(), async (damages, endsMeanwhile) => {
        cases.count("stored state of the Alerter");
        const { state, hit } = damaged(intact, damages);
        writeState(storage, state);
        const stored = readState(storage);

        const world = new AlerterWorld(storage, CONFIG);
        world.now = before.now;
        const monitor = new FakeMonitor(world);
        Object.assign(monitor, { generation: metricSource.generation, sequence: metricSource.sequence });
        for (const one of metricSource.firing.values()) monitor.begin(one);
        monitor.resolved = [...metricSource.resolved];
        const head = world.core.head();
        for (const [table, rows] of [
          ["alert", head.alerts],
          ["acknowledgement", head.acknowledgements],
          ["silence", head.silences],
          ["incident", head.incidents],
          ["dead_letter", head.dead],
          ["history_note", head.notes],
        ] as const)
          for (const key of untouched(table, intact, stored)) expect(rows.all.has(key), `${table} ${key}`).toBe(true);

        // What ends while its row is lost is ended by nobody else.
        if (endsMeanwhile) for (const one of [...monitor.firing.values()]) if (isDown(one)) monitor.end(one);
        const step = async (ms: number): Promise<void> => {
          monitor.report();
          await world.until(world.now + 1_000);
          world.now += ms;
        };
        for (let i = 0; i < 2; i++) await step(MINUTE);
        // What was given up, and what was lost on its way, is told after a quarter of an hour.
        for (let i = 0; i < 2; i++) await step(20 * MINUTE);
        const arrived = [...before.arrivals, ...world.arrivals];
        for (const to of ["team.0", "team.1"])
          for (const target of ["down", "late"])
            expect(notifiedOf(arrived, to, target), `${to} of ${target}`).toBe(true);
        if (!hit.has("silence")) expect(notifiedOf(world.arrivals, "team.0", "silenced")).toBe(false);
        for (const one of [...monitor.firing.values()]) monitor.end(one);
        for (let i = 0; i < 3; i++) await step(20 * MINUTE);
        expect(monitor.resolved).toEqual([]);
        const all = [...before.arrivals, ...world.arrivals];
        // That somebody was told is known from that table alone.
        if (!hit.has("notification_log")) expect(believed(all)).toEqual([]);
        const { outbox, alerts, incidents } = world.core.head();
        expect(outbox.all.size).toBe(0);
        expect([...alerts.all.values()].filter(({ resolvedAt }) => resolvedAt === undefined)).toEqual([]);
        expect([...incidents.all.values()].filter(({ closedAt }) => closedAt === undefined)).toEqual([]);

        const counts = countersOf(world);
        const wrong = [...counted].filter(([name, was]) => {
          const is = counts.get(name) ?? Number.NaN;
          return hit.has("series") ? counts.has(name) && !(is >= 0 && is < 1e300) : !(is >= was && is < 1e300);
        });
        expect(wrong).toEqual([]);
        const errors = world.events.filter((event) => event.event === "error");
        expect(errors.filter(({ place }) => place !== "load")).toEqual([]);
        world.events.splice(0);
        world.restart();
        world.core.head();
        expect(world.events).toEqual([]);
      }),
      {
        numRuns: cases.runs(400),
        // A generation without shards: every report would be of a shard that is unknown, and no resolve acknowledged.
        examples: [[[{ table: 4, row: 0, do: "shape", column: 1, path: [0, 11], value: 0 }], false]],
      },
    );
  });
});
