import { expect, it } from "vitest";
import type { Outcome } from "../../../functions/model/probing/sample.ts";
import { type Judged, overdueRuns } from "../../../functions/monitor/schedule/overdue-runs.ts";
import { config, plan, START, target } from "../world.ts";

const ROOT = plan("health");
const CHILD = plan("cas.details");
const TARGET = target("a", [ROOT, CHILD]);

type Majority = Judged["judgement"]["why"]["majority"];
type Known = { blocked?: boolean; state?: string; skipped?: boolean; lastSlot?: number };

/** A root as it was judged, from what its runs came to. */
const lead = (majority: Majority, outcomes: Outcome[], before: { lastSlot: number; ring: number }): Judged =>
  ({
    input: { target: TARGET, plan: ROOT, runs: outcomes.map((outcome) => ({ outcome })), previous: before },
    judgement: { why: { majority }, verdict: {} },
  }) as unknown as Judged;

const child = (known: Known, input: Record<string, unknown> = {}): Judged =>
  ({
    input: { target: TARGET, plan: CHILD, root: ROOT, runs: [], ...input },
    judgement: { why: {}, verdict: { blocked: false, state: "up", skipped: false, lastSlot: START, ...known } },
  }) as unknown as Judged;

/** The newest bit says whether the newest evaluation failed. */
const FAILED_BEFORE = { lastSlot: START, ring: 0b01 };
const WELL_BEFORE = { lastSlot: START, ring: 0b10 };

const asked = (root: Judged, of: Judged, perVantage = 4): string[] =>
  overdueRuns([[root, of]], {
    config: config([TARGET]),
    scheduleOf: () => "every",
    slot: START,
    confirmations: [],
    perVantage,
    laneOf: () => 0,
  }).map(({ target: name, probe, vantage }) => `${name} ${probe} ${vantage}`);

const CHILD_RUN = ["a cas.details local"];
const blocked = child({ blocked: true });
const expired = child({ state: "unknown" });

it.each<[what: string, runs: string[], seen: string[]]>([
  ["a blocked probe, once its root is well", CHILD_RUN, asked(lead("good", ["ok"], WELL_BEFORE), blocked)],
  [
    "a blocked probe, once its root has said what it does not offer",
    CHILD_RUN,
    asked(lead("none", ["skipped"], WELL_BEFORE), blocked),
  ],
  ["nobody while the root's own runs say nothing", [], asked(lead("none", ["blocked"], WELL_BEFORE), blocked)],
  ["nobody while the root was not asked", [], asked(lead("good", [], WELL_BEFORE), blocked)],
  ["nobody while the root fails", [], asked(lead("failing", ["failed"], WELL_BEFORE), blocked)],
  ["nobody while its vantages are at odds", [], asked(lead("split", ["ok", "failed"], WELL_BEFORE), blocked)],
  [
    "a probe whose votes have expired, after the root's first good run",
    CHILD_RUN,
    asked(lead("good", ["ok"], FAILED_BEFORE), expired),
  ],
  ["nobody for expired votes where the root was well before", [], asked(lead("good", ["ok"], WELL_BEFORE), expired)],
  ["nobody whose votes are fresh", [], asked(lead("good", ["ok"], FAILED_BEFORE), child({}))],
  [
    "nobody who never ran: the first runs are made otherwise",
    [],
    asked(lead("good", ["ok"], FAILED_BEFORE), child({ state: "unknown", lastSlot: 0 })),
  ],
  [
    "nobody who was skipped",
    [],
    asked(lead("good", ["ok"], FAILED_BEFORE), child({ state: "unknown", skipped: true })),
  ],
  [
    "nobody who is asked in this slot anyway",
    [],
    asked(lead("good", ["ok"], WELL_BEFORE), child({ blocked: true }, { runs: [{ outcome: "ok" }] })),
  ],
  [
    "a probe whose run was blocked in this slot",
    CHILD_RUN,
    asked(lead("good", ["ok"], WELL_BEFORE), child({ blocked: true }, { runs: [{ outcome: "blocked" }] })),
  ],
  [
    "nobody whom the target does not offer",
    [],
    asked(lead("good", ["ok"], WELL_BEFORE), child({ blocked: true }, { offer: "not offered" })),
  ],
  [
    "nobody who is not critical",
    [],
    asked(lead("good", ["ok"], WELL_BEFORE), child({ blocked: true }, { plan: { ...CHILD, critical: false } })),
  ],
  ["nobody where there is no room", [], asked(lead("good", ["ok"], WELL_BEFORE), blocked, 0)],
])("asks %s", (_, runs, seen) => expect(seen).toEqual(runs));
