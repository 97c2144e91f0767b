import { severityOf } from "../../../model/alerting/alert.ts";
import type { DecideContext, Notice, Stage } from "../stage.ts";

/**
 * Adds the next in the chain of escalation, up to the first that can be reached, where somebody who is notified of a
 * critical alert cannot be.
 */
export const failover: Stage<Notice> = (notices, context) => {
  const passed: Notice[] = [];
  for (let from = 0; from < notices.length; ) {
    let to = from + 1;
    while (notices[to]?.key === notices[from]?.key) to++;
    const ofAlert = notices.slice(from, to);
    passed.push(...ofAlert, ...standIns(ofAlert, context));
    from = to;
  }
  return { passed, suppressed: [] };
};

function standIns(notices: readonly Notice[], context: DecideContext): Notice[] {
  const [first] = notices;
  if (first === undefined) return [];
  const { key, alert } = first;
  if (severityOf(alert.labels) !== "critical" || context.acknowledgements.has(key)) return [];
  const isBroken = (receiver: string): boolean => {
    const ways = context.endpointsOf.get(receiver) ?? [];
    return ways.length === 0 || !ways.every(({ endpointKey }) => context.getsThrough(endpointKey, key));
  };
  // One way that is broken is enough: whoever else was notified may not be the one who answers at night.
  if (!notices.some(({ receiver }) => isBroken(receiver))) return [];
  const { policy } = context;
  const chain = [...policy.severities.critical.escalation.map(({ receiver }) => receiver), policy.route.receiver];
  const added: Notice[] = [];
  for (const receiver of new Set(chain)) {
    if (notices.some((one) => one.receiver === receiver)) continue;
    // A receiver that notifies nobody on purpose cannot stand in.
    if (context.endpointsOf.get(receiver)?.length === 0) continue;
    added.push({ ...first, receiver, via: "failover" });
    if (!isBroken(receiver)) break;
  }
  return added;
}
