import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Family } from "../../../functions/model/metric.ts";
import { ReportedTotalsTable } from "../../../functions/store/series/reported-totals-table.ts";

const START = Date.UTC(2030, 0, 1);
const FAMILIES: readonly Family[] = [
  { name: "jobs_total", type: "counter", help: "Jobs.", labels: ["target", "source", "kind"] },
];
const FACTS = { lastSeenAt: START, completeUnder: -1, latestStart: 0, forgetAt: START + 1 };
/** What the module says of the totals of a source. */
const ROOM = 1_000;

const inside = (run: (storage: DurableObjectStorage) => void): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName(crypto.randomUUID()), async (_instance, state) => run(state.storage));

const totals = (from: number, to: number, stream?: string) =>
  Array.from({ length: to - from }, (_, i) => ({
    family: "jobs_total",
    labels: { source: "push", kind: `k${from + i}` },
    ...(stream === undefined ? {} : { stream }),
  }));
const taken = (answers: readonly boolean[]): number => answers.filter((one) => one).length;

it("a source has room for a thousand totals, and keeps those that it has", () =>
  inside((storage) => {
    const table = new ReportedTotalsTable(storage, FAMILIES);
    table.keep("zako", "push", FACTS);
    expect(taken(table.widen("zako", "push", totals(0, 900), START))).toBe(900);
    const answers = table.widen("zako", "push", totals(850, ROOM + 50), START);
    expect(answers.lastIndexOf(true)).toBe(ROOM - 850 - 1);
    expect(taken(answers)).toBe(ROOM - 850);
    expect(taken(table.widen("zako", "push", totals(0, ROOM), START))).toBe(ROOM);
    expect(taken(table.widen("zako", "push", totals(0, 1, "another stream"), START))).toBe(0);
  }));

it("a total that is named twice in one report takes its room once", () =>
  inside((storage) => {
    const table = new ReportedTotalsTable(storage, FAMILIES);
    table.keep("zako", "push", FACTS);
    const twice = [...totals(0, ROOM - 1), ...totals(0, ROOM + 1)];
    const answers = table.widen("zako", "push", twice, START);
    expect(taken(answers)).toBe(twice.length - 1);
    expect(answers.at(-1)).toBe(false);
  }));
