import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { AlerterConfig } from "../../functions/alerter/alerter-ports.ts";
import type { Alert } from "../../functions/model/alerting/alert.ts";
import { AlerterWorld, alert, alerterConfig, FakeMonitor, MINUTE, receiver, route, START } from "../alerter/world.ts";

export const RECEIVERS = ["team", "also", "boss"].map((name) => receiver(name));

/** Alerts go to all of `names`; failover goes to `boss`. Groups do not wait. */
export function routedTo(...names: string[]): AlerterConfig {
  const routes = names.map((name) =>
    route({ key: `{}/${name}`, receiver: name, continue: true, groupWaitMs: 0, groupIntervalMs: MINUTE }),
  );
  const policy = { ...alerterConfig().policy, inhibitions: [], route: route({ receiver: "boss", routes }) };
  return alerterConfig({ policy, receivers: RECEIVERS });
}

/** An Alerter, one Monitor, and what came of their messages. */
export class DeliveryScene {
  readonly world: AlerterWorld;
  readonly monitor: FakeMonitor;

  constructor(storage: DurableObjectStorage, config: AlerterConfig) {
    this.world = new AlerterWorld(storage, config);
    this.monitor = new FakeMonitor(this.world);
  }

  begin(labels: Record<string, string> = {}): Alert {
    const begun = this.monitor.begin(alert({ target: "a", ...labels }, this.world.now));
    this.monitor.report();
    return begun;
  }

  end(one: Alert): void {
    this.monitor.end(one);
    this.monitor.report();
  }

  async minutes(count: number): Promise<void> {
    const at = this.world.now + count * MINUTE;
    while (this.world.now < at) {
      this.monitor.report();
      await this.world.until(Math.min(at, this.world.now + MINUTE));
    }
  }

  /** When tries of messages to the receiver began, s since the start. */
  triesOf(name: string): number[] {
    return this.world.tries.filter(({ to }) => to === `${name}.0`).map(({ at }) => (at - START) / 1000);
  }

  /** What reached the receiver, each message once. */
  freshVotes(name: string): string[] {
    return this.world.inbox(`${name}.0`).map(({ status }) => status);
  }
}

/** Plays a scene on the storage of an object that holds nothing yet. */
export const playDelivery = (config: AlerterConfig, run: (scene: DeliveryScene) => Promise<void>): Promise<void> =>
  runInDurableObject(env.ALERTER.getByName(`delivery-${crypto.randomUUID()}`), async (_instance, { storage }) =>
    run(new DeliveryScene(storage, config)),
  );
