import { expect, test } from "vitest";
import { PROBE_FAMILIES } from "../../../functions/model/families/probe-families.ts";
import { failure, type Reason, reasons } from "../../../functions/model/probing/failure.ts";
import type { Outcome } from "../../../functions/model/probing/sample.ts";
import { countVotes, UNDECIDED_VOTES_FAMILY } from "../../../functions/monitor/tick/count-votes.ts";
import { SeriesTable } from "../../../functions/store/series/series-table.ts";
import { anyPlan, anyTarget } from "../any-target.ts";

const NOW = Date.UTC(2030, 0, 1);

/** A probe whose evaluations are counted one by one. */
class Counted {
  readonly table = new SeriesTable([...PROBE_FAMILIES, UNDECIDED_VOTES_FAMILY]);
  critical = true;
  isService = true;
  isInMaintenance = false;
  suspect: string | undefined;
  regional: readonly "apac"[] = [];
  attempt = 0;

  constructor() {
    this.table.reconcile([{ target: "a", initial: [], keep: () => true }], NOW);
  }

  /** `open`: an incident is open after it. */
  evaluation(outcomes: readonly Outcome[], open = false, reason: Reason = "timeout"): void {
    const vantages = ["weur", "enam", "apac"] as const;
    const runs = outcomes.map((outcome, i) => ({
      vantage: vantages[i] as "weur",
      slot: NOW,
      attempt: 0,
      outcome,
      ...(outcome === "ok" ? {} : { failure: failure(reason, true) }),
    }));
    const verdict = {
      incidentOpen: open,
      ring: 2 * outcomes.filter((one) => one === "failed").length > outcomes.length ? 1 : 0,
    };
    const suspects = { has: (vantage: string) => vantage === this.suspect };
    const plan = anyPlan({ kind: "health", critical: this.critical });
    const { isService, isInMaintenance, regional, attempt } = this;
    const evaluated = { verdict, suspects, regional, isService, isInMaintenance, attempt };
    countVotes(this.table, { target: anyTarget({ name: "a" }), plan, runs }, evaluated, NOW);
  }

  read(family: string, labels: Record<string, string> = {}): number {
    return this.table.read("a", family, labels) ?? 0;
  }

  get votes(): [ok: number, failed: number] {
    const of = (outcome: string): number => this.read("zako_v1_probe_votes_total", { probe: "health", outcome });
    return [of("ok"), of("failed")];
  }

  /** Failed votes of the target's budget, outside incidents and in them. */
  get budget(): [outside: number, inside: number] {
    const of = (incident: string): number => this.read("zako_v1_target_votes_total", { outcome: "failed", incident });
    return [of("false"), of("true")];
  }
}

test("what happens in maintenance is not counted, and the probe is still shown as failing", () => {
  const probe = new Counted();
  probe.isInMaintenance = true;
  for (const outcome of ["ok", "failed", "failed", "ok"] as const) probe.evaluation([outcome]);
  probe.evaluation(["failed"], true);
  expect([probe.votes, probe.budget]).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(probe.read("zako_v1_probe_failing", { probe: "health" })).toBe(1);
  probe.isInMaintenance = false;
  probe.evaluation(["ok"]);
  expect([probe.votes, probe.budget]).toEqual([
    [1, 0],
    [0, 0],
  ]);
});

test("an outage's failures never enter, those that opened it included", () => {
  const probe = new Counted();
  probe.evaluation(["ok"]);
  probe.evaluation(["failed"]);
  expect(probe.votes).toEqual([1, 0]);
  probe.evaluation(["failed"], true);
  probe.evaluation(["failed"], true);
  probe.evaluation(["ok"], true);
  expect(probe.votes).toEqual([1, 0]);
  probe.evaluation(["ok"]);
  expect(probe.votes).toEqual([2, 0]);
  expect(probe.budget).toEqual([0, 3]);
});

test("what one region alone cannot reach is told with its name, and burns no budget that pages", () => {
  const probe = new Counted();
  probe.evaluation(["ok", "ok", "failed"]);
  probe.regional = ["apac"];
  for (let i = 0; i < 9; i++) probe.evaluation(["ok", "ok", "failed"]);
  // The first was nobody's own yet.
  expect(probe.votes).toEqual([20, 1]);
  expect(probe.budget).toEqual([1, 9]);
});

