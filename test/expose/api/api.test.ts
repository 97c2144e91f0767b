import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { AppPorts } from "../../../functions/expose/app.ts";
import { SilenceState } from "../../../proto/gen/watch/v1/alerting_pb.ts";
import { AlerterWorld, alert, alerterConfig, FakeMonitor, MINUTE, receiver, severity } from "../../alerter/world.ts";
import { ADMIN, type Ask, asking, type Clients, clients, portOf, portsWith, WAYS } from "./api-world.ts";
import { MemoryAlerting } from "./memory-alerting.ts";

const base = alerterConfig();
const critical = severity({
  escalation: [{ afterMs: 15 * MINUTE, receiver: "boss", unless: ["acknowledged", "silenced"] }],
});
const config = alerterConfig({
  policy: { ...base.policy, severities: { ...base.policy.severities, critical } },
  receivers: [receiver("team"), receiver("boss"), { name: "nobody", endpoints: [] }],
});

interface World {
  alerter: AlerterWorld;
  monitor: FakeMonitor;
  ask: Ask;
  ports: AppPorts;
}

let objects = 0;

/** Runs a test against an Alerter on real storage, behind the whole app. */
const inWorld = (test: (world: World) => Promise<void>): Promise<void> =>
  runInDurableObject(env.ALERTER.getByName(`api-${objects++}`), async (_instance, state) => {
    const alerter = new AlerterWorld(state.storage, config);
    const ports = portsWith({ alerting: portOf(alerter), notify: config, now: () => alerter.now });
    await test({ alerter, monitor: new FakeMonitor(alerter), ask: asking(ports), ports });
  });

/** Lets a target be down, and the team be told. */
async function goDown({ alerter, monitor }: World): Promise<string> {
  const down = monitor.begin(alert({ alertname: "ZakoTargetDown", target: "cas-eu" }, alerter.now, "It is down."));
  monitor.report();
  await alerter.until(alerter.now + MINUTE);
  return down.fingerprint;
}

const failure = async (call: Promise<unknown>): Promise<ConnectError> => {
  try {
    await call;
  } catch (error) {
    return ConnectError.from(error);
  }
  throw new Error("The call succeeded.");
};

