import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { AlerterCore } from "../../functions/alerter/alerter-core.ts";
import { wireAlerter } from "../../functions/alerter/alerter-wiring.ts";
import type { NotifyConfig } from "../../functions/model/alerting/notify-config.ts";
import type { Config } from "../../functions/model/config.ts";
import { DEFAULT_NOTIFY } from "../../functions/notify/policy/default-notify.ts";
import { config, target } from "../monitor/world.ts";
import { sampleEndpoint } from "../notify/channels/sample-endpoints.ts";
import { type FakeMonitor, MINUTE, route, START } from "./world.ts";

const TEAM = "https://team.example/hook";
/** Addresses behind the names of bindings. */
const SECRETS: Readonly<Record<string, string>> = {
  BEAT_URL: "https://heartbeat.example/ping/1",
  OTHER_BEAT_URL: "https://heartbeat.example/ping/2",
};
/** Who is called a minute while all is well. */
export const HEARTBEATS = [
  { name: "first", secret: "BEAT_URL" },
  { name: "second", secret: "OTHER_BEAT_URL" },
];

/** A configuration whose alerts go to one webhook at once. */
export function wiredConfig(targets: readonly string[], shards: number, notify: Partial<NotifyConfig> = {}): Config {
  return config(
    targets.map((name) => target(name)),
    {
      shards,
      notify: {
        ...DEFAULT_NOTIFY,
        policy: { ...DEFAULT_NOTIFY.policy, route: route({ groupWaitMs: 0 }) },
        receivers: [{ name: "team", endpoints: [sampleEndpoint("webhook", { url: TEAM })] }],
        ...notify,
      },
    },
  );
}

/** The Alerter as it is deployed, with a clock and a network that tests control. Nothing of it is replaced. */
export class WiredAlerter {
  now = START;
  config: Config;
  core: AlerterCore;
  /** Heartbeats that were sent, by URL; a test may empty it. */
  readonly pings: string[] = [];
  /** Status that the heartbeats' receiver answers. */
  beatStatus = 200;
  /** What the webhook heard, a line per alert: `ALERTNAME TARGET STATUS`. */
  readonly messages: string[] = [];
  /** Status that the webhook answers. */
  hookStatus = 200;
  readonly #storage: DurableObjectStorage;

  private constructor(storage: DurableObjectStorage, of: Config) {
    this.#storage = storage;
    this.config = of;
    vi.spyOn(Date, "now").mockImplementation(() => this.now);
    vi.spyOn(console, "log").mockImplementation(() => {});
    vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => this.#answer(String(input), init));
    this.core = this.deploy(of);
  }

  /** Plays on the storage of an object that holds nothing yet. The caller restores all mocks. */
  static run(of: Config, play: (wired: WiredAlerter) => Promise<void>): Promise<void> {
    const place = env.ALERTER.getByName(`wired-${crypto.randomUUID()}`);
    return runInDurableObject(place, (_instance, { storage }) => play(new WiredAlerter(storage, of)));
  }

  /** A new life of the object, with this configuration. */
  deploy(next: Config): AlerterCore {
    this.config = next;
    const platform = { storage: this.#storage, db: env.DB, secret: (name: string) => SECRETS[name], binding: () => {} };
    this.core = wireAlerter(platform, next);
    return this.core;
  }

  call<Answer>(ask: (core: AlerterCore) => Answer): Answer {
    return ask(this.core);
  }

  /** So many minutes in which these Monitors report, and all is sent that is due. */
  async minutes(count: number, ...monitors: readonly FakeMonitor[]): Promise<void> {
    for (let minute = 0; minute < count; minute++) {
      this.now += MINUTE - 5_000;
      for (const monitor of monitors) monitor.report();
      await this.core.wake();
      // What waits a moment for others with the same cause.
      this.now += 5_000;
      await this.core.wake();
    }
  }

  async #answer(url: string, init?: RequestInit): Promise<Response> {
    if (!url.startsWith(TEAM)) {
      this.pings.push(`${init?.method} ${url}`);
      return new Response(null, { status: this.beatStatus });
    }
    const { alerts } = (await new Response(init?.body ?? null).json()) as {
      alerts: { status: string; labels: Record<string, string> }[];
    };
    for (const { status, labels } of alerts) this.messages.push(`${labels["alertname"]} ${labels["target"]} ${status}`);
    return new Response(null, { status: this.hookStatus });
  }
}
