import type { Silence } from "../../../functions/model/alerting/silence.ts";
import type { World } from "../world/world.ts";

/** Labels of an alert of a comparison. */
export type PlainLabels = { target: string; alertname: string; severity: string };

/** Posts webhooks for the comparisons, and tries again every half a minute until they are taken. */
export class PlainSender {
  readonly silences: Silence[] = [];
  readonly #world: World;
  readonly #endpoints: readonly string[];
  /** When each alert that fires began, as text: its end names the same beginning. */
  readonly #began = new Map<string, string>();
  #ids = 0;

  constructor(world: World, endpoints: readonly string[]) {
    this.#world = world;
    this.#endpoints = endpoints;
  }

  isSilenced(target: string): boolean {
    const now = this.#world.clock.at;
    return this.silences.some(
      ({ startsAt, endsAt, matchers }) =>
        startsAt <= now && now < endsAt && matchers.some(({ value }) => value === target),
    );
  }

  send(alerts: readonly PlainLabels[], isFiring: boolean): void {
    const audible = alerts.filter(({ target }) => !isFiring || !this.isSilenced(target));
    if (audible.length === 0) return;
    const status = isFiring ? "firing" : "resolved";
    const now = new Date(this.#world.clock.at).toISOString();
    const body = JSON.stringify({
      status,
      groupKey: "plain",
      alerts: audible.map((labels) => {
        const fingerprint = `${labels.alertname} ${labels.target}`;
        const startsAt = this.#began.get(fingerprint) ?? now;
        if (isFiring) this.#began.set(fingerprint, startsAt);
        else this.#began.delete(fingerprint);
        return { status, labels, annotations: {}, startsAt, endsAt: now, fingerprint };
      }),
    });
    const id = `plain-${++this.#ids}`;
    for (const endpoint of this.#endpoints) void this.#post(endpoint, id, body, 200);
  }

  async #post(endpoint: string, id: string, body: string, triesLeft: number): Promise<void> {
    const { clock, receivers } = this.#world;
    const [receiver, channel] = endpoint.split("/");
    const controller = new AbortController();
    const timer = clock.plan(clock.at + TIMEOUT_MS, () => controller.abort());
    const late = new Promise<undefined>((resolve) =>
      controller.signal.addEventListener("abort", () => resolve(undefined)),
    );
    const init = { headers: new Headers({ "webhook-id": id }), body, signal: controller.signal };
    const asked = receivers.fetch(`https://${channel}.${receiver}.example/`, init).catch(() => undefined);
    const answer = await Promise.race([asked, late]);
    timer.cancel();
    if (answer?.ok === true || triesLeft === 0) return;
    await clock.sleep(RETRY_MS);
    await this.#post(endpoint, id, body, triesLeft - 1);
  }
}

const TIMEOUT_MS = 10_000;
const RETRY_MS = 30_000;
