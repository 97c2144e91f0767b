import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import { PROBE_FAMILIES } from "../../../functions/model/families/probe-families.ts";
import type { Verdict } from "../../../functions/model/probing/verdict.ts";
import { IncidentRecords } from "../../../functions/monitor/rules/incident-records.ts";
import { VERDICT_FAMILY, writeVerdict } from "../../../functions/monitor/tick/verdict-columns.ts";
import { SeriesTable } from "../../../functions/store/series/series-table.ts";
import { NO_VERDICT } from "../../evaluate/verdict/no-verdict.ts";
import { anyPlan, anyTarget } from "../any-target.ts";

const NOW = Date.UTC(2030, 0, 1);
/** So many seconds ago. */
const ago = (seconds: number): number => NOW - seconds * 1_000;
const TARGET = anyTarget({
  name: "a",
  probes: [
    anyPlan({ kind: "health" }),
    anyPlan({ kind: "cas.details" }),
    anyPlan({ kind: "worker.gc", critical: false }),
  ],
});

const ruleOf = (name: string): Rule => CATALOGUE.find((rule) => rule.name === name) as Rule;
const PROBE_DOWN = ruleOf("ZakoProbeDown");
const TARGET_DOWN = ruleOf("ZakoTargetDown");

/** The records where the probes' verdicts are these. */
function recordsOf(verdicts: Readonly<Record<string, Partial<Verdict>>>): IncidentRecords {
  const table = new SeriesTable([...PROBE_FAMILIES, VERDICT_FAMILY]);
  table.reconcile([{ target: "a", initial: [], keep: () => true }], NOW);
  for (const [probe, verdict] of Object.entries(verdicts)) {
    const { block, offset } = table.at("a", VERDICT_FAMILY.name, { probe }, NOW);
    writeVerdict(block.values, offset, { ...NO_VERDICT, ...verdict });
  }
  return new IncidentRecords(table, new Map([["a", TARGET]]));
}

const of = (probe?: string) => ({ target: "a", group: probe === undefined ? {} : { probe } });
const since = (failing: number): Partial<Verdict> => ({ incidentOpen: true, failingSince: ago(failing) });
const until = (failing: number, recovering: number): Partial<Verdict> => ({
  failingSince: ago(failing),
  recoveringSince: ago(recovering),
});

describe("an incident begins", () => {
  const begun = (rule: Rule, verdicts: Readonly<Record<string, Partial<Verdict>>>, probe?: string): number =>
    recordsOf(verdicts).begun(rule, of(probe), { phase: "firing", activeSince: ago(10) } as never).activeSince;

  it("with the first failing run: of a target, of any critical probe; of a probe, its own", () => {
    const verdicts = { health: since(40), "cas.details": since(70), "worker.gc": since(300) };
    expect(begun(TARGET_DOWN, verdicts)).toBe(ago(70));
    expect(begun(PROBE_DOWN, verdicts, "health")).toBe(ago(40));
    expect(begun(PROBE_DOWN, verdicts, "worker.gc")).toBe(ago(300));
  });

  it("no earlier than the alert where its own incident is not open, or its beginning is unknown", () => {
    const verdicts = { health: since(40), "cas.details": until(400, 300) };
    expect(begun(TARGET_DOWN, verdicts)).toBe(ago(40));
    expect(begun(PROBE_DOWN, verdicts, "cas.details")).toBe(ago(10));
    expect(begun(TARGET_DOWN, { health: { incidentOpen: true, failingSince: 0 } })).toBe(ago(10));
    expect(begun(ruleOf("ZakoTargetDegraded"), verdicts)).toBe(ago(10));
  });
});

describe("an incident ends", () => {
  const endOf = (
    rule: Rule | undefined,
    verdicts: Readonly<Record<string, Partial<Verdict>>>,
    probe?: string,
  ): number =>
    recordsOf(verdicts).endOf(rule, { ...of(probe), activeSince: ago(100), firingSince: ago(90) } as never, NOW);

  it("with the first good run: of a target, of the last critical probe; of a probe, its own", () => {
    const verdicts = { health: until(100, 60), "cas.details": until(100, 30), "worker.gc": until(100, 5) };
    expect(endOf(TARGET_DOWN, verdicts)).toBe(ago(30));
    expect(endOf(PROBE_DOWN, verdicts, "health")).toBe(ago(60));
    expect(endOf(PROBE_DOWN, verdicts, "worker.gc")).toBe(ago(5));
  });

  it("of a probe, whatever the others do meanwhile", () => {
    const verdicts = { health: until(100, 60), "cas.details": since(100) };
    expect(endOf(PROBE_DOWN, verdicts, "health")).toBe(ago(60));
    expect(endOf(TARGET_DOWN, verdicts)).toBe(NOW);
  });

  it("now, where the record says nothing of this outage, and never before its alert began", () => {
    expect(endOf(TARGET_DOWN, { health: until(500, 400) })).toBe(NOW);
    expect(endOf(TARGET_DOWN, { health: until(100, 95) })).toBe(ago(90));
    expect(endOf(undefined, { health: until(100, 60) })).toBe(NOW);
  });

  it("of an outage that another shard has seen, with the first run here that finds its cause well", () => {
    const well = (state: Verdict["state"], seconds: number): Partial<Verdict> => ({ state, since: ago(seconds) });
    const adopted = (cause: string | undefined, verdicts: Readonly<Record<string, Partial<Verdict>>>): number => {
      const evidence = cause === undefined ? undefined : { cause };
      const times = { activeSince: ago(100), firingSince: ago(90) };
      return recordsOf(verdicts).endOf(TARGET_DOWN, { ...of(), ...times, evidence } as never, NOW);
    };
    // Others of its probes follow in their turns.
    expect(adopted("health", { health: well("up", 60), "cas.details": well("up", 5) })).toBe(ago(60));
    expect(adopted("health", { health: well("degraded", 60) })).toBe(ago(60));
    expect(adopted("health", { health: well("unknown", 60) })).toBe(NOW);
    expect(adopted("health", { health: well("up", 95) })).toBe(ago(90));
    expect(adopted("health", { health: well("up", 300) })).toBe(NOW);
    expect(adopted(undefined, { health: well("up", 60) })).toBe(NOW);
  });
});

it("of an outage whose cause is not asked here any more, the end is now, and nothing is kept for it", () => {
  const table = new SeriesTable([...PROBE_FAMILIES, VERDICT_FAMILY]);
  table.reconcile([{ target: "a", initial: [], keep: () => true }], NOW);
  const records = new IncidentRecords(table, new Map([["a", TARGET]]));
  const alert = { ...of("transport.gone"), activeSince: ago(100), firingSince: ago(90) };
  expect(records.endOf(PROBE_DOWN, alert as never, NOW)).toBe(NOW);
  expect(table.has("a", VERDICT_FAMILY.name, { probe: "transport.gone" })).toBe(false);
});
