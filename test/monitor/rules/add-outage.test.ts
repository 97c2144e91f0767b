import { expect, test } from "vitest";
import type { NewestRun, Outage } from "../../../functions/model/alerting/alert.ts";
import type { Evidence } from "../../../functions/model/alerting/evidence.ts";
import { fingerprint } from "../../../functions/model/alerting/fingerprint.ts";
import { PROBE_FAMILIES } from "../../../functions/model/families/probe-families.ts";
import { newVantageState, type Vote } from "../../../functions/model/probing/verdict.ts";
import { addOutage } from "../../../functions/monitor/rules/add-outage.ts";
import {
  VANTAGE_STATE_FAMILY,
  VERDICT_FAMILY,
  writeVantageState,
  writeVerdict,
} from "../../../functions/monitor/tick/verdict-columns.ts";
import { SeriesTable } from "../../../functions/store/series/series-table.ts";
import { alert } from "../../alerter/world.ts";
import { NO_VERDICT } from "../../evaluate/verdict/no-verdict.ts";
import { anyPlan, anyTarget } from "../any-target.ts";

const NOW = Date.UTC(2030, 0, 1);
const VANTAGES = ["weur", "enam", "apac"] as never;
const TARGET = anyTarget({
  name: "a",
  casUrl: "https://cas.one.test:8443",
  transportUrl: "https://data.one.test",
  probes: [
    anyPlan({ kind: "health", intervalMs: 10_000, timeoutMs: 5_000 }),
    anyPlan({ kind: "transport.download", intervalMs: 60_000, recheckMs: 15_000 }),
    anyPlan({ kind: "worker.gc", critical: false }),
  ],
});

/** Votes of probes whose incident is open: seconds before now, and how the run came out. */
type Votes = Record<string, [secondsAgo: number, outcome: Vote["outcome"], recovers?: false][]>;

function added(evidence: Partial<Evidence> | undefined, votes: Votes = {}, labels: Record<string, string> = {}) {
  const table = new SeriesTable([...PROBE_FAMILIES, VANTAGE_STATE_FAMILY, VERDICT_FAMILY]);
  table.reconcile([{ target: "a", initial: [], keep: () => true }], NOW);
  for (const [probe, seen] of Object.entries(votes)) {
    const verdict = table.at("a", VERDICT_FAMILY.name, { probe }, NOW);
    const newestAgo = Math.min(...seen.map(([ago]) => ago));
    // In an incident, one that fails beside one that does not is neither failure nor recovery.
    const failed = seen.some(
      ([ago, outcome, recovers]) => ago === newestAgo && (outcome === "failed" || recovers === false),
    );
    const judged = { ring: failed ? 0b111 : 0b110, ringLength: 3, lastSlot: NOW - newestAgo * 1000, lastAttempt: 0 };
    writeVerdict(verdict.block.values, verdict.offset, { ...NO_VERDICT, ...judged, state: "down", incidentOpen: true });
    seen.forEach(([ago, outcome, recovers], i) => {
      const vantage = VANTAGES[i] as string;
      const { block, offset } = table.at("a", VANTAGE_STATE_FAMILY.name, { probe, vantage }, NOW);
      const vote = {
        vantage,
        slot: NOW - ago * 1000,
        attempt: 0,
        outcome,
        ...(recovers === false ? { recovers } : {}),
      };
      writeVantageState(block.values, offset, { ...newVantageState(vantage), vote });
    });
  }
  const steps = [{ probe: "health", reason: "connect" as const }];
  const whole = { cause: "health", steps, vantages: VANTAGES, outOf: 3, ...evidence };
  const one = { ...alert({ target: "a", ...labels }, NOW), ...(evidence === undefined ? {} : { evidence: whole }) };
  return addOutage(one, { kind: "rate" } as never, TARGET, { table, vantages: VANTAGES, now: NOW });
}

const CAS = fingerprint({ host: "cas.one.test" });
const DATA = fingerprint({ host: "data.one.test" });

test.each<[string, Partial<Evidence> | undefined, Outage | undefined]>([
  ["no runs are behind it", undefined, undefined],
  ["no probe of its own opened an incident", { cause: undefined } as never, undefined],
  ["nothing answers", {}, { cause: "unreachable", front: CAS }],
  ["a deadline passes", { steps: [{ probe: "health", reason: "timeout" }] }, { cause: "unreachable", front: CAS }],
  [
    "a gateway reaches no server",
    { steps: [{ probe: "health", reason: "http_status", httpStatus: 503 }] },
    { cause: "unreachable", front: CAS },
  ],
  [
    "another status says another thing",
    { steps: [{ probe: "health", reason: "http_status", httpStatus: 500 }] },
    { cause: "http_status", front: CAS },
  ],
  [
    "the probe that opened the incident counts, and the host that it asks",
    {
      cause: "transport.download",
      steps: [
        { probe: "health", reason: "connect" },
        { probe: "transport.download", reason: "corrupt" },
      ],
    },
    { cause: "corrupt", front: DATA },
  ],
  ["some vantages fail", { vantages: ["weur", "apac"] }, { cause: "unreachable", front: CAS, region: "apac, weur" }],
  ["the only vantage fails", { vantages: ["local"], outOf: 1 }, { cause: "unreachable", front: CAS }],
])("an outage: %s", (_name, evidence, expected) => {
  expect(added(evidence).outage).toEqual(expected);
});

