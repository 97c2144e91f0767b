import { Alerter as DeployedAlerter } from "../../../../functions/alerter/alerter.ts";
import { Monitor as DeployedMonitor } from "../../../../functions/monitor/monitor.ts";

/** D1 is down while this is set. */
export const database = { isDown: false };

/** The database as the product has it: it can be made to fail. */
const breakable = (env: Env): Env => ({
  ...env,
  DB: new Proxy(env.DB, {
    get: (db, name) => {
      if (database.isDown) throw new Error("D1_ERROR: the script has taken D1 down");
      const value = Reflect.get(db, name) as unknown;
      return typeof value === "function" ? value.bind(db) : value;
    },
  }),
});

/** The deployed Monitor, whose alarm is run by hand. */
export class Monitor extends DeployedMonitor {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, breakable(env));
  }

  /** As the platform does: the alarm is taken out, then handled. */
  async runAlarm(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.alarm();
  }

  async alarmAt(): Promise<number | null> {
    return this.ctx.storage.getAlarm();
  }

  /** Unloads the object, in the midst of what it does. */
  async evict(): Promise<void> {
    this.ctx.abort(EVICTED);
  }
}

/** The same of the Alerter. */
export class Alerter extends DeployedAlerter {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, breakable(env));
  }

  async runAlarm(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.alarm();
  }

  async alarmAt(): Promise<number | null> {
    return this.ctx.storage.getAlarm();
  }

  async evict(): Promise<void> {
    this.ctx.abort(EVICTED);
  }
}

export const EVICTED = "the script evicts this object";
