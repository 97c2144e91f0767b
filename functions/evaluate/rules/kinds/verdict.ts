import * as z from "zod";
import { optional, required } from "../../../lib/leaf.ts";
import type { AnyCondition } from "../../../model/alerting/rule.ts";
import { STATES, type State } from "../../../model/probing/verdict.ts";
import { FAILS, judged, type Outcome, UNKNOWN } from "../outcome.ts";
import type { RuleKind, Subject } from "../rule-kind.ts";

/** The state of a target or probe. `down` is read from the open incident, so that `unknown` does not end an alert. */
export interface VerdictCondition extends AnyCondition {
  kind: "verdict";
  of: "target" | "probe";
  state: Exclude<State, "up">;
}

const keys = {
  of: optional(z.enum(["target", "probe"]), { description: "Whose verdict.", default: "target" }),
  state: required(z.enum(["down", "regional", "degraded", "unknown"]), {
    description: "The state: `down`, `regional`, `degraded` or `unknown`.",
    example: "down",
  }),
};

/** A verdict is one series per target, or per probe of it. */
const SUBJECTS: Readonly<Record<VerdictCondition["of"], Subject>> = {
  target: { name: "the verdict of a target", type: "stateset", labels: ["target"], kept: {} },
  probe: {
    name: "the verdict of a probe",
    type: "stateset",
    labels: ["target", "probe"],
    kept: { probe: "which the verdict belongs to; add it" },
  },
};

const stateOf = (of: VerdictCondition["of"]): string => `zako_v1_${of}_state`;
const incidentOf = (of: VerdictCondition["of"]): string => `zako_v1_${of}_incident_open`;

/** `state`: its index. `down` is read from the open incident; of the other states `unknown` says nothing. */
function judgeVerdict(state: number, incidentOpen: number, c: VerdictCondition): Outcome {
  if (c.state === "down")
    return incidentOpen !== 1 && STATES[state] === "unknown"
      ? { ...FAILS, unsure: true }
      : judged(incidentOpen === 1, 1);
  if (STATES[state] === c.state) return { seen: "holds", value: 1 };
  return STATES[state] === "unknown" ? UNKNOWN : FAILS;
}

export const verdict: RuleKind<VerdictCondition, typeof keys> = {
  kind: "verdict",
  doc: "A target or probe is in a given state.",
  keys,
  selects: {},
  subject: ({ of }) => SUBJECTS[of === "probe" ? of : "target"],
  make: ({ of = "target", state }) => ({ kind: "verdict", of, state }),
  reads({ of, state }) {
    const open = { selector: { family: incidentOf(of) }, type: "gauge" } as const;
    return state === "down" ? [open] : [{ selector: { family: stateOf(of) }, type: "stateset" }, open];
  },
  bind({ of }, layout) {
    const states = new Map(layout.groups({ family: stateOf(of) }).map(({ text, offsets }) => [text, offsets[0]]));
    return layout.each({ family: incidentOf(of) }, ({ text, offsets }) => {
      const [open, state] = [offsets[0] as number, states.get(text)];
      return {
        judge: ({ values }, c) =>
          judgeVerdict(state === undefined ? Number.NaN : (values[state] as number), values[open] as number, c),
      };
    });
  },
  promql({ of, state }, { by, select, orKept }) {
    if (state === "down") return `max by (${by}) (${select({ family: incidentOf(of) })}) == 1`;
    const family = stateOf(of);
    const is = (one: State): string =>
      `max by (${by}) (${select({ family, matchers: [{ name: family, op: "=", value: one }] })}) == 1`;
    return state === "unknown" ? is(state) : orKept(is(state), is("unknown"), is("unknown"));
  },
  example: {
    keys: { state: "degraded" },
    condition: { kind: "verdict", of: "target", state: "degraded" },
    outcomes: [
      { seen: "holds", now: { zako_v1_target_state: STATES.indexOf("degraded"), zako_v1_target_incident_open: 0 } },
      { seen: "fails", now: { zako_v1_target_state: STATES.indexOf("up"), zako_v1_target_incident_open: 0 } },
      { seen: "unknown", now: { zako_v1_target_state: STATES.indexOf("unknown"), zako_v1_target_incident_open: 1 } },
      { seen: "fails" },
    ],
  },
};
