import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import type { Evidence } from "../../../functions/model/alerting/evidence.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import { PROBE_FAMILIES } from "../../../functions/model/families/probe-families.ts";
import { failure, type Reason } from "../../../functions/model/probing/failure.ts";
import type { Sample, Step } from "../../../functions/model/probing/sample.ts";
import { newVantageState, type Vote } from "../../../functions/model/probing/verdict.ts";
import { explainAlert } from "../../../functions/monitor/rules/explain-alert.ts";
import {
  VANTAGE_STATE_FAMILY,
  VERDICT_FAMILY,
  writeVantageState,
  writeVerdict,
} from "../../../functions/monitor/tick/verdict-columns.ts";
import { SeriesTable } from "../../../functions/store/series/series-table.ts";
import { NO_VERDICT } from "../../evaluate/verdict/no-verdict.ts";
import { anyPlan, anyTarget } from "../any-target.ts";
import { sampleOf } from "../world.ts";

const NOW = Date.UTC(2030, 0, 1);
const PROBES = ["health", "cas.details", "cas.negotiate", "transport.download", "transport.upload"];
const TARGET = anyTarget({
  name: "a",
  probes: [...PROBES.map((kind) => anyPlan({ kind })), anyPlan({ kind: "transport.negative", critical: false })],
});

/** A vantage's newest run of a probe. */
interface Seen {
  probe: string;
  vantage?: string;
  outcome?: Vote["outcome"];
  reason?: Reason;
  /** Steps that failed, with their reasons; none: the run as a whole. */
  steps?: Readonly<Record<string, Reason>>;
  /** When a run was good last, epoch ms. */
  goodAt?: number;
  /** Slot in which the probe's incident was opened, epoch ms; absent: none is open. */
  downSince?: number;
  /** The run came in an earlier slot: only its vote is known. */
  isOld?: boolean;
}

const ruleOf = (name: string): Rule => CATALOGUE.find((rule) => rule.name === name) as Rule;

function explain(
  rule: string | Rule,
  seen: readonly Seen[],
  labels: object = {},
  vantages = ["local"],
): Evidence | undefined {
  const table = new SeriesTable([...PROBE_FAMILIES, VANTAGE_STATE_FAMILY, VERDICT_FAMILY]);
  table.reconcile([{ target: "a", initial: [], keep: () => true }], NOW);
  const samples: Sample[] = [];
  for (const one of seen) {
    const { probe, vantage = "local", outcome = "failed", reason = "timeout", downSince } = one;
    const vote = { vantage, slot: NOW, attempt: 1, outcome, ...(outcome === "ok" ? {} : { reason }) } as Vote;
    const state = table.at("a", VANTAGE_STATE_FAMILY.name, { probe, vantage }, NOW);
    writeVantageState(state.block.values, state.offset, { ...newVantageState(vantage as never), vote });
    const down = { ...NO_VERDICT, state: "down", incidentOpen: true, since: downSince ?? 0, ring: 3, ringLength: 9 };
    const verdict = table.at("a", VERDICT_FAMILY.name, { probe }, NOW);
    if (downSince !== undefined)
      writeVerdict(verdict.block.values, verdict.offset, { ...down, lastAttempt: 1 } as typeof NO_VERDICT);
    const family = "zako_v1_probe_last_success_timestamp_seconds";
    if (one.goodAt !== undefined)
      table.observe("a", { family, labels: { probe, vantage }, value: one.goodAt / 1000 }, NOW);
    if (one.isOld === true) continue;
    const task = { target: TARGET, plan: anyPlan({ kind: probe }), vantage, slot: NOW, attempt: 1 } as never;
    const steps = Object.entries(one.steps ?? {}).map(
      ([step, why]): Step => ({ name: step, outcome: "failed", durationMs: 1, failure: failure(why, true) }),
    );
    samples.push({ ...sampleOf(task, NOW, outcome, outcome === "ok" ? undefined : failure(reason, true)), steps });
  }
  const source = {
    table,
    targets: new Map([["a", TARGET]]),
    vantages: vantages as never,
    samples: Map.groupBy(samples, ({ target }) => target),
    now: NOW,
  };
  return explainAlert(typeof rule === "string" ? ruleOf(rule) : rule, { target: "a", ...labels }, source);
}

test("the cause of an incident is the probe that opened it, and what is slow or failing elsewhere is no part of it", () => {
  const evidence = explain("ZakoTargetDown", [
    { probe: "health", outcome: "degraded", reason: "slow" },
    { probe: "cas.details", reason: "timeout" },
    { probe: "transport.upload", reason: "truncated", downSince: NOW - 60_000, goodAt: NOW - 90_000 },
    { probe: "transport.download", reason: "corrupt", downSince: NOW - 120_000, goodAt: NOW - 180_000 },
  ]);
  expect(evidence).toMatchObject({
    cause: "transport.download",
    runs: { failed: 2, outOf: 3, confirmed: true },
    lastSuccessAt: NOW - 180_000,
    traceId: "0123456789abcdef0123456789abcdef",
  });
  expect(new Set(evidence?.steps.map(({ probe }) => probe))).toEqual(
    new Set(["transport.download", "transport.upload"]),
  );
});

