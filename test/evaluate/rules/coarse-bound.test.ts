import { expect, it } from "vitest";
import { coarseBoundPromql } from "../../../functions/evaluate/rules/coarse-bound.ts";
import type { Selector } from "../../../functions/model/alerting/rule.ts";

type Matchers = NonNullable<Selector["matchers"]>;

it.each<[what: string, family: string, matchers: Matchers | undefined, hasBound: boolean]>([
  ["any source", "zako_v1_transport_duration_seconds", undefined, true],
  ["what is pushed", "zako_v1_transport_duration_seconds", [{ name: "source", op: "=", value: "push" }], true],
  ["all but the probes", "zako_v1_transport_duration_seconds", [{ name: "source", op: "!=", value: "probe" }], true],
  ["the probes alone", "zako_v1_transport_duration_seconds", [{ name: "source", op: "=", value: "probe" }], false],
  ["a pool named probe", "zako_v1_worker_gc_duration_seconds", [{ name: "pool", op: "=", value: "probe" }], true],
  ["what only probes measure", "zako_v1_probe_duration_seconds", undefined, false],
  ["what only the prober measures", "zako_watch_tick_duration_seconds", undefined, false],
])("a quantile of %s has a bound where senders may have wider buckets", (_, family, matchers, hasBound) => {
  const selector = matchers === undefined ? { family } : { family, matchers };
  const found = coarseBoundPromql(selector, 2, ["target", "source"]);
  expect(found !== undefined).toBe(hasBound);
  if (found === undefined) return;
  expect(found.on).toBe("target, source");
  const own = (matchers ?? []).filter(({ name }) => name === "source");
  for (const { op, value } of own) expect(found.expr).toContain(`source${op}"${value}"`);
  // The bounds are known by target, source and family alone.
  expect(found.expr).not.toContain("pool");
});
