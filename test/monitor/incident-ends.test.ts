import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config } from "../../functions/model/config.ts";
import { dependencyGroups } from "../../functions/model/probing/dependency-group.ts";
import { type Failure, failure } from "../../functions/model/probing/failure.ts";
import type { ProbeTask } from "../../functions/model/probing/probe-task.ts";
import type { Outcome, Sample } from "../../functions/model/probing/sample.ts";
import { allFamilies } from "../../functions/monitor/tick/wanted-series.ts";
import { blockedBy, blocksRest } from "../../functions/probe/blocked-by.ts";
import { Head } from "../../functions/store/head.ts";
import { MONITOR_META } from "../../functions/store/monitor-meta.ts";
import { AlertRecorder } from "./alert-recorder.ts";
import { config, KINDS, plan, sampleOf, target, World } from "./world.ts";

const MINUTE = 60_000;
const CORRUPT = failure("corrupt", true);
const CONNECT = failure("connect", false);
const UNAVAILABLE = failure("rpc_unavailable", true);
const UNIMPLEMENTED = failure("rpc_unimplemented", true);

/** What a run finds: undefined for nothing at all, a lost run. */
type Fate = (task: ProbeTask) => { outcome: Outcome; failure?: Failure } | undefined;
const WELL: Fate = () => ({ outcome: "ok" });
const fails =
  (cause: Failure): Fate =>
  () => ({ outcome: "failed", failure: cause });

/** A Monitor whose runs come out as a test says, group by group as a prober would make them. */
class Story {
  readonly alerts = new AlertRecorder();
  readonly world: World;
  fate: Fate = WELL;
  readonly asked: string[] = [];

  constructor(storage: DurableObjectStorage, initial: Config) {
    this.world = new World(storage, initial, this.alerts);
    this.world.probe = async (tasks, _deadline, deliver) => {
      for (const group of dependencyGroups(tasks, (kind) => KINDS.get(kind) ?? { tier: "inside" })) {
        const root = this.#run(group.root);
        if (root !== undefined) deliver([root]);
        for (const task of group.rest) {
          const sample =
            root !== undefined && blocksRest(root) ? blockedBy(root, task, this.world.now) : this.#run(task);
          if (sample !== undefined) deliver([sample]);
        }
      }
    };
  }

  #run(task: ProbeTask): Sample | undefined {
    this.asked.push(`${task.plan.kind} ${task.attempt}`);
    const fate = this.fate(task);
    if (fate === undefined) return undefined;
    const step = { name: "s", durationMs: 1, outcome: fate.outcome === "ok" ? "ok" : "failed" } as const;
    const steps = [fate.failure === undefined ? step : { ...step, failure: fate.failure }];
    return { ...sampleOf(task, this.world.now, fate.outcome, fate.failure), steps };
  }

  async minutes(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.world.core.wake(this.world.now, "cron");
      await this.world.core.confirm();
      await this.world.core.alertsSent();
      this.world.now += MINUTE;
    }
  }

  async change(to: Config): Promise<void> {
    await this.world.core.reconfigure(() => to);
  }

  open(probe?: string, of = "a"): boolean {
    const [family, labels] = probe === undefined ? ["target", ""] : ["probe", `probe="${probe}"`];
    return this.world.count(`zako_v1_${family}_incident_open`, of, labels) === 1;
  }
}

let objects = 0;
const tell = (initial: Config, run: (story: Story) => Promise<void>): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName(`incident-${objects++}`), (_instance, state) =>
    run(new Story(state.storage, initial)),
  );

const [health, negotiate, download] = [plan("health"), plan("cas.negotiate"), plan("transport.download")];

