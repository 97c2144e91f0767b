import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, inject, it } from "vitest";
import type { Config } from "../../functions/model/config.ts";
import type { Outcome } from "../../functions/model/probing/sample.ts";
import { runBatch } from "../../functions/probe/batch.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { depsOf, planOf, targetOf } from "../probe/tasks.ts";
import { reset, setFault } from "../zako-control.ts";
import { AlertRecorder } from "./alert-recorder.ts";
import { config, World } from "./world.ts";

const MINUTE = 60_000;
const control = inject("zakoControl");
afterEach(() => reset(control));

/** How a server that is not there looks to whoever calls it: alone, and behind proxies. */
const ABSENCES: Readonly<Record<string, () => Response>> = {
  "nobody listens": () => {
    throw new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") });
  },
  "a proxy answers unavailable": () =>
    new Response(null, { headers: { "content-type": "application/grpc-web+proto", "grpc-status": "14" } }),
  "a proxy answers HTTP 503": () => new Response("no healthy upstream", { status: 503 }),
  "a proxy answers HTTP 504": () => new Response("upstream request timeout", { status: 504 }),
  "an edge answers 521": () => new Response("error code: 521", { status: 521, headers: { server: "cloudflare" } }),
};

/** A target with every probe that is on by default. */
const today = targetOf({
  name: "a",
  probes: PROBE_KINDS.filter(({ defaults }) => defaults.enabled).map(({ kind }) => planOf(kind)),
});

/** A Monitor that watches the reference Zako through a switch, and what it says to an Alerter. */
class Story {
  readonly world: World;
  away: (() => Response) | undefined;
  readonly alerts = new AlertRecorder();
  /** Outcomes of the newest run of each probe. */
  readonly newest = new Map<string, Outcome>();

  constructor(storage: DurableObjectStorage, initial: Config) {
    this.world = new World(storage, initial, this.alerts);
    this.world.probe = async (tasks, _deadline, deliver) => {
      const gate: typeof fetch = (input, init) =>
        this.away === undefined ? fetch(input, init) : Promise.resolve().then(this.away);
      const deps = depsOf({ fetch: gate, now: () => this.world.now });
      const { samples } = await runBatch(tasks, { ...deps, timeoutMs: 30_000 });
      for (const { probe, outcome } of samples) this.newest.set(probe, outcome);
      deliver(samples);
    };
  }

  /** A slot with its confirmations. */
  async minute(): Promise<void> {
    await this.world.core.wake(this.world.now, "cron");
    await this.world.core.confirm();
    await this.world.core.alertsSent();
    this.world.now += MINUTE;
  }

  async minutes(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.minute();
  }

  incidentOpen(probe?: string): boolean {
    return probe === undefined
      ? this.world.count("zako_v1_target_incident_open", "a", "") === 1
      : this.world.count("zako_v1_probe_incident_open", "a", `probe="${probe}"`) === 1;
  }
}

let objects = 0;
const tell = (initial: Config, run: (story: Story) => Promise<void>): Promise<void> =>
  runInDurableObject(env.MONITOR.getByName(`outage-${objects++}`), (_instance, state) =>
    run(new Story(state.storage, initial)),
  );

/** What the upstream Zako is: no health service and no diagnostics. */
async function asUpstream(): Promise<void> {
  await setFault(control, "health-off");
  await setFault(control, "diagnostics-off");
}

describe.each(Object.keys(ABSENCES))("a Zako of today that is killed and started again, where %s", (how) => {
  it("is notified as firing and as resolved, once each, every time", async () => {
    await asUpstream();
    await tell(config([today]), async (story) => {
      await story.minutes(6);
      expect(story.world.count("zako_v1_target_state", "a", "")).toBe(1);
      expect(story.alerts.changes).toEqual([]);
      for (let kill = 0; kill < 3; kill++) {
        story.away = ABSENCES[how];
        // Long enough for every probe that is not critical to fail, too.
        await story.minutes(kill === 1 ? 35 : 3);
        expect(story.incidentOpen(), `kill ${kill}`).toBe(true);
        expect(story.incidentOpen("cas.negotiate")).toBe(true);
        story.away = undefined;
        await story.minutes(3);
        expect(story.incidentOpen(), `restart ${kill}`).toBe(false);
        expect(story.alerts.takeVerdicts(), `kill ${kill}`).toEqual([
          "+ZakoTargetDown",
          "+ZakoProbeDown cas.negotiate",
          "-ZakoTargetDown",
          "-ZakoProbeDown cas.negotiate",
        ]);
        await story.minutes(4);
        expect(story.world.count("zako_v1_target_state", "a", "")).toBe(1);
        expect(story.alerts.takeVerdicts()).toEqual([]);
      }
    });
  });
});

it("is down where it is dead from its first minute, and over with the first answer that health is not offered", async () => {
  await asUpstream();
  await tell(config([today]), async (story) => {
    story.away = ABSENCES["nobody listens"];
    await story.minutes(2);
    expect(story.incidentOpen("health")).toBe(true);
    expect(story.alerts.firing).toContain("ZakoTargetDown");
    story.away = undefined;
    await story.minute();
    expect(story.newest.get("health")).toBe("skipped");
    expect(story.incidentOpen()).toBe(false);
    expect(story.alerts.firing).toEqual([]);
  });
});

it("asks what was blocked at once when the root is well again, and not an interval later", async () => {
  await tell(config([today]), async (story) => {
    await story.minutes(12);
    story.away = ABSENCES["nobody listens"];
    await story.minutes(31);
    for (const probe of ["transport.upload", "transport.journey", "cas.details"])
      expect(story.newest.get(probe), probe).toBe("blocked");
    story.away = undefined;
    await story.minute();
    for (const [probe, outcome] of story.newest)
      if (today.probes.find(({ kind }) => kind === probe)?.critical === true)
        expect(outcome, probe).not.toMatch(/blocked|failed/);
  });
});
