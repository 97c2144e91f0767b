import { expect, test } from "vitest";
import { PROBE_FAMILIES } from "../../../functions/model/families/probe-families.ts";
import type { Reason } from "../../../functions/model/probing/failure.ts";
import { newVantageState, type Vote } from "../../../functions/model/probing/verdict.ts";
import { explainAlert } from "../../../functions/monitor/rules/explain-alert.ts";
import { VANTAGE_STATE_FAMILY, writeVantageState } from "../../../functions/monitor/tick/verdict-columns.ts";
import { SeriesTable } from "../../../functions/store/series/series-table.ts";
import { anyPlan, anyTarget } from "../any-target.ts";

const NOW = Date.UTC(2030, 0, 1);
const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
const GOOD = NOW / 1000;

/** What a vantage's newest run of a probe was, and when one was good last. */
type Seen = [probe: string, vantage: string, outcome: Vote["outcome"], reason?: Reason | undefined, good?: number];

const PROBES = ["health", "cas.details", "cas.negotiate", "transport.download", "transport.upload"];
const TARGET = anyTarget({
  name: "a",
  probes: [...PROBES.map((kind) => anyPlan({ kind })), anyPlan({ kind: "worker.gc", critical: false })],
});

function explain(seen: readonly Seen[], labels: Record<string, string>, vantages = ["weur", "enam", "apac"]) {
  const table = new SeriesTable([...PROBE_FAMILIES, VANTAGE_STATE_FAMILY]);
  table.reconcile([{ target: "a", initial: [], keep: () => true }], NOW);
  for (const [probe, vantage, outcome, reason, good] of seen) {
    const { block, offset } = table.at("a", VANTAGE_STATE_FAMILY.name, { probe, vantage }, NOW);
    const vote = { vantage, slot: NOW, attempt: 0, outcome, ...(reason === undefined ? {} : { reason }) } as Vote;
    writeVantageState(block.values, offset, { ...newVantageState(vantage as never), vote });
    if (good === undefined) continue;
    const family = "zako_v1_probe_last_success_timestamp_seconds";
    table.observe("a", { family, labels: { probe, vantage }, value: good }, NOW);
  }
  const targets = new Map([["a", TARGET]]);
  return explainAlert(labels, { table, targets, vantages: vantages as never, now: NOW });
}

const OF_A = { target: "a" };

test.each<[string, Seen[], Record<string, string>, object]>([
  ["nothing fails", [["health", "weur", "ok"]], OF_A, {}],
  ["nothing has run", [], OF_A, {}],
  ["another target", [["health", "weur", "failed", "timeout"]], { target: "b" }, {}],
  ["no target", [["health", "weur", "failed", "timeout"]], {}, {}],
  [
    "one probe from some vantages",
    [
      ["health", "weur", "failed", "timeout", GOOD - 60],
      ["health", "enam", "failed", "timeout", GOOD - 90],
      ["health", "apac", "ok", undefined, GOOD],
    ],
    OF_A,
    // Of the failing probe the last success run from anywhere.
    { reason: "timeout", vantages: "weur, enam (2 of 3)", last_success: at(GOOD) },
  ],
  [
    "no run was ever good",
    [["health", "weur", "failed", "dns"]],
    OF_A,
    { reason: "dns", vantages: "weur (1 of 3)", last_success: "none since the target was added" },
  ],
  [
    "failing hides degraded",
    [
      ["health", "weur", "failed", "timeout", GOOD - 60],
      ["cas.details", "enam", "degraded", "slow", GOOD - 600],
    ],
    OF_A,
    { reason: "timeout", vantages: "weur (1 of 3)", last_success: at(GOOD - 60) },
  ],
  [
    "degraded alone",
    [["cas.details", "enam", "degraded", "slow", GOOD - 600]],
    OF_A,
    { reason: "slow", vantages: "enam (1 of 3)", last_success: at(GOOD - 600) },
  ],
  ["only what is not critical", [["worker.gc", "weur", "failed", "timeout"]], OF_A, {}],
  [
    "the probe that is asked about",
    [
      ["worker.gc", "weur", "failed", "timeout", GOOD - 30],
      ["health", "enam", "failed", "dns", GOOD - 60],
    ],
    { ...OF_A, probe: "worker.gc" },
    { reason: "timeout", vantages: "weur (1 of 3)", last_success: at(GOOD - 30) },
  ],
  [
    "the vantage that is asked about",
    [
      ["health", "weur", "failed", "timeout", GOOD - 30],
      ["health", "enam", "failed", "dns", GOOD - 60],
    ],
    { ...OF_A, vantage: "enam" },
    { reason: "dns", vantages: "enam (1 of 1)", last_success: at(GOOD - 60) },
  ],
  [
    "the commonest of several reasons",
    [
      ["health", "weur", "failed", "dns"],
      ["health", "enam", "failed", "timeout"],
      ["health", "apac", "failed", "timeout"],
    ],
    OF_A,
    { reason: "timeout", vantages: "weur, enam, apac (3 of 3)" },
  ],
])("%s", (_name, seen, labels, expected) => {
  const found = explain(seen, labels);
  if (Object.keys(expected).length === 0) expect(found).toEqual({});
  else expect(found).toMatchObject(expected);
});

test("probes that fail for different reasons are named, three at most; the oldest outage counts", () => {
  const reasons: Reason[] = ["timeout", "dns", "connect", "tls", "edge"];
  const all = explain(
    PROBES.map((probe, i): Seen => [probe, "weur", "failed", reasons[i] as Reason, GOOD - i]),
    OF_A,
  );
  expect(all["reason"]).toMatch(
    /^health: .* \(timeout\); cas.details: .* \(dns\); cas.negotiate: .* \(connect\); and 2 more$/,
  );
  expect(all["last_success"]).toBe(at(GOOD - 4));
});

test("where there is one vantage only, without a name, it is not named", () => {
  expect(explain([["health", "local", "failed", "timeout"]], OF_A, ["local"])).not.toHaveProperty("vantages");
  expect(explain([["health", "weur", "failed", "timeout"]], OF_A, ["weur"])).toHaveProperty(
    "vantages",
    "weur (1 of 1)",
  );
});