describe.each(WAYS)("over %s", (way) => {
  it("lists firing alerts and their receivers, acknowledges one and sees it resolve", () =>
    inWorld(async (world) => {
      const { alerting } = clients(world.ask, way);
      const fingerprint = await goDown(world);
      const { alerts } = await alerting.listAlerts({ matchers: ['target="cas-eu"'] });
      expect(alerts).toMatchObject([
        {
          fingerprint,
          labels: { alertname: "ZakoTargetDown", severity: "critical", target: "cas-eu" },
          annotations: { summary: "It is down." },
          startsAt: timestampFromMs(world.alerter.now - MINUTE),
          notifiedAt: timestampFromMs(world.alerter.now - MINUTE),
          notified: ["team"],
          suppressed: [
            {
              receiver: "boss",
              why: "escalates if still firing",
              until: timestampFromMs(world.alerter.now + 14 * MINUTE),
            },
          ],
        },
      ]);
      expect(alerts[0]?.acknowledgement).toBeUndefined();
      expect((await alerting.listAlerts({ matchers: ["target=other"] })).alerts).toEqual([]);

      const taken = await alerting.acknowledge({ fingerprint, author: " ada ", comment: "on it" });
      expect(taken.alert?.acknowledgement).toMatchObject({ author: "ada", comment: "on it" });
      const again = await alerting.acknowledge({ fingerprint, author: "bob" });
      expect(again.alert?.acknowledgement).toMatchObject({ author: "ada" });

      const open = await alerting.listIncidents({ openOnly: true });
      expect(open.incidents).toMatchObject([
        { target: "cas-eu", removed: false, acknowledgedBy: "ada", causes: [{ alertname: "ZakoTargetDown" }] },
      ]);
      world.monitor.end({ fingerprint });
      world.monitor.report();
      expect((await alerting.listAlerts({})).alerts).toEqual([]);
      const kept = await alerting.listAlerts({ includeEnded: true });
      expect(kept.alerts).toMatchObject([{ fingerprint, endedAt: timestampFromMs(world.alerter.now) }]);
      expect((await alerting.listIncidents({ openOnly: true })).incidents).toEqual([]);
      expect((await alerting.listIncidents({ target: "cas-eu" })).incidents).toHaveLength(1);
      expect((await alerting.listIncidents({ target: "other" })).incidents).toEqual([]);
      // Nobody is watched here.
      expect((await alerting.listUptimes({})).uptimes).toEqual([]);
      const late = await failure(alerting.acknowledge({ fingerprint, author: "ada" }));
      expect([late.code, late.rawMessage]).toEqual([Code.FailedPrecondition, expect.stringContaining("resolved at")]);
    }));

  it("one silences, sees it and ends it", () =>
    inWorld(async (world) => {
      const { silences, alerting } = clients(world.ask, way);
      await goDown(world);
      const { now } = world.alerter;
      const endsAt = timestampFromMs(now + 60 * MINUTE);
      const added = await silences.addSilence({
        matchers: ["target=cas-eu", 'alertname=~"Zako.*", severity!=info'],
        endsAt,
        author: "ada",
        reason: "It is being\r\nmoved.",
        maintenance: true,
      });
      const silence = {
        matchers: ['target="cas-eu"', 'alertname=~"Zako.*"', 'severity!="info"'],
        startsAt: timestampFromMs(now),
        endsAt,
        author: "ada",
        reason: "It is being\nmoved.",
        maintenance: true,
        state: SilenceState.ACTIVE,
      };
      expect(added).toMatchObject({ silence, matched: 1 });
      const id = added.silence?.id as string;
      const later = await silences.addSilence({
        matchers: ["target=other"],
        startsAt: timestampFromMs(now + MINUTE),
        endsAt: timestampFromMs(now + 2 * MINUTE),
        author: "bob",
        reason: "Tomorrow.",
      });
      expect(later).toMatchObject({ silence: { state: SilenceState.PENDING }, matched: 0 });
      const listed = await silences.listSilences({});
      expect(listed.silences.map((one) => one.id)).toEqual([id, later.silence?.id]);
      const { alerts } = await alerting.listAlerts({});
      expect(alerts[0]?.suppressed).toMatchObject([{ why: `silenced by ${id}` }, { why: `silenced by ${id}` }]);

      for (const _ of ["ends it", "does nothing"]) {
        const expired = await silences.expireSilence({ id });
        expect(expired.silence).toMatchObject({ id, state: SilenceState.EXPIRED, endsAt: timestampFromMs(now) });
        world.alerter.now += 1000;
      }
      expect((await silences.listSilences({})).silences).toHaveLength(1);
      const all = await silences.listSilences({ includeExpired: true });
      expect(all.silences.map(({ state }) => state)).toEqual([SilenceState.PENDING, SilenceState.EXPIRED]);
    }));

  it("one sees silences that the Alerter ended itself, and why", () =>
    inWorld(async (world) => {
      const { silences } = clients(world.ask, way);
      const one = { author: "ada", reason: "It is moved.", maintenance: false, startsAt: 0, endsAt: 9e12 };
      const matchers = [{ name: "a", op: "=~", value: "(" }] as const;
      world.alerter.core.putSilence({
        id: "ended",
        ...one,
        matchers,
        expiredAt: 1_000,
        expiredReason: "Cannot use it.",
      });
      world.alerter.core.putSilence({ id: "by hand", ...one, matchers: [], expiredAt: 1_000 });
      const { silences: listed } = await silences.listSilences({});
      expect(listed).toMatchObject([
        { id: "ended", state: SilenceState.EXPIRED, endsAt: timestampFromMs(1_000), expiredReason: "Cannot use it." },
      ]);
    }));

  it("one sends a drill, and sees what could not be delivered", () =>
    inWorld(async (world) => {
      const { alerting } = clients(world.ask, way);
      world.alerter.modes.set("team.0", "refuses");
      const drill = await alerting.startDrill({ labels: { target: "cas-eu", severity: "critical" }, author: "ada" });
      expect(drill.receivers).toEqual(["team"]);
      expect(drill.alert).toMatchObject({
        labels: { alertname: "ZakoDrill", severity: "critical", target: "cas-eu", drill: expect.any(String) },
        annotations: { description: expect.stringMatching(/^ada started this drill/) },
      });
      await world.alerter.until(world.alerter.now + MINUTE);
      const { deadLetters } = await alerting.listDeadLetters({});
      expect(deadLetters).toMatchObject([
        {
          receiver: "team",
          channel: "fake",
          reason: "gone",
          why: "it answered 410",
          tries: 2,
          critical: true,
          resolved: false,
          alerts: 1,
          names: ["ZakoDrill cas-eu"],
        },
      ]);
      await world.alerter.until(world.alerter.now + 6 * MINUTE);
      expect((await alerting.listAlerts({ matchers: ['drill!=""'] })).alerts).toEqual([]);
    }));

  it.each([
    ["no token", undefined, ADMIN, /^Send "Authorization: Bearer" with the value of ADMIN_TOKEN\.$/],
    ["a wrong token", "nope", ADMIN, /^The bearer token is not the value of ADMIN_TOKEN\.$/],
    ["a token where none is set", ADMIN, undefined, /^Access is disabled: ADMIN_TOKEN is not set\. Set it with/],
  ])("%s gets nothing, and nothing is asked", async (_, sent, secret, message) => {
    const alerting = new MemoryAlerting();
    const ask = asking(portsWith({ alerting, adminToken: () => secret }));
    for (const call of everyCall(clients(ask, way, sent ?? ""))) {
      const { code, rawMessage, metadata } = await failure(call());
      expect([code, rawMessage]).toEqual([Code.Unauthenticated, expect.stringMatching(message)]);
      expect(metadata.get("www-authenticate")).toMatch(/^Bearer realm="zako-watch"/);
    }
    expect(alerting.calls).toBe(0);
  });

  it("a bug is logged and not shown to the caller", async () => {
    const alerting = new MemoryAlerting();
    alerting.broken = new Error("SQLITE at https://user:pass@internal.example");
    const reported: unknown[] = [];
    const ask = asking(portsWith({ alerting, report: (error) => void reported.push(error) }));
    for (const call of everyCall(clients(ask, way))) {
      const { code, rawMessage } = await failure(call());
      expect([code, rawMessage]).toEqual([Code.Internal, expect.stringMatching(/^The Alerter did not answer\./)]);
      expect(reported.pop()).toBe(alerting.broken);
    }
  });
});

