import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  endpointKeyOf,
  type KnownAlert,
  type NotificationLogEntry,
  notificationLogKey,
  type OutboxRow,
} from "../../../functions/model/alerting/alerter-state.ts";
import type { NotifyPolicy } from "../../../functions/model/alerting/route.ts";
import type { Decision } from "../../../functions/notify/policy/decide.ts";
import type { Send } from "../../../functions/notify/policy/stages/send.ts";
import { MINUTE, receiver, route, START, severity } from "../../alerter/world.ts";
import { DecideWorld, type Fate } from "./decide-world.ts";

const RECEIVERS = [receiver("team", "fake", "fake"), receiver("build"), receiver("boss"), receiver("am", "relay")];
const JOBS = ["build", "other", ""] as const;
const GROUP_INTERVAL = 5 * MINUTE;

/** `team` is told of all, `build` of what it builds, `am` of everything besides. */
function policyOf(groupBy: readonly string[], window: boolean): Partial<NotifyPolicy> {
  const escalation = [{ afterMs: 7 * MINUTE, receiver: "boss", unless: ["acknowledged", "silenced"] as const }];
  return {
    route: route({
      groupBy,
      routes: [
        route({ key: "{}/am", receiver: "am", continue: true }),
        route({
          key: "{}/build",
          matchers: [{ name: "job", op: "=", value: "build" }],
          receiver: "build",
          groupBy,
          muteIntervals: window ? ["quarter"] : [],
          continue: true,
        }),
        route({ key: "{}/team", groupBy }),
      ],
    }),
    severities: {
      critical: severity({ escalation }),
      warning: severity(),
      info: severity({ muteIntervals: ["quarter"] }),
    },
    intervals: [{ name: "quarter", spans: [{ times: [{ from: 20, to: 35 }], location: "UTC" }] }],
    inhibitions: [
      {
        source: [{ name: "severity", op: "=", value: "critical" }],
        target: [{ name: "severity", op: "=", value: "info" }],
        equal: ["target"],
      },
    ],
  };
}

type Step =
  | { do: "begin"; target: number; severity: string; job: string; cause: string }
  | { do: "end" | "acknowledge"; n: number }
  | { do: "wait"; ms: number }
  | { do: "silence"; target: number; ms: number }
  | { do: "fate"; receiver: string; fate: Fate };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("begin" as const),
      target: fc.nat(3),
      severity: fc.constantFrom("critical", "warning", "info"),
      job: fc.constantFrom(...JOBS),
      cause: fc.constantFrom("", "unreachable", "unreachable", "corrupt"),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("end" as const, "acknowledge" as const), n: fc.nat(20) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 29_999, 30_000, 5 * MINUTE, 7 * MINUTE, 16 * MINUTE, 5 * 60 * MINUTE),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("silence" as const),
      target: fc.nat(3),
      ms: fc.constantFrom(MINUTE, 20 * MINUTE),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("fate" as const),
      receiver: fc.constantFrom("team", "build", "boss", "am"),
      fate: fc.constantFrom<Fate>("arrives", "uncertain", "refused", "stuck"),
    }),
  },
);

/** Keeps its own account of what each endpoint has been told, and says which laws a message breaks. */
class Evidence {
  readonly broken: string[] = [];
  messages = 0;
  readonly #world: DecideWorld;
  readonly #begun = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #lastAt = new Map<string, number>();

  constructor(world: DecideWorld) {
    this.#world = world;
    // First what a newer message replaces, then that.
    world.onWithdrawn = (row) => this.withdrawn(row);
    world.onSend = (send, decision) => this.see(send, decision);
  }

