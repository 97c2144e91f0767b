import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { alerterGauges } from "../../functions/alerter/alerter-gauges.ts";
import type { Alert } from "../../functions/model/alerting/alert.ts";
import { alertKey, type KnownAlert, type OutboxRow } from "../../functions/model/alerting/alerter-state.ts";
import type { Silence } from "../../functions/model/alerting/silence.ts";
import type { Suppression } from "../../functions/notify/policy/suppression.ts";
import { AlerterHead } from "../../functions/store/alerter/alerter-head.ts";
import { alertOf, messageOf } from "../notify/any-message.ts";
import { alert, MINUTE, START } from "./world.ts";

/** The Alerter's gauges by name and labels, those at 0 left out. */
const gaugesOf = (
  fill: (head: AlerterHead) => void,
  suppressed: readonly [Alert, readonly Suppression[]][] = [],
): Promise<Record<string, number>> =>
  runInDurableObject(env.ALERTER.getByName(crypto.randomUUID()), (_, { storage }) => {
    const head = new AlerterHead(storage, START);
    fill(head);
    const decision = { suppressed: new Map(suppressed.map(([of, all]) => [alertKey(of), all])) };
    const seen = alerterGauges(head, decision, START);
    return Object.fromEntries(
      seen.flatMap(({ family, labels, value }) =>
        value === 0 ? [] : [[[family.replace("zako_watch_", ""), ...Object.values(labels)].join(" "), value]],
      ),
    );
  });

/** What is there without anything. */
const NOTHING = { outbox_oldest_timestamp_seconds: Number.NaN };

describe("alerts are counted by state and severity", () => {
  const known = (over: Partial<KnownAlert> = {}): KnownAlert => ({
    ...alert({ target: "a" }, START),
    shard: 0,
    receivedAt: START,
    notifiedAt: START,
    ...over,
  });
  const silenced: Suppression = { receiver: "team", why: "silenced by 3f2a", mute: "silence" };
  const unreachable: Suppression = { receiver: "nobody", why: "has no channel", mute: "receiver" };
  const waiting: Suppression = { receiver: "manager", why: "escalates later", until: START + MINUTE };
  const { notifiedAt: _, ...unnotified } = known();

  it.each<[string, KnownAlert, readonly Suppression[], string | undefined]>([
    ["one that fires and nobody mutes", known(), [], "active"],
    ["one that only waits for its escalation", known(), [waiting], "active"],
    ["a silenced one", known(), [waiting, silenced], "muted"],
    ["one that one of two receivers cannot get", known(), [unreachable], "active"],
    ["one that nobody can get", unnotified, [unreachable], "muted"],
    ["one that nobody can get, and that is silenced", known(), [unreachable, silenced], "muted"],
    ["one that is over", known({ resolvedAt: START }), [silenced], undefined],
  ])("%s", async (_, one, suppressed, state) => {
    const gauges = await gaugesOf((head) => head.putAlert(one), [[one, suppressed]]);
    expect(gauges).toEqual({ ...NOTHING, ...(state === undefined ? {} : { [`alerts ${state} critical`]: 1 }) });
  });

  it("an acknowledged one, unless it is muted", async () => {
    const take = (head: AlerterHead): void => {
      head.putAlert(known());
      head.acknowledgements.set(alertKey(known()), { by: "ada", at: START, comment: "" });
    };
    expect(await gaugesOf(take)).toEqual({ ...NOTHING, "alerts acknowledged critical": 1 });
    expect(await gaugesOf(take, [[known(), [silenced]]])).toEqual({ ...NOTHING, "alerts muted critical": 1 });
  });

  it("each under its own severity", async () => {
    const gauges = await gaugesOf((head) => {
      for (const [i, severity] of ["critical", "warning", "warning", "info"].entries())
        head.putAlert(known(alert({ target: `t${i}`, severity }, START)));
    });
    expect(gauges).toEqual({
      ...NOTHING,
      "alerts active critical": 1,
      "alerts active warning": 2,
      "alerts active info": 1,
    });
  });
});

it("silences are counted by state, and not those that are over", async () => {
  const silence = (id: string, startsAt: number, endsAt: number): Silence => ({
    id,
    matchers: [{ name: "target", op: "=", value: "a" }],
    startsAt,
    endsAt,
    author: "ada",
    reason: "work",
    maintenance: false,
  });
  const gauges = await gaugesOf((head) => {
    for (const one of [
      silence("over", START - 2 * MINUTE, START - MINUTE),
      silence("now", START - MINUTE, START + MINUTE),
      silence("next", START + MINUTE, START + 2 * MINUTE),
      silence("after", START + MINUTE, START + 3 * MINUTE),
    ])
      head.silences.set(one.id, one);
  });
  expect(gauges).toEqual({ ...NOTHING, "silences active": 1, "silences pending": 2 });
});

it("the outbox shows how many messages wait, and since when the oldest does", async () => {
  const row = (id: string, createdAt: number): OutboxRow => ({
    message: messageOf([alertOf({ target: "a" })], { id }),
    endpointKey: "team.0",
    firing: [],
    ended: [],
    acknowledged: [],
    critical: true,
    urgent: true,
    createdAt,
    tries: 0,
    uncertain: 0,
    trying: false,
  });
  const gauges = await gaugesOf((head) => {
    for (const one of [row("b", START - MINUTE), row("a", START - 2 * MINUTE), row("c", START)])
      head.outbox.set(one.message.id, one);
    head.setGeneration({ number: 7, config: "one", shards: 1 }, []);
  });
  expect(gauges).toEqual({
    outbox_backlog: 3,
    outbox_oldest_timestamp_seconds: (START - 2 * MINUTE) / 1_000,
    alerter_generation: 7,
  });
});
