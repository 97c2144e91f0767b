import type { Config } from "../../functions/model/config.ts";
import type { Script } from "./script.ts";
import type { PlatformLaws } from "./world/platform.ts";
import type { Offers } from "./zako/zako.ts";

/** What a scenario promises; times in ms. A missed cron moves them, so each scenario has its own. */
export interface Bounds {
  /** From the start of an outage to the first critical notification, for 99 of 100 outages. */
  detectionMs: number;
  /** The same for the first of outages that begin together; left out: not asked. */
  firstMs?: number;
  /** From the mend until the last receiver was told that it is over, for 99 of 100 outages. */
  overMs: number;
  /** Error of the recorded minutes, for 99 of 100 outages. */
  durationErrorMs: number;
  /** Between the mend and the recorded end, for 99 of 100 outages; left out: a recheck and a deadline. */
  endErrorMs?: number;
  /** Messages about one outage that a receiver of criticals gets at most, reminders not counted. */
  messages?: number;
}

/** A story of a world with its bounds. */
export interface Scenario {
  name: string;
  /** One sentence: what happens. */
  about: string;
  /** How long it plays, days: in the large run, in the small one. */
  days: number;
  smallDays: number;
  offers?: Offers;
  laws?: PlatformLaws;
  /** What is quiet after the last outage, hours; left out: seven, in which a slow burn ends. */
  tailHours?: number;
  bounds: Bounds;
  /** Configuration of the first deployment. */
  config(): Config;
  /** Writes what happens into the script. */
  play(script: Script): void;
}
