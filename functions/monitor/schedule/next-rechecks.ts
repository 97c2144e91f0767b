import type { MonitorPorts } from "../monitor-ports.ts";
import type { MonitorState } from "../monitor-state.ts";
import { planRechecks, type RecheckPlan } from "./plan-rechecks.ts";
import { isAffordable } from "./recheck-budget.ts";
import { recheckStateOf } from "./recheck-state.ts";
import { confirmable, dueAtOnce } from "./schedule-tasks.ts";

const NONE: RecheckPlan = { attempt: 0, runs: [], left: [] };

/** The rechecks that a Monitor's state asks for now, and when to ask again. Confirmations come before them. */
export function nextRechecks(
  { config, kinds, now: clock }: Pick<MonitorPorts, "config" | "kinds" | "now">,
  { head, failing }: Pick<MonitorState, "head" | "failing">,
): RecheckPlan {
  const { meta, memories } = head;
  const { lastSlot: slot } = meta;
  const pending = dueAtOnce(meta, slot);
  if (failing.length === 0 && pending.length === 0) return NONE;
  const now = clock();
  if (confirmable(meta, config.gridMs, now) !== undefined) return NONE;
  const { attempt, usedMs } = recheckStateOf(meta, slot);
  const timeouts = new Map(
    pending.length === 0
      ? []
      : config.targets.flatMap(({ name, probes }) => probes.map((plan) => [`${name}\n${plan.kind}`, plan.timeoutMs])),
  );
  const calls = new Map(
    pending.length === 0
      ? []
      : config.targets.flatMap(({ name, probes }) =>
          probes.map((plan) => [`${name}\n${plan.kind}`, kinds.get(plan.kind)?.calls(plan.options) ?? 1]),
        ),
  );
  const known = new Map(failing.map(({ target, plan }) => [`${target.name}\n${plan.kind}`, plan.timeoutMs]));
  const { gridMs, vantages, lanes } = config;
  const facts = {
    slot,
    attempt,
    gridMs,
    vantages,
    lanes,
    failing,
    pending,
    usedMs,
    timeoutOf: ({ target, probe }: { target: string; probe: string }): number =>
      known.get(`${target}\n${probe}`) ?? timeouts.get(`${target}\n${probe}`) ?? 0,
    callsOfRun: ({ target, probe }: { target: string; probe: string }): number => calls.get(`${target}\n${probe}`) ?? 1,
    scheduleOf: (kind: string) => kinds.get(kind)?.schedule ?? "every",
    callsOf: ({ kind, options }: (typeof failing)[number]["plan"]): number => kinds.get(kind)?.calls(options) ?? 1,
    isAffordable: (probe: (typeof failing)[number], chosen: readonly (typeof failing)[number][]): boolean =>
      isAffordable(probe, {
        kinds,
        memory: memories.get(probe.target.name),
        beside: chosen.filter(({ target }) => target === probe.target),
        now,
      }),
  };
  return planRechecks(facts, now);
}