const everyCall = ({ alerting, silences }: Clients): (() => Promise<unknown>)[] => [
  () => alerting.listAlerts({}),
  () => alerting.acknowledge({ fingerprint: "0123456789abcdef", author: "ada" }),
  () => alerting.listIncidents({}),
  () => alerting.listUptimes({}),
  () => alerting.listDeadLetters({}),
  () => alerting.startDrill({ author: "ada" }),
  () =>
    silences.addSilence({ matchers: ["a=b"], endsAt: timestampFromMs(Date.now() + MINUTE), author: "a", reason: "b" }),
  () => silences.listSilences({}),
  () => silences.expireSilence({ id: "one" }),
];

/** A call as JSON, as somebody makes it with curl. */
const curl = (ask: Ask, method: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  ask(`/watch.v1.${method}`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN}`, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const LONG = "x".repeat(1_001);
const AT = Date.UTC(2030, 0, 1);
const time = (ms: number): string => new Date(ms).toISOString();
const silence = (over: Record<string, unknown>): Record<string, unknown> => ({
  matchers: ["target=cas-eu"],
  endsAt: time(AT + MINUTE),
  author: "ada",
  reason: "It is moved.",
  ...over,
});

describe("what is wrong is said, with the value and what to do", () => {
  it.each([
    ["SilenceService/AddSilence", silence({ matchers: [] }), /^matchers: No matcher given.*Give one such as/],
    ["SilenceService/AddSilence", silence({ matchers: ["  ", "{}"] }), /^matchers: No matcher given/],
    ["SilenceService/AddSilence", silence({ matchers: ["target"] }), /^matchers: Cannot read a matcher at "target"/],
    ["SilenceService/AddSilence", silence({ matchers: ["a=~(b"] }), /^matchers: .*regular expression/],
    [
      "SilenceService/AddSilence",
      silence({ matchers: ['a=~"(b{1,100}){100}"'] }),
      /^matchers: Cannot use "\(b\{1,100\}\)\{100\}" as a regular expression: .* lower the counts/,
    ],
    ["SilenceService/AddSilence", silence({ matchers: ['a=~"(?=b)"'] }), /^matchers: .*look-around.*second matcher/],
    [
      "SilenceService/AddSilence",
      silence({ matchers: ["target=~.*"] }),
      /^matchers: "target=~\.\*" also matches alerts without/,
    ],
    ["SilenceService/AddSilence", silence({ matchers: ['a=""', "b!=c"] }), /^matchers: .*without these labels/],
    [
      "SilenceService/AddSilence",
      silence({ matchers: Array(51).fill("a=b") }),
      /^matchers: 51 matchers given\. Give at most 50/,
    ],
    [
      "SilenceService/AddSilence",
      silence({ matchers: ["x".repeat(10_001)] }),
      /^matchers: The matchers have 10001 characters/,
    ],
    ["SilenceService/AddSilence", silence({ endsAt: undefined }), /^ends_at: It is missing/],
    ["SilenceService/AddSilence", silence({ endsAt: time(AT) }), /^ends_at: 2030-01-01 00:00:00 UTC is in the past/],
    [
      "SilenceService/AddSilence",
      silence({ endsAt: time(AT - 1) }),
      /^ends_at: .* is in the past.*Give a time in the future/,
    ],
    [
      "SilenceService/AddSilence",
      silence({ startsAt: time(AT + MINUTE) }),
      /^ends_at: 2030-01-01 00:01:00 UTC is not after the start, 2030-01-01 00:01:00 UTC/,
    ],
    ["SilenceService/AddSilence", silence({ endsAt: time(AT + 367 * 24 * 60 * MINUTE) }), /^ends_at: .* 366 days/],
    ["SilenceService/AddSilence", silence({ author: " \n" }), /^author: It is empty/],
    ["SilenceService/AddSilence", silence({ author: LONG }), /^author: "x+…" has 1001 characters\. Give at most 100\./],
    ["SilenceService/AddSilence", silence({ reason: "\u200b" }), /^reason: It is empty/],
    [
      "SilenceService/AddSilence",
      silence({ reason: LONG }),
      /^reason: "x+…" has 1001 characters\. Give at most 1000\./,
    ],
    ["SilenceService/AddSilence", {}, /^matchers: .*\nends_at: .*\nauthor: .*\nreason: /],
    ["SilenceService/ExpireSilence", {}, /^id: It is empty/],
    ["AlertingService/ListAlerts", { matchers: ["{"] }, /^matchers: Cannot read a matcher/],
    [
      "AlertingService/Acknowledge",
      { author: "ada" },
      /^fingerprint: "" is not a fingerprint\. Give the 16 hex digits/,
    ],
    ["AlertingService/Acknowledge", { fingerprint: "0123456789ABCDEF", author: "ada" }, /^fingerprint: /],
    ["AlertingService/Acknowledge", { fingerprint: "0123456789abcdef" }, /^author: It is empty/],
    ["AlertingService/Acknowledge", { fingerprint: "0123456789abcdef", author: "a", comment: LONG }, /^comment: /],
    ["AlertingService/StartDrill", { labels: { a: "b" } }, /^author: It is empty/],
    ["AlertingService/StartDrill", { author: "a", labels: { "a-b": "c" } }, /^labels: "a-b" is not a label name/],
    ["AlertingService/StartDrill", { author: "a", labels: { drill: "c" } }, /^labels: "drill" is set on every drill/],
    ["AlertingService/StartDrill", { author: "a", labels: { a: LONG } }, /^labels: The value of a has 1001 characters/],
    [
      "AlertingService/StartDrill",
      { author: "a", labels: { severity: "crit" } },
      /^labels: severity "crit" is unknown/,
    ],
    [
      "AlertingService/StartDrill",
      { author: "a", labels: Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`l${i}`, "x"])) },
      /^labels: 31 labels given\. Give at most 30\./,
    ],
  ])("%s %j", async (method, body, message) => {
    const alerting = new MemoryAlerting();
    const response = await curl(asking(portsWith({ alerting, now: () => AT })), method, body);
    expect([response.status, await response.json()]).toEqual([
      400,
      { code: "invalid_argument", message: expect.stringMatching(new RegExp(message.source, "s")) },
    ]);
    expect([alerting.stored.size, alerting.kept.length]).toEqual([0, 0]);
  });

  it.each([
    ["SilenceService/ExpireSilence", { id: "nope" }, 404, "not_found", /^Silence "nope" not found/],
    ["AlertingService/Acknowledge", { fingerprint: "0123456789abcdef", author: "a" }, 404, "not_found", /^Alert 0123/],
    ["SilenceService/AddSilence", silence({ matcher: ["a=b"] }), 400, "invalid_argument", /matcher/],
    ["SilenceService/AddSilence", "{", 400, "invalid_argument", /JSON/],
    ["SilenceService/AddSilence", silence({ endsAt: "tomorrow" }), 400, "invalid_argument", /Timestamp/],
    ["SilenceService/AddSilence", silence({ reason: "x".repeat(70_000) }), 429, "resource_exhausted", /65536/],
  ])("%s %j", async (method, body, status, code, message) => {
    const response = await curl(asking(portsWith({ alerting: new MemoryAlerting(), now: () => AT })), method, body);
    expect([response.status, await response.json()]).toEqual([
      status,
      { code, message: expect.stringMatching(message) },
    ]);
  });

  it("a firing that has been followed by another is not taken on in its place", () =>
    inWorld(async (world) => {
      const { alerting } = clients(world.ask, "Connect JSON");
      const fingerprint = await goDown(world);
      const startsAt = timestampFromMs(world.alerter.now - 2 * MINUTE);
      const { code, rawMessage } = await failure(alerting.acknowledge({ fingerprint, author: "ada", startsAt }));
      expect([code, rawMessage]).toEqual([
        Code.NotFound,
        expect.stringMatching(/^Alert [0-9a-f]{16} of .* UTC not found/),
      ]);
    }));
});
