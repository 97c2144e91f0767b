import { addEvidence } from "../../model/alerting/evidence.ts";
import type { AlertIdentity } from "./alert-identity.ts";
import { type EvidenceSource, explainAlert } from "./explain-alert.ts";
import type { StoredAlerts } from "./stored-alerts.ts";

/** Gives each alert its evidence when it begins, and adds what later runs of its own probes found. */
export function explainAlerts(alerts: StoredAlerts, identity: AlertIdentity, source: EvidenceSource): void {
  for (const [key, stored] of [...alerts.all()]) {
    const rule = identity.ruleOf(stored.rule);
    if (rule === undefined) continue;
    const { evidence: before } = stored;
    const labels = identity.groupLabels(stored.target, stored.group);
    const found = explainAlert(rule, labels, source, before !== undefined);
    if (found === undefined) continue;
    const evidence = before === undefined ? found : addEvidence(before, found);
    if (evidence !== before) alerts.set(key, { ...stored, evidence });
  }
}
