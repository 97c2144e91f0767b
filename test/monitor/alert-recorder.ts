import type { Alert, Intake, IntakeAnswer, JoinAnswer } from "../../functions/model/alerting/alert.ts";
import type { AlerterPort } from "../../functions/monitor/alerts/alert-sender.ts";

const nameOf = ({ labels }: Alert): string => [labels["alertname"], labels["probe"]].filter(Boolean).join(" ");

/** An Alerter that takes everything, and writes down what began to fire and what ended. */
export class AlertRecorder implements AlerterPort {
  /** `+name` and `-name` in the order in which they came, with ` (removed)` where that is why; a test may empty it. */
  readonly changes: string[] = [];
  /** Alerts that fire, by fingerprint. */
  readonly #known = new Map<string, string>();

  /** Names of the alerts that fire. */
  get firing(): string[] {
    return [...this.#known.values()].sort();
  }

  /** Takes the changes of `ZakoTargetDown` and `ZakoProbeDown` since the last call, and forgets all others. */
  takeVerdicts(): string[] {
    return this.changes.splice(0).filter((change) => /Zako(Target|Probe)Down/.test(change));
  }

  async join(): Promise<JoinAnswer> {
    return { ok: true, generation: 1, sequence: 0, alerts: [] };
  }

  async intake({ firing, resolved }: Intake): Promise<IntakeAnswer> {
    for (const alert of firing) {
      if (!this.#known.has(alert.fingerprint)) this.changes.push(`+${nameOf(alert)}`);
      this.#known.set(alert.fingerprint, nameOf(alert));
    }
    for (const { fingerprint, why } of resolved) {
      this.changes.push(`-${this.#known.get(fingerprint)}${why === "removed" ? " (removed)" : ""}`);
      this.#known.delete(fingerprint);
    }
    return { ok: true, acknowledged: resolved };
  }
}