  see(send: Send, { unacknowledged }: Decision): void {
    const { head, now } = this.#world;
    const isTaken = (key: string): boolean => head.acknowledgements.all.has(key) && !unacknowledged.includes(key);
    const { endpointKey, fresh, still, ended, named, reason } = send;
    this.messages++;
    const isRelay = send.to.endpoint.channel === "relay";
    const alertOf = (key: string) => head.alerts.get(key) as KnownAlert;
    const all = [...fresh, ...still, ...ended];
    const break_ = (what: string): void => void this.broken.push(`${this.#world.now - START}: ${what} (${reason})`);
    if (new Set(all).size < all.length) break_("an alert twice in one message");
    if (!named.every((key) => all.includes(key))) break_("shows what it does not tell of");
    if (all.length === 0) break_("says nothing");
    for (const key of fresh) {
      if (this.#begun.has(`${endpointKey} ${key}`)) break_("the same beginning again");
      this.#begun.add(`${endpointKey} ${key}`);
      if (alertOf(key).resolvedAt !== undefined) break_("a beginning of what is over");
      const { target } = alertOf(key).labels;
      const isSilenced = [...head.silences.all.values()].some(
        ({ matchers, startsAt, endsAt }) => matchers[0]?.value === target && startsAt <= now && now < endsAt,
      );
      if (isSilenced) break_("news of what is silenced");
    }
    for (const key of ended) {
      if (!this.#begun.has(`${endpointKey} ${key}`)) break_("the end of what it has not heard of");
      if (alertOf(key).resolvedAt === undefined) break_("the end of what fires");
    }
    for (const key of still) if (alertOf(key).resolvedAt !== undefined) break_("what is over as if it fired");
    // What a relay only hears again does not hurry.
    if (!isRelay && send.critical !== all.some((key) => alertOf(key).labels["severity"] === "critical"))
      break_("its urgency");
    if (reason === "repeat interval elapsed" && !isRelay && still.every(isTaken))
      break_("a reminder of what somebody is at work on");
    const notificationGroup = `${endpointKey} ${send.groupKey}`;
    const isPatient = !send.critical && !isRelay && reason !== "acknowledged" && reason !== "first notification";
    if (isPatient && now - (this.#lastAt.get(notificationGroup) ?? 0) < GROUP_INTERVAL)
      break_("too soon after the last one");
    this.#lastAt.set(notificationGroup, now);
  }

  /** A message of the row has arrived, or may have. */
  arrived({ endpointKey, ended }: OutboxRow, certain: boolean): void {
    for (const key of ended) {
      const one = `${endpointKey} ${key}`;
      if (this.#ended.has(one) && endpointKey !== AM) this.broken.push(`the end of ${key} twice`);
      if (certain) this.#ended.add(one);
    }
  }

  /** What surely nobody has heard of begins anew. */
  withdrawn({ endpointKey, firing, uncertain }: OutboxRow): void {
    if (uncertain > 0) return;
    for (const key of firing)
      if (this.#world.head.notificationLog.get(notificationLogKey(endpointKey, key))?.known !== true)
        this.#begun.delete(`${endpointKey} ${key}`);
  }
}

const AM = endpointKeyOf("am", RECEIVERS[3]?.endpoints[0] as never);

/** Everybody who should know of a firing alert knows, or there are words for why not. */
function unexplained(world: DecideWorld): string[] {
  const { suppressed } = world.decide();
  const notificationLog = new Set(
    [...world.head.notificationLog.all.values()].map(
      ({ endpointKey, alertKey }: NotificationLogEntry) => `${endpointKey} ${alertKey}`,
    ),
  );
  return [...world.head.alerts.all].flatMap(([key, { labels, resolvedAt }]) => {
    if (resolvedAt !== undefined) return [];
    const due = ["am", "team", ...(labels["job"] === "build" ? ["build"] : [])];
    return RECEIVERS.filter(({ name }) => due.includes(name)).flatMap(({ name, endpoints }) => {
      const missed = endpoints.filter((endpoint) => !notificationLog.has(`${endpointKeyOf(name, endpoint)} ${key}`));
      const isKept = suppressed.get(key)?.some((one) => one.receiver === name) === true;
      return missed.length > 0 && !isKept ? [`${name} is not told of ${key}, and nobody knows why`] : [];
    });
  });
}

function play(
  steps: readonly Step[],
  groupBy: readonly string[],
  window: boolean,
): { world: DecideWorld; evidence: Evidence } {
  const world = new DecideWorld(policyOf(groupBy, window), RECEIVERS);
  world.refresh = { everyMs: 5 * MINUTE, resolvedForMs: 15 * MINUTE };
  const evidence = new Evidence(world);
  world.onArrival = (row, certain) => evidence.arrived(row, certain);
  const firing = (): string[] =>
    [...world.head.alerts.all].flatMap(([key, one]) => (one.resolvedAt === undefined ? [key] : []));
  for (const one of steps) {
    switch (one.do) {
      case "begin": {
        const { target, severity: how, job, cause } = one;
        const outage =
          how === "critical" && cause !== "" ? { outage: { cause, front: "one", down: true as const } } : {};
        const labels = { severity: how, job, alertname: `Zako${how}${job}` };
        const isKnown = [...world.head.alerts.all.values()].some(
          ({ labels: known, resolvedAt, startsAt }) =>
            (resolvedAt === undefined || startsAt === world.now) &&
            known["target"] === `t${target}` &&
            known["alertname"] === labels.alertname,
        );
        if (!isKnown) world.begin(`t${target}`, labels, outage);
        break;
      }
      case "end":
      case "acknowledge": {
        const key = firing()[one.n];
        if (key !== undefined) world[one.do](key);
        break;
      }
      case "wait":
        world.wait(one.ms);
        break;
      case "silence":
        world.silence(`t${one.target}`, one.ms);
        break;
      case "fate":
        world.fates.set(one.receiver, one.fate);
        break;
    }
    world.settle();
    evidence.broken.push(...unexplained(world));
  }
  world.fates.clear();
  world.settle();
  for (const key of firing()) world.end(key);
  world.wait(60 * MINUTE);
  return { world, evidence };
}

const GROUPINGS: readonly (readonly string[])[] = [["target"], [], ["..."], ["job", "target"]];

/** Found by chance: a newer alert ends an acknowledgement; a mute window begins while a message is stuck. */
const FOUND: [Step[], (typeof GROUPINGS)[number], boolean][] = [
  [
    [
      { do: "begin", target: 0, severity: "critical", job: "build", cause: "" },
      { do: "acknowledge", n: 0 },
      { do: "wait", ms: 5 * 60 * MINUTE },
      { do: "wait", ms: 1 },
      { do: "begin", target: 0, severity: "critical", job: "other", cause: "" },
    ],
    ["target"],
    false,
  ],
  [
    [
      { do: "fate", receiver: "am", fate: "stuck" },
      { do: "begin", target: 0, severity: "info", job: "build", cause: "" },
      { do: "begin", target: 0, severity: "warning", job: "build", cause: "" },
      { do: "wait", ms: 5 * MINUTE },
      { do: "wait", ms: 16 * MINUTE },
    ],
    ["target"],
    false,
  ],
];

it("whatever happens, says what is new, once, in time and with a reason, and wakes no sooner or later than it must", () => {
  let messages = 0;
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 3, maxLength: 30 }),
      fc.constantFrom(...GROUPINGS),
      fc.boolean(),
      (steps, groupBy, window) => {
        const { world, evidence } = play(steps, groupBy, window);
        expect(evidence.broken).toEqual([]);
        // Whoever was told of a beginning was told of its end.
        expect([world.head.notificationLog.all.size, world.head.outbox.all.size]).toEqual([0, 0]);
        messages += evidence.messages;
      },
    ),
    { numRuns: 300, examples: FOUND },
  );
  expect(messages).toBeGreaterThan(1000);
});