test("an outage is no matter of what is not critical, and names no host", () => {
  expect(added({}, {}, { severity: "warning" }).outage).toBeUndefined();
  expect(JSON.stringify(added({}).outage)).not.toContain("one.test");
});

const run = (over: Partial<NewestRun>): Partial<NewestRun> => ({ recheckMs: 10_000, timeoutMs: 5_000, ...over });

test.each<[string, Votes, Partial<NewestRun> | undefined]>([
  ["no incident is open", {}, undefined],
  ["a run that fails", { health: [[10, "failed"]] }, run({ at: NOW - 10_000, failed: true })],
  [
    "a good one after it",
    {
      health: [
        [20, "failed"],
        [10, "ok"],
      ],
    },
    run({ at: NOW - 10_000, failed: false }),
  ],
  ["slow counts as good", { health: [[10, "degraded"]] }, run({ at: NOW - 10_000, failed: false })],
  ["good, but no proof", { health: [[10, "ok", false]] }, run({ at: NOW - 10_000, failed: true })],
  [
    "one vantage of the newest slot fails",
    {
      health: [
        [10, "ok"],
        [10, "failed"],
      ],
    },
    run({ at: NOW - 10_000, failed: true }),
  ],
  [
    "one probe is good and another fails",
    { health: [[5, "ok"]], "transport.download": [[40, "failed"]] },
    { at: NOW - 40_000, failed: true, recheckMs: 15_000 },
  ],
  [
    "both are good",
    { health: [[5, "ok"]], "transport.download": [[40, "ok"]] },
    { at: NOW - 40_000, failed: false, recheckMs: 15_000 },
  ],
  ["a probe that is not critical", { "worker.gc": [[5, "failed"]] }, undefined],
])("the newest run: %s", (_name, votes, expected) => {
  const found = added({}, votes).newestRun;
  if (expected === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject(expected);
});

type Judged = [ring: number, lastAttempt: number, votes: readonly (readonly [attempt: number, Vote["outcome"]])[]];

test.each<[string, Judged, Partial<NewestRun>]>([
  [
    "others outvote one vantage that fails",
    [
      0b110,
      2,
      [
        [2, "ok"],
        [2, "failed"],
        [2, "ok"],
      ],
    ],
    { at: NOW - 4_000, failed: false },
  ],
  [
    "most fail",
    [
      0b111,
      2,
      [
        [2, "failed"],
        [2, "failed"],
        [2, "ok"],
      ],
    ],
    { at: NOW - 4_000, failed: true },
  ],
  [
    "a suspect vantage fails after a good run",
    [
      0b110,
      1,
      [
        [1, "ok"],
        [2, "failed"],
        [1, "ok"],
      ],
    ],
    { at: NOW - 4_000, failed: false },
  ],
  [
    "a suspect vantage fails after a bad run",
    [
      0b111,
      1,
      [
        [1, "failed"],
        [2, "failed"],
        [1, "failed"],
      ],
    ],
    { at: NOW - 10_000, failed: true },
  ],
])("the newest run is what it was judged to be: %s", (_name, [ring, lastAttempt, votes], expected) => {
  const table = new SeriesTable([...PROBE_FAMILIES, VANTAGE_STATE_FAMILY, VERDICT_FAMILY]);
  table.reconcile([{ target: "a", initial: [], keep: () => true }], NOW);
  const slot = NOW - 10_000;
  const { block, offset } = table.at("a", VERDICT_FAMILY.name, { probe: "health" }, NOW);
  const judged = { ring, ringLength: 3, lastSlot: slot, lastAttempt, askedAt: NOW - 4_000 };
  writeVerdict(block.values, offset, { ...NO_VERDICT, state: "down", incidentOpen: true, ...judged });
  votes.forEach(([attempt, outcome], i) => {
    const vantage = VANTAGES[i] as string;
    const place = table.at("a", VANTAGE_STATE_FAMILY.name, { probe: "health", vantage }, NOW);
    writeVantageState(place.block.values, place.offset, {
      ...newVantageState(vantage),
      vote: { vantage, slot, attempt, outcome },
    });
  });
  const steps = [{ probe: "health", reason: "connect" as const }];
  const evidence = { cause: "health", steps, vantages: VANTAGES, outOf: 3 };
  const one = { ...alert({ target: "a" }, NOW), evidence };
  const { newestRun } = addOutage(one, { kind: "rate" } as never, TARGET, { table, vantages: VANTAGES, now: NOW });
  expect(newestRun).toMatchObject(expected);
});
