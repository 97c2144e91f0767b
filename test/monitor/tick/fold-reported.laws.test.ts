import fc from "fast-check";
import { expect, test } from "vitest";
import { foldReported } from "../../../functions/monitor/tick/fold-reported.ts";
import { Head } from "../../../functions/store/head.ts";
import { MONITOR_META } from "../../../functions/store/monitor-meta.ts";
import { begin, count, FAMILIES, inObject, jobs, reported, T0 } from "../alerts-sent.ts";

type Step = { do: "add"; n: number } | { do: "restart" | "scrape" | "miss" | "reload" };
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("add" as const), n: fc.nat(50) }) },
    { weight: 4, arbitrary: fc.constant<Step>({ do: "scrape" }) },
    fc.constantFrom<Step>({ do: "restart" }, { do: "miss" }, { do: "reload" }),
  ),
  { maxLength: 60 },
);

test("whatever restarts, is missed or reloaded: never down, and the sum of increases is what could be seen", () =>
  fc.assert(
    fc.asyncProperty(steps, fc.boolean(), (script, tellsStart) =>
      inObject((storage) => {
        let head = begin(storage);
        head.commit();
        let now = T0;
        let life = { since: T0 - 9_000_000, total: 1_000, seen: 0 };
        let visible = 0;
        let last = 0;
        let isFirst = true;
        for (const step of script) {
          now += 10_000;
          if (step.do === "add") life.total += step.n;
          else if (step.do === "restart") life = { since: now, total: 0, seen: 0 };
          else if (step.do === "reload") head = new Head(storage, FAMILIES, MONITOR_META);
          else if (step.do === "scrape") {
            const isNew = isFirst && (!tellsStart || life.since < T0);
            visible += isNew ? 0 : life.total - life.seen;
            life.seen = life.total;
            isFirst = false;
            foldReported(head, reported(now, [jobs(life.total, tellsStart ? life.since : undefined)]));
            head.commit();
            expect(count(head)).toBeGreaterThanOrEqual(last);
            last = count(head) ?? 0;
            if (tellsStart) expect(last).toBe(visible);
            else expect(last).toBeLessThanOrEqual(visible);
          }
        }
      }),
    ),
    { numRuns: 60 },
  ));

test("pushed totals in any order, twice or not at all: never down, never more than there was, and all of it once the last one came", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.nat()),
      (lives, picks) =>
        inObject((storage) => {
          const head = begin(storage);
          const all = lives.flatMap((adds, i) => {
            const since = T0 + 60_000 * (i + 1);
            const totals = adds.map((_, j) => adds.slice(0, j + 1).reduce((a, b) => a + b, 0));
            return totals.map((value) => ({ life: i, since, value }));
          });
          const sent = [...all, ...all]
            .map((message) => ({ message, key: picks.next().value as number }))
            .sort((a, b) => a.key - b.key);
          const truth = lives.reduce((sum, adds) => sum + adds.reduce((a, b) => a + b, 0), 0);
          let last = 0;
          let newest = 0;
          let expected = 0;
          const best = new Map<number, number>();
          sent.forEach(({ message: { life, since, value } }, i) => {
            foldReported(head, reported(T0 + 400_000 + i, [jobs(value, since)], { ordered: false, complete: false }));
            const now = count(head) ?? 0;
            expect(now).toBeGreaterThanOrEqual(last);
            expect(now).toBeLessThanOrEqual(truth);
            last = now;
            if (life < newest) return;
            newest = life;
            const added = Math.max(0, value - (best.get(life) ?? 0));
            best.set(life, (best.get(life) ?? 0) + added);
            expected += added;
          });
          expect(last).toBe(expected);
        }),
    ),
    { numRuns: 60 },
  ));