test("a failure that is no incident enters with the next evaluation, with its reason", () => {
  const probe = new Counted();
  probe.evaluation(["failed"], false, "truncated");
  probe.evaluation(["ok"]);
  expect(probe.votes).toEqual([1, 1]);
  expect(probe.read("zako_v1_probe_failed_votes_total", { probe: "health", reason: "truncated" })).toBe(1);
  expect(probe.budget).toEqual([1, 0]);
});

test("a failed vote that is held keeps its reason, whichever that is", () => {
  for (const reason of reasons) {
    const probe = new Counted();
    probe.evaluation(["failed"], false, reason);
    probe.evaluation(["ok"]);
    expect(probe.read("zako_v1_probe_failed_votes_total", { probe: "health", reason }), reason).toBe(1);
  }
});

test("a recheck is not counted: an outage would weigh more than the same time of health", () => {
  const probe = new Counted();
  probe.evaluation(["failed"]);
  probe.attempt = 2;
  probe.evaluation(["ok"]);
  expect(probe.votes).toEqual([0, 1]);
  probe.attempt = 3;
  probe.evaluation(["failed"], true);
  expect(probe.read("zako_v1_probe_failing", { probe: "health" })).toBe(1);
  probe.attempt = 4;
  probe.evaluation(["ok"]);
  expect(probe.votes).toEqual([0, 1]);
  expect(probe.budget).toEqual([1, 0]);
});

test("only critical probes of the services burn the error budget", () => {
  for (const part of ["critical", "isService"] as const) {
    const probe = new Counted();
    probe[part] = false;
    probe.evaluation(["failed"]);
    probe.evaluation(["ok"]);
    probe.evaluation(["failed"], true);
    expect(probe.votes).toEqual([1, 1]);
    expect(probe.budget).toEqual([0, 0]);
  }
});

test("a suspect vantage has no vote, and makes no evaluation bad", () => {
  const probe = new Counted();
  probe.suspect = "weur";
  probe.evaluation(["failed", "ok"]);
  probe.evaluation(["ok", "ok"]);
  expect(probe.votes).toEqual([2, 0]);
  expect(probe.read("zako_v1_probe_failing", { probe: "health" })).toBe(0);
});

test.each<[string, readonly Outcome[], Reason, number]>([
  ["one vantage fails", ["ok", "failed", "ok"], "timeout", 1],
  ["all are well", ["ok", "ok", "ok"], "timeout", 0],
  ["a minor step fails", ["degraded"], "corrupt", 1],
  ["it is slow", ["degraded"], "slow", 0],
  ["it is not offered", ["skipped"], "rpc_unimplemented", 0],
])("whether the newest evaluation was bad: %s", (_name, outcomes, reason, failing) => {
  const probe = new Counted();
  probe.evaluation(["failed"]);
  expect(probe.read("zako_v1_probe_failing", { probe: "health" })).toBe(1);
  probe.evaluation(outcomes, false, reason);
  expect(probe.read("zako_v1_probe_failing", { probe: "health" })).toBe(failing);
});

test("a probe that is blocked keeps what was found last", () => {
  const probe = new Counted();
  probe.evaluation(["failed"]);
  probe.evaluation(["blocked"]);
  expect(probe.read("zako_v1_probe_failing", { probe: "health" })).toBe(1);
});

test("a failure that could not be confirmed since the root of its group failed too is the root's, and the mend does not count it", () => {
  const probe = new Counted();
  for (let i = 0; i < 5; i++) probe.evaluation(["ok"]);
  probe.evaluation(["failed"], false, "connect");
  probe.attempt = 1;
  probe.evaluation(["blocked"], false, "connect");
  probe.attempt = 0;
  for (let i = 0; i < 3; i++) probe.evaluation(["blocked"], false, "connect");
  probe.evaluation(["ok"]);
  expect([probe.votes, probe.budget]).toEqual([
    [6, 0],
    [0, 1],
  ]);
});

test("in maintenance it is nobody's", () => {
  const probe = new Counted();
  probe.evaluation(["failed"], false, "connect");
  probe.isInMaintenance = true;
  probe.evaluation(["blocked"], false, "connect");
  probe.isInMaintenance = false;
  probe.evaluation(["ok"]);
  expect([probe.votes, probe.budget]).toEqual([
    [1, 0],
    [0, 0],
  ]);
});
