import { expect, test } from "vitest";
import { series, shipped } from "../../functions/evaluate/catalogue/define.ts";
import { VERDICT_RULES } from "../../functions/evaluate/catalogue/verdict-rules.ts";
import { failure } from "../../functions/model/probing/failure.ts";
import type { ProbePlan } from "../../functions/model/probing/target.ts";
import { RecheckWorld, START } from "./recheck-world.ts";
import { config, KINDS, plan, target } from "./world.ts";

const MINUTE = 60_000;
const SECOND = 1_000;
const CORRUPT = failure("corrupt", true);
const CONNECT = failure("connect", true);
const TIMEOUT = failure("timeout", true);

const probe = (kind: string): ProbePlan =>
  plan(kind, { options: KINDS.get(kind)?.options.parse({}) as ProbePlan["options"], recheckMs: 15_000 });
const usual = [probe("health"), probe("transport.download")];

/** An event rule, which holds as soon as the slot's own runs are counted. */
const event = shipped({
  name: "ZakoTestEvent",
  severity: "critical",
  by: ["target", "probe"],
  condition: { kind: "threshold", metric: series("zako_v1_probe_failing"), aggregate: "max", op: ">", value: 0 },
  summary: "A probe fails",
  description: "A probe of {{ $labels.target }} fails.",
  runbook: "target-down",
});
const rules = [...VERDICT_RULES, event];

test("what one slot found of a target is notified once, when its confirmation is in", () =>
  RecheckWorld.run("once", config([target("a", usual), target("b", usual)], { rules }), async (sim) => {
    await sim.until(START + 3 * MINUTE - SECOND);
    sim.fate = ({ target: { name }, plan: { kind } }) =>
      name === "a" && kind === "transport.download" ? CORRUPT : undefined;
    await sim.until(START + 6 * MINUTE);
    const outages = sim.outages.filter(({ target: name }) => name === "a");
    expect(outages.map(({ alert }) => alert).sort()).toEqual(["ZakoProbeDown", "ZakoTargetDown", "ZakoTestEvent"]);
    expect(new Set(outages.map(({ notifiedAt }) => notifiedAt)).size).toBe(1);
    expect(outages[0]?.notifiedAt).toBeLessThan(START + 3 * MINUTE + 15 * SECOND);
  }));

test("no target waits for the confirmation of one that hangs", () =>
  RecheckWorld.run("waits", config(["a", "b", "c"].map((name) => target(name, usual))), async (sim) => {
    await sim.until(START + 3 * MINUTE - SECOND);
    sim.takesMs = ({ target: { name } }) => (name === "b" ? 5 * SECOND : 50);
    sim.fate = ({ target: { name } }) => (name === "a" ? CONNECT : name === "b" ? TIMEOUT : undefined);
    await sim.until(START + 6 * MINUTE);
    const [refused, hanging] = ["a", "b"].map((name) =>
      sim.outagesOf("ZakoTargetDown").filter((one) => one.target === name),
    );
    // Both wait for the slot's own runs; the hanging one's confirmation takes another deadline.
    expect(refused?.[0]?.notifiedAt).toBeLessThan(START + 3 * MINUTE + 6 * SECOND);
    expect(hanging?.[0]?.notifiedAt).toBeGreaterThan(START + 3 * MINUTE + 9 * SECOND);
    expect(hanging?.[0]?.notifiedAt).toBeLessThan(START + 3 * MINUTE + 15 * SECOND);
  }));
