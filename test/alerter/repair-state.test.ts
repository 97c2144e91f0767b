import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { endLost } from "../../functions/alerter/repair-state.ts";
import type { Incident } from "../../functions/model/alerting/incident.ts";
import { AlerterHead } from "../../functions/store/alerter/alerter-head.ts";
import { MINUTE, START } from "./world.ts";

const incident = (id: string, over: Partial<Incident> = {}): Incident => ({
  id,
  target: id,
  state: "down",
  openedAt: START - MINUTE,
  causes: [],
  ...over,
});

/** A head with two shards, the second of which reported at the given time, and these incidents without any alert. */
const inHead = (reportedAt: number, incidents: readonly Incident[], run: (head: AlerterHead) => void): Promise<void> =>
  runInDurableObject(env.ALERTER.getByName(crypto.randomUUID()), (_, { storage }) => {
    const head = new AlerterHead(storage, START);
    for (const [shard, lastSeenAt] of [START + 1, reportedAt].entries())
      head.shards.set(String(shard), { generation: 1, sequence: 1, lastSeenAt, missedWakes: 0 });
    for (const one of incidents) head.incidents.set(one.id, one);
    run(head);
  });

it("ends an incident whose alerts were lost once every shard has reported since, and tells history of outages", () =>
  inHead(START + 1, [incident("a"), incident("b", { state: "unknown" })], (head) => {
    expect(endLost(head, START, START + 2 * MINUTE)).toBe(true);
    const ended = { closedAt: START + 2 * MINUTE, why: "removed" };
    expect([...head.incidents.all.values()]).toMatchObject([ended, ended]);
    expect([...head.notes.all.values()]).toEqual([{ kind: "incident", incident: { ...incident("a"), ...ended } }]);
  }));

it("ends none before it began, wherever the clock is", () =>
  inHead(START + 1, [incident("a", { openedAt: START + 5 * MINUTE })], (head) => {
    endLost(head, START, START + MINUTE);
    expect(head.incidents.get("a")).toMatchObject({ closedAt: START + 5 * MINUTE });
  }));

it("waits for a shard that has not reported since, and leaves alone what is over", () =>
  inHead(START, [incident("a")], (head) => {
    expect(endLost(head, START, START + MINUTE)).toBe(false);
    expect(head.incidents.get("a")).toEqual(incident("a"));
    const over = incident("b", { closedAt: START, why: "recovered" });
    head.incidents.set("b", over);
    head.shards.set("1", { generation: 1, sequence: 2, lastSeenAt: START + 2, missedWakes: 0 });
    expect(endLost(head, START, START + MINUTE)).toBe(true);
    expect(head.incidents.get("b")).toEqual(over);
  }));
