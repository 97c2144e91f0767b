import { describe, expect, it } from "vitest";
import { ruleOfKind } from "../../../functions/config/rules/catalogue.ts";
import type { KindRule } from "../../../functions/probe/kind.ts";

const rule = (condition: KindRule["condition"]): KindRule => ({
  name: "ZakoDemoSlow",
  severity: "warning",
  condition,
  summary: "S.",
  description: "D.",
  runbook: "demo-slow",
});

describe("a rule that a probe kind brings", () => {
  it("is read with the keys of its kind of rule, and their defaults; the rest is that of every shipped rule", () => {
    expect(ruleOfKind(rule({ kind: "threshold", metric: 'm{source="probe"}', value: 2 }))).toEqual({
      name: "ZakoDemoSlow",
      severity: "warning",
      condition: {
        kind: "threshold",
        metric: { family: "m", matchers: [{ name: "source", op: "=", value: "probe" }] },
        aggregate: "max",
        op: ">",
        value: 2,
      },
      by: ["target"],
      forMs: 0,
      keepFiringForMs: 0,
      pager: "edge",
      summary: "S.",
      description: "D.",
      runbook: "demo-slow",
    });
  });

  it.each([
    [{ kind: "treshold", metric: "m", value: 2 }, "Rule ZakoDemoSlow has the unknown kind treshold."],
    [{ kind: "threshold", metric: "m" }, "value"],
    [{ kind: "threshold", metric: "m", value: 2, limit: 3 }, "limit"],
  ])("is a bug where its condition is wrong: %j", (condition, message) => {
    expect(() => ruleOfKind(rule(condition))).toThrow(message);
  });
});
