import type { Config } from "../../model/config.ts";
import type { ProbeRequest } from "../../model/probing/probe-request.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { ProbeKind } from "../../probe/kind.ts";

/** What a request asks for, as it is configured. */
export interface RunFound {
  target: Target;
  kind: ProbeKind;
  /** With the request's timeout, where that is shorter. */
  plan: ProbePlan;
  vantage: Vantage;
  isSecure: boolean;
  isRpc: boolean;
}

const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));

/** Finds what is asked for, or says what there is instead, as a sentence. Nothing but what is configured is ever probed. */
export function findRun(
  { targets, vantages }: Pick<Config, "targets" | "vantages">,
  kinds: ReadonlyMap<string, ProbeKind>,
  request: ProbeRequest,
): RunFound | { why: string } {
  const target = targets.find(({ name }) => name === request.target);
  if (target === undefined)
    return {
      why: `Unknown target ${JSON.stringify(request.target)}. Use the name or the URL of a target of watch.yaml.`,
    };
  const kind = kinds.get(request.probe);
  if (kind === undefined)
    return { why: `Unknown module ${JSON.stringify(request.probe)}. Modules are probes: ${list([...kinds.keys()])}.` };
  const planned = target.probes.find((plan) => plan.kind === request.probe);
  if (planned === undefined) {
    const probes = list(target.probes.map((plan) => plan.kind));
    return { why: `The probe ${request.probe} of ${target.name} is off in watch.yaml. Its probes: ${probes}.` };
  }
  const vantage = request.vantage ?? vantages[0];
  if (vantage === undefined || !vantages.includes(vantage))
    return { why: `Unknown vantage ${JSON.stringify(request.vantage ?? "")}. Vantages: ${list(vantages)}.` };
  const timeoutMs = Math.min(planned.timeoutMs, request.timeoutMs ?? planned.timeoutMs);
  const url = planned.outside?.url ?? (kind.tier === "transport" ? target.transportUrl : target.casUrl);
  return {
    target,
    kind,
    plan: { ...planned, timeoutMs },
    vantage,
    isSecure: url.startsWith("https:"),
    isRpc: kind.tier !== "outside",
  };
}
