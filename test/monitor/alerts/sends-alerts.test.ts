import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AlerterCore } from "../../../functions/alerter/alerter-core.ts";
import type { AlerterConfig } from "../../../functions/alerter/alerter-ports.ts";
import type { Incident } from "../../../functions/model/alerting/incident.ts";
import type { Config } from "../../../functions/model/config.ts";
import { failure } from "../../../functions/model/probing/failure.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { AlerterPort } from "../../../functions/monitor/alerts/alert-sender.ts";
import { GATHER_MS } from "../../../functions/notify/policy/causes/shared-cause.ts";
import { brokenLaws } from "../../alerter/laws.ts";
import { AlerterWorld, alerterConfig, MINUTE, route } from "../../alerter/world.ts";
import { config, plan, START, sampleOf, target, World } from "../world.ts";

const CONFIG = config([target("a", [plan("health"), plan("cas.details")]), target("b")]);

/** Whether what a Monitor says arrives, and whether it hears the answer. */
const WIRES = ["works", "is cut before", "is cut after"] as const;
type Wire = (typeof WIRES)[number];

/**
 * A Monitor and an Alerter in Durable Objects of their own, and the wire between them. Whatever touches one of them runs
 * inside its object, or the platform refuses the storage.
 */
class Pair {
  readonly down = new Set<string>();
  /** Of these nothing is heard, neither good nor bad. */
  readonly silent = new Set<string>();
  /** A vantage from which nothing is reached. */
  cutOff: string | undefined;
  /** A target that cannot be reached from a vantage. */
  unreachable: { target: string; from: string } | undefined;
  /** A probe that fails, and one of which nothing is heard. */
  failing: string | undefined;
  silentProbe: string | undefined;
  readonly alerter: AlerterWorld;
  wire: Wire = "works";
  /** Calls that the Monitor has made. */
  asked = 0;
  now = START;
  #monitor: World | undefined;
  #monitorAt = newObject();
  readonly #alerterAt: Place;
  readonly #port: AlerterPort;