test("every step that failed is named, not only the first", () => {
  const steps = { wrong_content: "accepted_bad_upload", bad_token: "accepted_bad_token" } as const;
  const probe = "transport.negative";
  expect(explain("ZakoProbeDown", [{ probe, steps }], { probe })?.steps).toEqual([
    { probe, step: "wrong_content", reason: "accepted_bad_upload" },
    { probe, step: "bad_token", reason: "accepted_bad_token" },
  ]);
});

test("a rule that divides one probe's gauge by another's is about the first", () => {
  const of = (probe: string) => ({ family: "depth", matchers: [{ name: "probe", op: "=", value: probe }] as const });
  const condition = { kind: "quotient", numerator: of("health"), denominator: of("cas.details"), op: ">", value: 1 };
  const rule = { ...ruleOf("ZakoTargetDown"), name: "Own", condition } as Rule;
  const evidence = explain(rule, [{ probe: "cas.details" }, { probe: "health" }]);
  expect(evidence?.cause).toBe("health");
  expect(evidence?.steps.map(({ probe }) => probe)).toEqual(["health"]);
});

test("vantages are those that fail, out of all that are asked", () => {
  const seen: Seen[] = [
    { probe: "health", vantage: "weur", downSince: NOW },
    { probe: "health", vantage: "enam", outcome: "ok" },
    { probe: "health", vantage: "apac", downSince: NOW },
  ];
  const evidence = explain("ZakoTargetDown", seen, {}, ["weur", "enam", "apac"]);
  expect(evidence).toMatchObject({ vantages: ["weur", "apac"], outOf: 3 });
});

test("a probe whose votes came in an earlier slot is named by its reason alone", () => {
  const seen: Seen[] = [{ probe: "health", reason: "dns", downSince: NOW, isOld: true }];
  expect(explain("ZakoTargetDown", seen)?.steps).toEqual([{ probe: "health", reason: "dns" }]);
});

describe("no evidence is borrowed from an outage that goes on", () => {
  const outage: Seen[] = [{ probe: "health", reason: "connect", downSince: NOW }];
  test.each([
    ["ZakoErrorBudgetBurnSlow", {}],
    ["ZakoErrorBudgetBurnFast", {}],
    ["ZakoProberFault", {}],
    ["ZakoDiskLow", {}],
    ["ZakoTransportUploadFailures", {}],
    ["ZakoTransportNoCommit", {}],
    ["ZakoProbeDown", { probe: "transport.negative" }],
  ])("by %s", (name, labels) => expect(explain(name, outage, labels)).toBeUndefined());
});

test("a target that is unknown to the configuration has none", () =>
  expect(explain("ZakoTargetDown", [{ probe: "health", downSince: NOW }], { target: "b" })).toBeUndefined());

test("whatever fails, the evidence of an alert names no other probe than its own", () => {
  const some = fc.uniqueArray(
    fc.record({
      probe: fc.constantFrom(...PROBES, "transport.negative"),
      outcome: fc.constantFrom("ok", "degraded", "failed"),
      reason: fc.constantFrom<Reason>("timeout", "corrupt", "slow", "edge"),
      steps: fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom<Reason>("timeout", "corrupt")),
      isOld: fc.boolean(),
    }),
    { selector: ({ probe }) => probe },
  );
  fc.assert(
    fc.property(some, fc.constantFrom(...PROBES), (seen, probe) => {
      const evidence = explain("ZakoProbeDown", seen as Seen[], { probe });
      expect((evidence?.steps ?? []).filter((step) => step.probe !== probe)).toEqual([]);
      const own = seen.find((one) => one.probe === probe);
      expect(evidence === undefined).toBe(own === undefined || own.outcome === "ok");
    }),
  );
});

test("an alert of the error budget names what fails, but no probe that opened an incident", () => {
  const found = explain("ZakoErrorBudgetBurnFast", [
    { probe: "health", outcome: "ok" },
    { probe: "cas.negotiate", reason: "http_status" },
    { probe: "cas.details", reason: "timeout", downSince: NOW },
    { probe: "transport.negative", reason: "accepted_bad_upload" },
  ]);
  expect(found?.steps).toEqual([{ probe: "cas.negotiate", reason: "http_status" }]);
  expect(found).not.toHaveProperty("cause");
  expect(found).not.toHaveProperty("runs");
});