describe("an incident ends at once, and its alerts with it, when the configuration drops", () => {
  const whole = config([target("a", [health, negotiate]), target("b", [health])]);
  const onlyNegotiate: Fate = ({ plan: { kind } }) =>
    kind === "cas.negotiate" ? { outcome: "failed", failure: CORRUPT } : { outcome: "ok" };

  it("its target", async () => {
    await tell(whole, async (story) => {
      story.fate = onlyNegotiate;
      await story.minutes(1);
      expect(story.alerts.takeVerdicts()).toEqual(["+ZakoTargetDown", "+ZakoProbeDown cas.negotiate"]);
      await story.change(config([target("b", [health])]));
      await story.minutes(1);
      expect(story.alerts.takeVerdicts().sort()).toEqual([
        "-ZakoProbeDown cas.negotiate (removed)",
        "-ZakoTargetDown (removed)",
      ]);
      // It comes back as a target that nothing is known of.
      story.fate = WELL;
      await story.change(whole);
      await story.minutes(1);
      expect(story.open()).toBe(false);
      expect(story.alerts.takeVerdicts()).toEqual([]);
    });
  });

  it("its probe", async () => {
    await tell(whole, async (story) => {
      story.fate = onlyNegotiate;
      await story.minutes(1);
      expect(story.open()).toBe(true);
      story.alerts.takeVerdicts();
      await story.change(config([target("a", [health]), target("b", [health])]));
      await story.minutes(1);
      expect(story.open()).toBe(false);
      expect(story.alerts.takeVerdicts().sort()).toEqual(["-ZakoProbeDown cas.negotiate (removed)", "-ZakoTargetDown"]);
    });
  });

  it("`critical` of its probe, which goes on as a warning of its own", async () => {
    await tell(whole, async (story) => {
      story.fate = onlyNegotiate;
      await story.minutes(1);
      story.alerts.takeVerdicts();
      await story.change(
        config([target("a", [health, plan("cas.negotiate", { critical: false })]), target("b", [health])]),
      );
      await story.world.core.wake(story.world.now, "cron");
      expect(story.open()).toBe(false);
      expect(story.open("cas.negotiate")).toBe(false);
      await story.world.core.confirm();
      await story.world.core.alertsSent();
      // The probe's own alert goes on: the confirmation has opened its incident again before the rules were evaluated.
      expect(story.alerts.takeVerdicts()).toEqual(["-ZakoTargetDown"]);
      expect(story.open("cas.negotiate")).toBe(true);
      story.world.now += MINUTE;
      await story.minutes(2);
      expect(story.open()).toBe(false);
      expect(story.alerts.takeVerdicts()).toEqual([]);
    });
  });

  it("every vantage that saw it, and not where one of them is left", async () => {
    const from = (...vantages: Config["vantages"]): Config => config([target("a", [health])], { vantages, lanes: 1 });
    await tell(from("weur", "enam", "apac"), async (story) => {
      story.fate = ({ vantage }) => (vantage === "apac" ? { outcome: "ok" } : { outcome: "failed", failure: CORRUPT });
      await story.minutes(1);
      expect(story.open()).toBe(true);
      await story.change(from("weur", "apac"));
      story.fate = () => undefined;
      await story.minutes(1);
      expect(story.open()).toBe(true);
      story.alerts.takeVerdicts();
      await story.change(from("apac"));
      await story.minutes(1);
      expect(story.open()).toBe(false);
      expect(story.alerts.takeVerdicts().sort()).toEqual(["-ZakoProbeDown health", "-ZakoTargetDown"]);
    });
  });

  it("nothing of it, and then it stays", async () => {
    await tell(whole, async (story) => {
      story.fate = onlyNegotiate;
      await story.minutes(1);
      story.fate = () => undefined;
      await story.change(config([target("a", [negotiate, health, download]), target("c", [health])]));
      await story.minutes(5);
      expect(story.open("cas.negotiate")).toBe(true);
      expect(story.alerts.firing).toContain("ZakoTargetDown");
      story.world.restart(story.world.core.config);
      await story.minutes(1);
      expect(story.open("cas.negotiate")).toBe(true);
    });
  });
});

describe("a failure that only says that the server is not there", () => {
  const a = config([target("a", [health, negotiate, download])]);

  it("is the root's where the root says so in the confirmation, and adds up to nothing", async () => {
    await tell(a, async (story) => {
      await story.minutes(2);
      // The server dies between the root's run and the others', outage after outage.
      for (let outage = 0; outage < 3; outage++) {
        let rest = 1;
        story.fate = ({ plan: { kind } }) =>
          kind === "health" && rest-- > 0 ? { outcome: "ok" } : { outcome: "failed", failure: CONNECT };
        await story.minutes(2);
        story.fate = WELL;
        await story.minutes(1);
      }
      await story.minutes(2);
      expect(story.alerts.takeVerdicts()).toEqual([
        "+ZakoTargetDown",
        "+ZakoProbeDown health",
        "-ZakoTargetDown",
        "-ZakoProbeDown health",
      ]);
    });
  });

  it("is the probe's own where the root is well at the same time: part of the target is gone", async () => {
    await tell(a, async (story) => {
      await story.minutes(2);
      story.fate = ({ plan: { kind } }) =>
        kind === "transport.download" ? { outcome: "failed", failure: UNAVAILABLE } : { outcome: "ok" };
      await story.minutes(1);
      expect(story.open("transport.download")).toBe(true);
      expect(story.alerts.takeVerdicts()).toEqual(["+ZakoTargetDown", "+ZakoProbeDown transport.download"]);
      story.fate = WELL;
      await story.minutes(3);
      expect(story.open()).toBe(false);
    });
  });

  it("goes with the root's incident where the root fails for another reason", async () => {
    await tell(a, async (story) => {
      await story.minutes(2);
      story.fate = ({ plan: { kind } }) => ({
        outcome: "failed",
        failure: kind === "health" ? failure("not_serving", true) : UNAVAILABLE,
      });
      await story.minutes(3);
      expect(story.alerts.takeVerdicts()).toEqual(["+ZakoTargetDown", "+ZakoProbeDown health"]);
    });
  });
});