  private constructor(alerter: AlerterWorld, alerterAt: Place) {
    this.alerter = alerter;
    this.#alerterAt = alerterAt;
    this.#port = {
      join: (request) => this.#over((core) => core.join(request)),
      intake: (intake) => this.#over((core) => core.intake(intake)),
    };
  }

  static async begin(of: Config = CONFIG): Promise<Pair> {
    const at = newObject();
    const policy = { ...alerterConfig().policy, route: route({ groupWaitMs: 0, groupIntervalMs: MINUTE }) };
    const { hash } = of;
    const alerter = await inside(at, (storage) => new AlerterWorld(storage, alerterConfig({ hash, policy })));
    const pair = new Pair(alerter, at);
    await pair.forget(of);
    return pair;
  }

  get monitor(): World {
    return this.#monitor as World;
  }

  /** The Monitor begins again with nothing stored. */
  async forget(of: Config = CONFIG): Promise<void> {
    this.#monitorAt = newObject();
    await inside(this.#monitorAt, (storage) => {
      this.#monitor = new World(storage, of, this.#port);
    });
    this.monitor.now = this.now;
    this.monitor.probe = async (tasks, _deadline, deliver) =>
      deliver(
        tasks
          .filter(({ target: { name }, plan: { kind } }) => !this.silent.has(name) && kind !== this.silentProbe)
          .map((task) =>
            this.#fails(task) ? sampleOf(task, this.now, "failed", failure("connect", true)) : sampleOf(task, this.now),
          ),
      );
  }

  #fails({ target: { name }, plan: { kind }, vantage }: ProbeTask): boolean {
    if (this.unreachable?.target === name && this.unreachable.from === vantage) return true;
    return this.down.has(name) || vantage === this.cutOff || kind === this.failing;
  }

  restartMonitor(next: Config = CONFIG): Promise<unknown> {
    return inside(this.#monitorAt, () => this.monitor.restart(next));
  }

  restartAlerter(over: Partial<AlerterConfig> = {}): Promise<unknown> {
    return inside(this.#alerterAt, () => this.alerter.restart({ ...this.alerter.config, ...over }));
  }

  /** A minute with its tick, its confirmations and all that the Alerter has to do. */
  async minute(): Promise<void> {
    this.now += MINUTE;
    this.monitor.now = this.now;
    this.alerter.now = Math.max(this.alerter.now, this.now);
    await inside(this.#monitorAt, async () => {
      await this.monitor.core.wake(this.now, "cron");
      await this.monitor.core.confirm();
      await this.monitor.core.alertsSent();
    });
    await inside(this.#alerterAt, () => this.alerter.until(this.now + GATHER_MS + 1_000));
  }

  async minutes(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.minute();
  }

  /** Messages that wait to be delivered. */
  waiting(): Promise<number> {
    return inside(this.#alerterAt, () => this.alerter.core.head().outbox.all.size);
  }

  /** Incidents and unknown times that the Alerter keeps. */
  incidents(): Promise<Incident[]> {
    return inside(this.#alerterAt, () => [...this.alerter.core.head().incidents.all.values()]);
  }

  /** What the receiver heard, in a word per alert. */
  freshVotes(): string[] {
    return this.alerter
      .inbox("team.0")
      .flatMap(({ alerts }) => alerts.map((a) => `${a.labels["alertname"]} ${a.labels["target"]} ${a.status}`));
  }

  async #over<Answer>(ask: (core: AlerterCore) => Answer): Promise<Answer> {
    this.asked++;
    if (this.wire === "is cut before") throw new Error("The wire was cut.");
    const answer = await inside(this.#alerterAt, () => this.alerter.call(ask));
    if (this.wire === "is cut after" || answer === undefined) throw new Error("The wire was cut.");
    return answer;
  }
}

/** Name of an object: a stub may be used only where it was made. */
type Place = string;

let objects = 0;
const newObject = (): Place => `tells-${objects++}`;
const inside = <T>(place: Place, run: (storage: DurableObjectStorage) => T | Promise<T>): Promise<T> =>
  runInDurableObject(env.MONITOR.getByName(place), async (_instance, state) => run(state.storage));

test("an outage is notified within the minute it begins, with one message, and its end with another", async () => {
  const pair = await Pair.begin();
  await pair.minutes(2);
  pair.down.add("a");
  await pair.minute();
  expect(pair.freshVotes()).toEqual(["ZakoTargetDown a firing"]);
  const [sent] = pair.alerter.arrivals;
  // It waits a moment for other targets with the same cause.
  expect((sent?.at ?? 0) - pair.now).toBeLessThanOrEqual(GATHER_MS + 1_000);
  pair.down.clear();
  await pair.minutes(10);
  expect(pair.freshVotes().filter((one) => one.startsWith("ZakoTargetDown"))).toEqual([
    "ZakoTargetDown a firing",
    "ZakoTargetDown a resolved",
  ]);
});

test.each(["is cut before", "is cut after"] as const)(
  "an Alerter whose wire %s is asked twice a minute, and once where all is well",
  async (wire) => {
    const pair = await Pair.begin();
    await pair.minutes(2);
    pair.wire = wire;
    for (let minute = 0; minute < 3; minute++) {
      pair.asked = 0;
      await pair.minute();
      expect(pair.asked).toBe(2);
    }
    pair.wire = "works";
    pair.asked = 0;
    await pair.minute();
    expect(pair.asked).toBe(1);
  },
);

test("an outage that has ended pages nobody again through the budget that it burnt", async () => {
  const pair = await Pair.begin();
  await pair.minutes(2);
  pair.down.add("a");
  await pair.minutes(20);
  pair.down.clear();
  await pair.minutes(60);
  const sent = pair.alerter.inbox("team.0").flatMap(({ alerts }) => alerts);
  const critical = sent.filter(({ labels }) => labels["severity"] === "critical");
  expect(critical.map(({ labels, status }) => `${labels["alertname"]} ${status}`)).toEqual([
    "ZakoTargetDown firing",
    "ZakoTargetDown resolved",
  ]);
});

test.each([0, 90])(
  "a vantage that is cut off after %i minutes pages nobody, and is reported as suspect",
  async (before) => {
    const probes = [plan("health"), plan("cas.details")];
    const targets = ["a", "b", "c"].map((name) => target(name, probes));
    const pair = await Pair.begin(config(targets, { vantages: ["weur", "enam", "apac"] }));
    await pair.minutes(before);
    pair.cutOff = "enam";
    await pair.minutes(60);
    pair.cutOff = undefined;
    await pair.minutes(60);
    const sent = pair.alerter.inbox("team.0").flatMap(({ alerts }) => alerts);
    expect(sent.map(({ labels, status }) => `${labels["alertname"]} ${status}`)).toEqual([
      "ZakoVantageSuspect firing",
      "ZakoVantageSuspect resolved",
    ]);
  },
);

test("a target that one region of three cannot reach is a warning, for as long as that lasts", async () => {
  const targets = ["a", "b"].map((name) => target(name, [plan("health"), plan("cas.negotiate")]));
  const pair = await Pair.begin(config(targets, { vantages: ["weur", "enam", "apac"] }));
  await pair.minutes(5);
  pair.unreachable = { target: "a", from: "apac" };
  await pair.minutes(90);
  const sent = pair.alerter.inbox("team.0").flatMap(({ alerts }) => alerts);
  expect(new Set(sent.map(({ labels }) => labels["severity"]))).toEqual(new Set(["warning"]));
  expect(sent.map(({ labels }) => labels["alertname"])).toContain("ZakoTargetRegional");
});

test("an outage that only a rare probe sees is not resolved by a Monitor that has not run it yet", async () => {
  const seldom = plan("cas.details", { intervalMs: 30 * MINUTE });
  const of = config([target("a", [plan("health"), seldom])]);
  const pair = await Pair.begin(of);
  pair.failing = "cas.details";
  await pair.minutes(70);
  expect(pair.freshVotes()).toContain("ZakoTargetDown a firing");
  await pair.forget(of);
  pair.silentProbe = "cas.details";
  await pair.minutes(20);
  pair.silentProbe = undefined;
  await pair.minutes(60);
  expect(pair.freshVotes()).not.toContain("ZakoTargetDown a resolved");
  pair.failing = undefined;
  await pair.minutes(150);
  expect(pair.freshVotes().filter((one) => one.startsWith("ZakoTargetDown"))).toEqual([
    "ZakoTargetDown a firing",
    "ZakoTargetDown a resolved",
  ]);
});

test("a Monitor that has lost its state learns the firing alerts from the Alerter, and resolves them", async () => {
  const pair = await Pair.begin();
  pair.down.add("a");
  await pair.minutes(3);
  await pair.forget();
  await pair.minutes(3);
  expect(pair.freshVotes()).toEqual(["ZakoTargetDown a firing"]);
  pair.down.clear();
  await pair.minutes(5);
  expect(pair.freshVotes()).toContain("ZakoTargetDown a resolved");
});

test("a Monitor that was replaced does not probe either after it was evicted", async () => {
  const pair = await Pair.begin();
  await pair.minutes(2);
  const ticks = (): number => pair.monitor.events.filter(({ event }) => event === "tick").length;
  await pair.restartAlerter({ hash: "the next" });
  await pair.minute();
  const before = ticks();
  for (let minute = 0; minute < 3; minute++) {
    await pair.restartMonitor();
    await pair.minute();
  }
  expect(ticks()).toBe(before);
  await pair.restartAlerter({ hash: CONFIG.hash });
  for (let minute = 0; minute < 3; minute++) {
    await pair.restartMonitor();
    await pair.minute();
  }
  expect(ticks()).toBe(before + 3);
});

test("a Monitor whose configuration was replaced stops probing, and continues once it is active again", async () => {
  const pair = await Pair.begin();
  await pair.minutes(2);
  const ticks = (): number => pair.monitor.events.filter(({ event }) => event === "tick").length;
  await pair.restartAlerter({ hash: "the next" });
  // The report of this tick is the first that is refused.
  await pair.minute();
  const before = ticks();
  await pair.minutes(3);
  expect(ticks()).toBe(before);
  expect(pair.monitor.events.at(-1)).toMatchObject({ event: "refused" });
  await pair.restartAlerter({ hash: CONFIG.hash });
  await pair.minutes(2);
  expect(ticks()).toBe(before + 2);
});

test("a target that is taken out of the configuration ends its alerts", async () => {
  const pair = await Pair.begin();
  pair.down.add("a");
  await pair.minutes(2);
  const without = config([target("b")]);
  await pair.restartMonitor(without);
  await pair.restartAlerter({
    hash: without.hash,
    ownerOf: (labels, shard) => (labels["target"] === "a" ? undefined : shard),
  });
  await pair.minutes(2);
  expect(pair.freshVotes()).toEqual(["ZakoTargetDown a firing", "ZakoTargetDown a resolved"]);
  expect(brokenLaws(pair.alerter, true)).toEqual([]);
});

test("a period of unknown state starts when it started, not when it is reported, whatever is lost meanwhile", async () => {
  const pair = await Pair.begin();
  await pair.minutes(10);
  pair.silent.add("a");
  let since = 0;
  for (let i = 0; i < 40 && (await pair.incidents()).length === 0; i++) {
    await pair.minute();
    const unknown = pair.monitor.core.rules().find(({ rule }) => rule === "ZakoTargetUnknown");
    if (unknown?.state === "pending" && since === 0) since = pair.now;
  }
  await pair.forget();
  await pair.minutes(3);
  await pair.restartAlerter();
  pair.silent.clear();
  await pair.minutes(10);
  const incidents = await pair.incidents();
  const startsAt = incidents[0]?.causes.find(({ alertname }) => alertname === "ZakoTargetUnknown")?.at ?? 0;
  expect(startsAt - since).toBe(15 * MINUTE);
  expect(incidents).toMatchObject([{ target: "a", state: "unknown", openedAt: since, why: "recovered" }]);
  // The prober is at fault, and that is what people hear of: it pages long before, and inhibits the warning.
  const freshVotes = pair.freshVotes();
  expect(freshVotes[0]).toBe("ZakoProberFault a firing");
  expect(freshVotes).toContain("ZakoProberFault a resolved");
  expect(freshVotes.filter((one) => one.startsWith("ZakoTargetUnknown"))).toEqual([]);
});

test("whatever dies or is cut off meanwhile, everybody is notified of each outage and of its end once", async () => {
  const steps: Readonly<Record<string, (pair: Pair) => unknown>> = {
    "a breaks": ({ down }) => down.add("a"),
    "b breaks": ({ down }) => down.add("b"),
    "all is mended": ({ down }) => down.clear(),
    "time passes": () => {},
    "the Monitor dies": (pair) => pair.restartMonitor(),
    "the Monitor forgets": (pair) => pair.forget(),
    "the Alerter dies": (pair) => pair.restartAlerter(),
    ...Object.fromEntries(
      WIRES.map((wire) => [
        `the wire ${wire}`,
        (pair: Pair) => {
          pair.wire = wire;
        },
      ]),
    ),
  };
  const happenings = fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(happenings, async (all) => {
      const pair = await Pair.begin();
      for (const name of all) {
        await steps[name]?.(pair);
        await pair.minutes(2);
      }
      pair.wire = "works";
      await pair.minutes(3);
      for (const name of pair.down) expect(pair.freshVotes()).toContain(`ZakoTargetDown ${name} firing`);
      pair.down.clear();
      await pair.minutes(20);
      // Longer than the window by whose end a slow burn of the error budget is over.
      pair.now += 7 * 60 * MINUTE;
      await pair.minutes(40);
      expect(brokenLaws(pair.alerter, true)).toEqual([]);
      expect(await pair.waiting()).toBe(0);
    }),
    { numRuns: 40 },
  );
});
