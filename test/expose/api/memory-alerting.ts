import type { ActiveAlert, AlertingPort } from "../../../functions/expose/api/alerting-port.ts";
import type { AlertLabels, AlertRef } from "../../../functions/model/alerting/alert.ts";
import type { DeadLetter } from "../../../functions/model/alerting/alerter-state.ts";
import { fingerprint } from "../../../functions/model/alerting/fingerprint.ts";
import type { Incident } from "../../../functions/model/alerting/incident.ts";
import type { Silence, SilenceState } from "../../../functions/model/alerting/silence.ts";
import { DEFAULT_NOTIFY } from "../../../functions/notify/policy/default-notify.ts";
import { silenceState } from "../../../functions/notify/policy/windows/silence-state.ts";

/** An Alerter that keeps what it is told and decides nothing, for tests of what stands before it. */
export class MemoryAlerting implements AlertingPort {
  readonly kept: ActiveAlert[] = [];
  readonly stored = new Map<string, Silence>();
  readonly opened: Incident[] = [];
  readonly dead: DeadLetter[] = [];
  /** How often anything was asked or told. */
  calls = 0;
  /** What every call ends in. */
  broken: Error | undefined;
  now: () => number = () => Date.now();

  async alerts(which: "firing" | "kept"): Promise<readonly ActiveAlert[]> {
    this.#call();
    return this.kept.filter(({ resolvedAt }) => which === "kept" || resolvedAt === undefined);
  }

  async silences(): Promise<readonly (Silence & { state: SilenceState })[]> {
    this.#call();
    return [...this.stored.values()].map((one) => ({ ...one, state: silenceState(one, this.now()) }));
  }

  async putSilence(silence: Silence): Promise<void> {
    this.#call();
    this.stored.set(silence.id, silence);
  }

  async expireSilence(id: string): Promise<boolean> {
    this.#call();
    const silence = this.stored.get(id);
    if (silence === undefined || silenceState(silence, this.now()) === "expired") return false;
    this.stored.set(id, { ...silence, expiredAt: this.now() });
    return true;
  }

  async acknowledge(ref: AlertRef, by: string, comment: string): Promise<boolean> {
    this.#call();
    const alert = this.kept.find(
      (one) => one.fingerprint === ref.fingerprint && one.startsAt === ref.startsAt && one.resolvedAt === undefined,
    );
    if (alert !== undefined) alert.acknowledgement ??= { by, comment, at: this.now() };
    return alert !== undefined;
  }

  async drill(labels: AlertLabels, by: string): Promise<AlertRef> {
    this.#call();
    const all = { alertname: "ZakoDrill", severity: "info", ...labels, drill: `${this.kept.length}` };
    return this.fire(all, { annotations: { summary: "This is a drill.", description: `${by} tests.` } });
  }

  async incidents(): Promise<readonly Incident[]> {
    this.#call();
    return this.opened;
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    this.#call();
    return this.dead;
  }

  /** An alert that fires from now on. */
  fire(labels: AlertLabels, over: Partial<ActiveAlert> = {}): ActiveAlert {
    const alert = {
      fingerprint: fingerprint(labels),
      labels,
      annotations: { summary: "It is so." },
      startsAt: this.now(),
      notified: [],
      suppressed: [],
      ...over,
    };
    this.kept.push(alert);
    return alert;
  }

  #call(): void {
    this.calls++;
    if (this.broken !== undefined) throw this.broken;
  }
}

/** What an app needs of alerting where a test is about something else. */
export const noAlerting = () => ({
  alerting: new MemoryAlerting(),
  notify: DEFAULT_NOTIFY,
  planned: { windows: [], targets: [] },
  adminToken: (): string | undefined => undefined,
  refusedTokens: async () => {},
  local: false,
  externalUrl: undefined,
});