it("asks the root in every slot of its group, however seldom it is due itself", async () => {
  const seldom = config([target("a", [plan("health", { intervalMs: 10 * MINUTE }), negotiate])]);
  await tell(seldom, async (story) => {
    await story.minutes(4);
    expect(story.asked.filter((name) => name === "health 0")).toHaveLength(4);
    story.fate = fails(CONNECT);
    await story.minutes(2);
    expect(story.alerts.takeVerdicts()).toEqual(["+ZakoTargetDown", "+ZakoProbeDown health"]);
  });
});

it("asks as many as there is room for at once after a fleet's outage, and the rest in the next slots", async () => {
  const rare = plan("transport.upload", { intervalMs: 60 * MINUTE });
  const names = [...Array(10).keys()].map((i) => `t${i}`);
  await tell(config(names.map((name) => target(name, [health, rare]))), async (story) => {
    await story.minutes(3);
    story.fate = fails(CONNECT);
    await story.minutes(61);
    story.fate = WELL;
    story.asked.length = 0;
    await story.minutes(1);
    expect(story.asked.filter((name) => name === "transport.upload 1")).toHaveLength(6);
    await story.minutes(1);
    expect(story.asked.filter((name) => name.startsWith("transport.upload")).length).toBeGreaterThanOrEqual(10);
    story.asked.length = 0;
    await story.minutes(2);
    expect(story.asked.filter((name) => name === "transport.upload 1")).toEqual([]);
  });
});

describe("whatever a server without a health service goes through", () => {
  const weather = fc.array(
    fc.record({
      /** How it looks from outside. */
      is: fc.constantFrom("well", "dead", "unavailable", "silent", "corrupt"),
      minutes: fc.integer({ min: 1, max: 5 }),
    }),
    { minLength: 1, maxLength: 8 },
  );
  const probes = [health, negotiate, download, plan("worker.submit", { critical: false, intervalMs: 2 * MINUTE })];
  const skips = (kind: string): boolean => kind === "health" || kind === "worker.submit";
  const fateIn = (is: string): Fate => {
    if (is === "dead") return fails(CONNECT);
    if (is === "unavailable") return fails(UNAVAILABLE);
    if (is === "silent") return () => undefined;
    return ({ plan: { kind } }) => {
      if (skips(kind)) return { outcome: "skipped", failure: UNIMPLEMENTED };
      return is === "corrupt" && kind === "transport.download"
        ? { outcome: "failed", failure: CORRUPT }
        : { outcome: "ok" };
    };
  };

  it("what it does not offer never fails; each outage is reported and ends", async () => {
    await fc.assert(
      fc.asyncProperty(weather, async (spells) => {
        await tell(config([target("a", probes)]), async (story) => {
          story.fate = fateIn("well");
          await story.minutes(4);
          for (const { is, minutes } of spells) {
            story.fate = fateIn(is);
            await story.minutes(minutes);
            expect(story.open("health") || story.open("worker.submit")).toBe(false);
            if (minutes >= 2 && is !== "silent" && is !== "well") expect(story.open()).toBe(true);
          }
          story.fate = fateIn("well");
          await story.minutes(3);
          expect(story.open()).toBe(false);
          expect(story.alerts.firing.filter((name) => /Zako(Target|Probe)Down/.test(name))).toEqual([]);
          expect(story.world.count("zako_v1_target_state", "a", "")).toBe(1);
          expect(story.alerts.changes.filter((change) => /ProbeDown (health|worker)/.test(change))).toEqual([]);
        });
      }),
      { numRuns: 25 },
    );
  });
});

it("begins anew where what is stored of verdicts is of another version", async () => {
  await runInDurableObject(env.MONITOR.getByName(`incident-${objects++}`), async (_instance, state) => {
    const of = config([target("a", [health])]);
    const old = [
      { name: "~verdict", labels: ["target", "probe"], width: 4 },
      { name: "~vantage_state", labels: ["target", "probe", "vantage"], width: 4 },
    ] as const;
    const before = new Head(state.storage, [...allFamilies([...KINDS.values()]), ...old], MONITOR_META);
    const labels = { probe: "health", vantage: "local" };
    const columns = old.map(({ name }) => ({ family: name, labels }));
    before.table.reconcile([{ target: "a", initial: columns, keep: () => true }], 0);
    for (const { family } of columns) {
      const { block, offset } = before.table.at("a", family, labels, 0);
      block.values.fill(2 ** 40, offset, offset + 4);
    }
    before.commit();
    const story = new Story(state.storage, of);
    await story.minutes(1);
    expect(story.world.count("zako_v1_probe_state", "a", 'probe="health"')).toBe(1);
    story.fate = fails(CORRUPT);
    await story.minutes(1);
    expect(story.open()).toBe(true);
    expect(story.world.events.filter(({ event }) => event === "error")).toEqual([]);
  });
});
