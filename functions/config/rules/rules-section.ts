import * as z from "zod";
import { windowText } from "../../evaluate/rules/condition-keys.ts";
import { kindOf, RULE_KINDS } from "../../evaluate/rules/kinds/registry.ts";
import type { RuleKind } from "../../evaluate/rules/rule-kind.ts";
import { durationWithin, optional, required } from "../../lib/leaf.ts";
import { DAY_MS } from "../../lib/time-units.ts";
import { SEVERITIES } from "../../model/alerting/alert.ts";
import type { AnyCondition } from "../../model/alerting/rule.ts";
import { toJsonSchema } from "../json-schema.ts";
import { ownLabels } from "../targets/own-labels.ts";

const LONGEST_FOR_MS = 7 * DAY_MS;

const severity = z.enum(SEVERITIES);
const waiting = durationWithin(0, LONGEST_FOR_MS);

/** Overrides of a rule whose number is written so; a verdict has none. */
const overridesKey = (number: z.ZodType<number> | undefined) =>
  optional(
    z.array(
      z.strictObject({
        match: required(z.union([z.string().max(1_000), z.array(z.string().max(1_000))]), {
          description:
            'Matchers on the alert\'s `by` labels and on labels of targets, such as `target="cas-eu"`. In a list, all must match.',
          example: 'target="cas-eu"',
        }),
        ...(number === undefined
          ? {}
          : { value: optional(number, { description: "Value of the rule for these series.", example: 20 }) }),
        severity: optional(severity, { description: "Severity for these series.", example: "info" }),
        off: optional(z.literal(true, { error: "is not true; leave `off` out to keep the rule on" }), {
          description: "Turns the rule off for these series.",
          example: true,
        }),
      }),
    ),
    { description: "Changes for some series; the first match applies.", default: [] },
  );

/** What applies where a shipped rule is not changed is its own; documentation shows an example. */
type Defaults = "of the rule" | "of all";

/** The keys that shipped rules and rules of one's own share, but for `severity`, which is required of the latter. */
const alertKeys = (number: z.ZodType<number> | undefined, defaults: Defaults) => ({
  for: optional(waiting, {
    description: "Time that the condition must hold before the alert is firing.",
    ...(defaults === "of all" ? { default: "0s" } : { example: "10m" }),
  }),
  keep_firing_for: optional(waiting, {
    description: "Time that the alert keeps firing after the condition no longer holds.",
    ...(defaults === "of all" ? { default: "0s" } : { example: "5m" }),
  }),
  pager: optional(z.enum(["edge", "prometheus"]), {
    description: "Which side pages: `edge` (zako-watch) or `prometheus`. The other side only shows the alert.",
    default: "edge",
  }),
  labels: optional(ownLabels, { description: "Additional labels of its alerts.", example: { team: "build" } }),
  overrides: overridesKey(number),
});

const changed = (number: z.ZodType<number> | undefined, hasWindow: boolean) =>
  z.strictObject({
    ...(number === undefined
      ? {}
      : {
          value: optional(number, {
            description: numberDoc(),
            example: 5,
          }),
        }),
    ...(hasWindow
      ? { window: optional(windowText, { description: "Window, in whole minutes.", example: "30m" }) }
      : {}),
    severity: optional(severity, { description: "`critical`, `warning` or `info`.", example: "warning" }),
    ...alertKeys(number, "of the rule"),
  });

/** What can be said of a shipped rule with this condition. */
export const changeSection = (condition: AnyCondition) =>
  changed(kindOf(condition).number?.schema, condition.windowMs !== undefined);

/** The same for any shipped rule, for documentation. */
export function anyChange() {
  // Numbers differ in what is refused, which documentation does not show.
  const schemas = RULE_KINDS.flatMap(({ number }) => number?.schema ?? []);
  const byForm = new Map(schemas.map((schema) => [JSON.stringify(toJsonSchema(schema)), schema]));
  return changed(z.union([...byForm.values()]), true);
}

/** What the numbers of rules are, kind by kind. */
function numberDoc(): string {
  const docs = new Set(RULE_KINDS.flatMap(({ number }) => number?.doc ?? []));
  const without = RULE_KINDS.flatMap(({ kind, number }) => (number === undefined ? [kind] : []));
  const none = without.length === 0 ? "" : ` A ${without.join(" or a ")} has none.`;
  return `Threshold: ${[...docs].join(", ")}.${none}`;
}

/** A rule of one's own, of a kind. */
export const ownSection = ({ kind, doc, keys, number }: RuleKind) =>
  z.strictObject({
    kind: required(z.literal(kind), { description: doc, example: kind }),
    ...keys,
    ...ownKeys(number?.schema),
  });

/** The keys that every rule of one's own has, beside its kind's; `number`: how that of its condition is written. */
export const ownKeys = (number: z.ZodType<number> | undefined) => ({
  by: optional(z.array(z.string().max(63)), {
    description:
      "Labels of the alert; each set of values is an alert of its own. Default: `target`, and `probe` for verdicts of probes.",
    example: ["target", "probe"],
  }),
  severity: required(severity, { description: "`critical`, `warning` or `info`.", example: "warning" }),
  summary: required(z.string().min(1).max(200), {
    description: "One sentence, the same for all alerts of the rule.",
    example: "Connections are lost often.",
  }),
  description: optional(z.string().min(1).max(1_000), {
    description:
      "What happened, with `{{ $labels.NAME }}` and `{{ $value }}`; functions: `humanize`, `humanize1024`, `humanizePercentage`, `humanizeDuration`. Default: the summary.",
    example: "{{ $labels.target }} lost {{ $value }} connections.",
  }),
  runbook: optional(z.string().min(1).max(2_048), {
    description: "Name of a shipped runbook, or an https URL.",
    example: "https://wiki.example/zako",
  }),
  ...alertKeys(number, "of all"),
});

/** The `rules` key. Entries are read one by one in `compile-rules.ts`: what they may hold depends on their names. */
export const rulesKey = optional(z.record(z.string(), z.unknown()), {
  description:
    "Alerting rules by name: changes of shipped rules, `false` to turn one off, and your own rules. Default: all shipped rules.",
  example: {
    ZakoCasConcurrencyAnomaly: false,
    ZakoErrorBudgetBurnSlow: { value: 0.99, overrides: [{ match: 'target="cas-eu"', severity: "info" }] },
    ConnectionsLost: {
      kind: "rate",
      counter: "zako_v1_probe_retries_total",
      window: "15m",
      value: 20,
      severity: "warning",
      summary: "Connections are lost often.",
    },
  },
});
