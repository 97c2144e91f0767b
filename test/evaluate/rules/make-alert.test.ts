import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Condition } from "../../../functions/evaluate/rules/kinds/registry.ts";
import * as make from "../../../functions/evaluate/rules/make-alert.ts";
import type { Evidence } from "../../../functions/model/alerting/evidence.ts";
import { fingerprint } from "../../../functions/model/alerting/fingerprint.ts";
import { matchesAll } from "../../../functions/model/alerting/matches.ts";
import type { Rule, RuleOverride } from "../../../functions/model/alerting/rule.ts";

const RULE: Rule<Condition> = {
  name: "Own",
  severity: "warning",
  condition: { kind: "threshold", metric: { family: "m" }, aggregate: "max", op: ">", value: 1 },
  by: ["target", "probe"],
  forMs: 0,
  keepFiringForMs: 0,
  summary: "S.",
  description: "{{ $labels.probe }} of {{ $labels.team }}: {{ $value | humanize }}",
  pager: "edge",
};
const is = (name: string, value: string): RuleOverride["matchers"][number] => ({ name, op: "=", value });
const chosen = (rule: Rule, group: Record<string, string>, target: Record<string, string> = {}) =>
  make.variantsOf(rule)[make.variantIndex(rule, group, target)];

describe("overrides", () => {
  const overrides: RuleOverride[] = [
    { matchers: [is("target", "a"), is("probe", "health")], off: true },
    { matchers: [is("team", "build")], value: 7 },
    { matchers: [is("target", "a")], severity: "critical" },
    { matchers: [is("target", "b")], value: 9, severity: "info" },
  ];
  const rule = { ...RULE, overrides };

  it.each<[string, Record<string, string>, Record<string, string>, object | undefined]>([
    ["none matches", { target: "z", probe: "health" }, {}, { value: 1, severity: "warning" }],
    ["all matchers of one", { target: "a", probe: "health" }, {}, undefined],
    ["the first of two", { target: "a", probe: "x" }, { team: "build" }, { value: 7, severity: "warning" }],
    ["off comes first", { target: "a", probe: "health" }, { team: "build" }, undefined],
    ["severity only", { target: "a", probe: "x" }, {}, { value: 1, severity: "critical" }],
    ["both", { target: "b", probe: "x" }, {}, { value: 9, severity: "info" }],
    [
      "a group's label hides the target's of the same name",
      { target: "z" },
      { target: "a", team: "x" },
      { value: 1, severity: "warning" },
    ],
  ])("%s", (_name, group, target, expected) => {
    const found = chosen(rule, group, target);
    expect(found && { value: "value" in found.condition && found.condition.value, severity: found.severity }).toEqual(
      expected,
    );
  });

  it("are those of the first that matches, for any of them", () => {
    const matcher = fc.record({
      name: fc.constantFrom("target", "probe", "team"),
      op: fc.constantFrom("=" as const, "!=" as const),
      value: fc.constantFrom("a", "b", ""),
    });
    const anyOverrides = fc.array(
      fc.record({ matchers: fc.array(matcher, { maxLength: 2 }), value: fc.nat() }).map((o): RuleOverride => o),
      { maxLength: 5 },
    );
    const labels = fc.dictionary(fc.constantFrom("target", "probe", "team"), fc.constantFrom("a", "b"));
    fc.assert(
      fc.property(anyOverrides, labels, labels, (all, group, target) => {
        const first = all.find((o) => matchesAll(o.matchers, { ...target, ...group }));
        expect(chosen({ ...RULE, overrides: all }, group, target)?.condition).toMatchObject({
          value: first?.value ?? 1,
        });
      }),
    );
  });
});

describe("labels", () => {
  it("of what the rule is win over its own, those over the group's, and those over the target's", () => {
    const rule = { ...RULE, labels: { b: "rule", c: "rule" } };
    const labels = make.alertLabels(
      rule,
      "info",
      { a: "group", b: "group" },
      { a: "target", b: "target", d: "target", severity: "x" },
    );
    expect(labels).toEqual({
      a: "group",
      b: "rule",
      c: "rule",
      d: "target",
      alertname: "Own",
      severity: "info",
      pager: "edge",
    });
  });

  it("make one identity, in whatever order they come, and another where any differs", () => {
    const some = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), { minKeys: 1, maxKeys: 6 });
    fc.assert(
      fc.property(some, (labels) => {
        const turned = Object.fromEntries(Object.entries(labels).reverse());
        const name = fingerprint(labels);
        expect(fingerprint(turned)).toBe(name);
        expect(name).toMatch(/^[0-9a-f]{16}$/);
        const [first = ""] = Object.keys(labels);
        expect(fingerprint({ ...labels, [first]: `${labels[first]}x` })).not.toBe(name);
        // As in Prometheus, a label without a value is none.
        expect(fingerprint({ ...labels, "": "" })).toBe(name);
      }),
    );
  });
});

describe("an alert", () => {
  const at = { fingerprint: "f", startsAt: 20, activeSince: 10, value: 1_500, externalUrl: "https://watch.example" };
  const labels = { probe: "health", team: "{{ $value }}" };

  it("says what the rule says of it, and beside that what explains it", () => {
    const evidence: Evidence = { steps: [{ probe: "health", reason: "timeout" }], vantages: ["local"], outOf: 1 };
    expect(make.makeAlert({ ...RULE, runbook: "page" }, labels, at, evidence)).toEqual({
      fingerprint: "f",
      labels,
      annotations: {
        summary: RULE.summary,
        description: "health of {{ $value }}: 1.5k",
        runbook_url: "https://watch.example/runbooks/page",
        reason: "timeout",
        last_success: "none in this run",
      },
      evidence,
      startsAt: 20,
      activeSince: 10,
    });
  });

  it("that fired at once does not say when its condition began", () =>
    expect(make.makeAlert(RULE, labels, { ...at, activeSince: 20 })).not.toHaveProperty("activeSince"));

  it.each([
    ["page", "https://watch.example", "https://watch.example/runbooks/page"],
    ["page", undefined, undefined],
    [undefined, "https://watch.example", undefined],
    ["https://wiki.example/p", undefined, "https://wiki.example/p"],
    ["https://wiki.example/p", "https://watch.example", "https://wiki.example/p"],
  ])("with runbook %s at %s links to %s", (runbook, externalUrl, url) => {
    const rule = runbook === undefined ? RULE : { ...RULE, runbook };
    expect(make.runbookUrl(rule, externalUrl)).toBe(url);
    const { annotations } = make.makeAlert(rule, labels, { ...at, externalUrl });
    expect(annotations["runbook_url"]).toBe(url);
  });
});
