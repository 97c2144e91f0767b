import { describe, expect, it } from "vitest";
import { latestVotes, newVotes } from "../../../functions/evaluate/verdict/new-votes.ts";
import { type Failure, failure } from "../../../functions/model/probing/failure.ts";
import { newVantageState } from "../../../functions/model/probing/verdict.ts";
import { DEFAULTS, MINUTE, Rehearsal } from "./rehearsal.ts";

describe("one vantage", () => {
  it.each([
    ["a failure and a failed confirmation are down at once", "G F +F", "up up down!"],
    ["a failure and a good confirmation are not", "G F +G G", "up up up up"],
    ["a failure after one that was not borne out is asked again as well", "G F +G F", "up up up up"],
    ["it is down once its own confirmation fails", "G F +G F +F", "up up up up down!"],
    ["and is not where that is good", "G F +G F +G G", "up up up up up up"],
    ["what fails slot after slot is down though it answers when asked again", "G F +G F +G F", "up up up up up down!"],
    ["a failure that nothing confirmed counts as it is", "G F G F", "up up up down!"],
    ["without a confirmation the next slot decides", "G F F", "up up down!"],
    ["every other run failing is down", "G F G F", "up up up down!"],
    ["the first runs of all", "F +F", "unknown down!"],
    ["one failure before anything is known is not up", "F +G", "unknown up"],
    ["recovery takes three good slots in a row", "F F G G F G G G", "unknown down! down! down! down! down! down! up"],
    ["what ended does not count towards the next incident", "F F G G G F G", "unknown down! down! down! up up up"],
    ["a missed slot neither extends nor resets a streak", "G F - F", "up up up down!"],
    ["nor a recovery", "F F G - G - G", "unknown down! down! down! down! down! up"],
    ["streaks outlive votes", "G F - - - - F", "up up up up unknown unknown down!"],
    ["unknown closes no incident", "F F - - - - G", "unknown down! down! down! unknown! unknown! down!"],
    ["nor ends a recovery", "F F G G - - - G", "unknown down! down! down! down! down! unknown! up"],
    ["skipped and blocked runs are no votes", "G F S F B B", "up up up down! down! down!"],
    ["skipped runs end an incident as good ones do", "F F S S S F", "unknown down! down! down! unknown unknown"],
    ["and together with them", "F F G S G", "unknown down! down! down! up"],
    [
      "a failure between them begins the count anew",
      "F F S S F S S S",
      "unknown down! down! down! down! down! down! unknown",
    ],
    ["blocked runs and gaps between them do not", "F F S B S - B G", "unknown down! down! down! down! down! down! up"],
    ["slow twice of three", "G D G D", "up up up degraded"],
    [
      "as long as it is not well three times in a row",
      "D G G D G G G",
      "degraded degraded degraded degraded degraded degraded up",
    ],
    ["slow counts as recovered", "F F D D D", "unknown down! down! down! degraded"],
  ])("%s", (_, script, states) => {
    expect(new Rehearsal("a").play(script)).toBe(states);
  });

  it("is decided by one failure where the thresholds say so", () => {
    const thresholds = { failures: 1, outOf: 1, recoveries: 1 };
    expect(new Rehearsal("a", { thresholds }).play("G F G")).toBe("up down! up");
  });
});

describe("three vantages", () => {
  it.each([
    ["all failing, confirmed by two, is down at once", "GGG FFF +FF-", "up up down!"],
    ["a confirmation that overturns the majority", "GGG FFF +GG- GGG", "up up up up"],
    ["one of two confirmations leaves a majority failing", "GGG FFF +FG-", "up up down!"],
    ["one that fails alone is regional once confirmed", "GGG FGG +F--", "up up regional"],
    ["one that fails alone and recovers is not", "GGG FGG +G-- GGG", "up up up up"],
    ["one that fails alone is never down", "GGG FGG FGG FGG FGG FGG", "up up regional regional regional regional"],
    ["different ones that fail alone are not regional", "GGG FGG GFG GGF", "up up up up"],
    ["regional becomes down", "GGG FGG +F-- FFF FFF", "up up regional regional down!"],
    [
      "down becomes regional, then up",
      "FFF FFF FGG FGG FGG GGG GGG GGG",
      "unknown down! down! down! regional regional regional up",
    ],
    ["regional recovers like down", "GGG FGG FGG GGG GGG GGG", "up up regional regional regional up"],
    ["a silent one is left out of the quorum", "GGG GG- GG- GG- FF- FF-", "up up up up up down!"],
    [
      "two silent: the last decides, having said so twice",
      "GGG G-- G-- G-- F-- G-- F-- F--",
      "up up up up up up regional down!",
    ],
    ["stale failures and nothing but good news are no second failure", "GGG FFF G--", "up up up"],
    ["the failing one falls silent", "GGG FGG FGG -GG -GG -GG", "up up regional regional regional up"],
    ["all of whom skip", "FFF FFF SSS SSS SSS", "unknown down! down! down! unknown"],
    ["one of whom is well and the others skip", "FFF FFF GSS SGS SSG", "unknown down! down! down! up"],
    ["a majority of whom still fails", "FFF FFF SFF SFF SFF SFF", "unknown down! down! down! down! down!"],
    ["a majority slow", "GGG DDG DDG", "up up degraded"],
    ["one slow", "GGG DGG DGG DGG", "up up up up"],
  ])("%s", (_, script, states) => {
    expect(new Rehearsal("abc").play(script)).toBe(states);
  });
});

describe("two vantages", () => {
  it.each([
    ["both must fail", "GG FG FG FF FF", "up up regional regional down!"],
    ["a tie never makes it up", "FG +G-", "unknown up"],
    ["a tie from the start is regional, never up", "FG FG", "unknown regional"],
    [
      "ties end an incident as regional once the other has recovered",
      "FF FF FG FG FG FG",
      "unknown down! down! down! regional regional",
    ],
    [
      "ties of changing sides do not end it",
      "FF FF FG GF FG GF FG GF",
      "unknown down! down! down! down! down! down! down!",
    ],
  ])("%s", (_, script, states) => {
    expect(new Rehearsal("ab").play(script)).toBe(states);
  });
});

it("is regional no longer once the one that failed alone is suspect, though nothing new was asked", () => {
  const probe = new Rehearsal("abc");
  expect(probe.play("GGG FGG FGG")).toBe("up up regional");
  expect(probe.play("---")).toBe("regional");
  probe.suspects.add("a");
  expect(probe.play("---")).toBe("up");
});

describe("four vantages", () => {
  it("do not leave an incident in the slot after they entered it", () => {
    const tied = new Rehearsal("abcd");
    expect(tied.play("GGGG FFFG GFFF GFFG GFFG GFFG")).toBe("up up down! down! down! regional");
  });
});

describe.each(["rotating", "single_writer"] as const)("turns, %s", (schedule) => {
  it.each([
    ["the others confirm at once", "G-- -F- +F-F", "up up down!"],
    ["the others do not confirm, turn after turn", "G-- -F- +G-G --G G-- -F- +G-G", "up up up up up regional regional"],
    ["one of the others confirms", "G-- -F- +F-G", "up up down!"],
    ["each one's turn counts without confirmations", "G-- -F- --F", "up up down!"],
    [
      "good turns in a row end it, the broken one's turn between",
      "F-- -F- --G F-- -G- --G F-- -G- --G F--",
      "unknown down! down! down! down! down! down! up up regional",
    ],
  ])("%s", (_, script, states) => {
    expect(new Rehearsal("abc", { schedule }).play(script)).toBe(states);
  });
});

describe("suspicion", () => {
  it("leaves a suspect's votes out, and starts its streak afresh", () => {
    const probe = new Rehearsal("abc");
    probe.play("GGG");
    probe.suspects.add("a");
    expect(probe.play("FGG FGG FFF FFF")).toBe("up up up down!");
    const healed = new Rehearsal("abc");
    healed.suspects.add("a");
    healed.play("FGG FGG FGG");
    healed.suspects.clear();
    expect(healed.play("GGG")).toBe("up");
  });

  it("makes a vantage start afresh even where it casts no vote", () => {
    const probe = new Rehearsal("abc");
    expect(probe.play("GGG FGG FGG")).toBe("up up regional");
    probe.suspects.add("a");
    expect(probe.play("-GG")).toBe("up");
    probe.suspects.clear();
    expect(probe.play("-GG")).toBe("up");
  });

  it("of all but one lets that one decide, having said so twice", () => {
    const probe = new Rehearsal("abc");
    probe.suspects = new Set(["b", "c"]);
    expect(probe.play("GFF FGG GGG FGG +FGG")).toBe("up up up regional down!");
  });

  it("of all knows nothing", () => {
    const probe = new Rehearsal("ab");
    probe.play("GG");
    probe.suspects = new Set(["a", "b"]);
    expect(probe.play("GG")).toBe("unknown");
  });
});

it("judges an upload that found its blob there as healthy, but not as recovered", () => {
  const probe = new Rehearsal("a", { schedule: "single_writer" });
  probe.play("F F");
  for (let i = 0; i < 5; i++) {
    probe.slot += MINUTE;
    probe.judge(
      probe.runs("G", 0).map((run) => ({ ...run, recovers: false as const })),
      0,
    );
  }
  expect(probe.verdict).toMatchObject({ state: "down", incidentOpen: true });
  expect(probe.play("G G G")).toBe("down! down! up");
});

it("does not let such uploads end what one vantage alone sees failing", () => {
  const probe = new Rehearsal("abc");
  probe.play("GGG FGG FGG");
  for (let i = 0; i < 5; i++) {
    probe.slot += MINUTE;
    probe.judge(
      probe.runs("GGG", 0).map((run) => ({ ...run, recovers: false as const })),
      0,
    );
  }
  expect(probe.verdict.state).toBe("regional");
  expect(probe.play("GGG GGG GGG")).toBe("regional regional up");
});

it.each([
  ["a", "G F", "G", "F", "up"],
  ["abc", "GGG FGG", "GGG", "FGG", "up"],
])("counts such uploads of %s as good runs between failures", (vantages, before, between, after, state) => {
  const probe = new Rehearsal(vantages);
  probe.play(before);
  for (let i = 0; i < 3; i++) {
    probe.slot += MINUTE;
    probe.judge(
      probe.runs(between, 0).map((run) => ({ ...run, recovers: false as const })),
      0,
    );
  }
  expect(probe.play(after)).toBe(state);
});

it("does not let skips that prove nothing end an incident", () => {
  const probe = new Rehearsal("a");
  probe.play("F F");
  for (let i = 0; i < 5; i++) {
    probe.slot += MINUTE;
    probe.judge(
      probe.runs("S", 0).map((run) => ({ ...run, recovers: false as const })),
      0,
    );
  }
  expect(probe.verdict.incidentOpen).toBe(true);
});

it("believes nothing of what the target does not offer, and closes its incident", () => {
  const probe = new Rehearsal("ab", { schedule: "rotating" });
  probe.play("F- -F");
  expect(probe.verdict.incidentOpen).toBe(true);
  probe.slot += MINUTE;
  const { change } = probe.judge(probe.runs("S-", 0), 0, probe.slot, "not offered");
  expect(change).toMatchObject({ to: "unknown", incident: "closed", closedAs: "not offered" });
  expect(probe.verdict).toMatchObject({ incidentOpen: false, skipped: true, ring: 0 });
  expect(probe.vantageStates.map(({ vote, failing, inIncident }) => ({ vote, failing, inIncident }))).toEqual([
    { vote: undefined, failing: false, inIncident: false },
    { vote: undefined, failing: false, inIncident: false },
  ]);
  probe.judge(probe.runs("FF", 1), 1, probe.slot, "not offered");
  expect(probe.verdict).toMatchObject({ state: "unknown", incidentOpen: false, ring: 0 });
});

it("names the reason that most of the failing vantages give", () => {
  const probe = new Rehearsal("abc");
  const reasons = ["timeout", "edge", "edge"] as const;
  probe.next("GGG");
  probe.slot += MINUTE;
  const runs = probe.runs("FFF", 0).map((run, i) => ({ ...run, failure: failure(reasons[i] ?? "dns", false) }));
  expect(probe.judge(runs, 0).why.reason).toBe("edge");
});

it("takes a vantage's runs in the order they were asked for", () => {
  const [first] = new Rehearsal("a").runs("F", 0);
  const [second] = new Rehearsal("a").runs("G", 1);
  if (first === undefined || second === undefined) expect.fail("two runs");
  const inOrder = [first, second].map((run) => ({ slot: run.slot, attempt: run.attempt }));
  expect(newVotes([], [second, first, second])).toMatchObject(inOrder);
  expect(latestVotes([], [second, first])).toMatchObject([{ attempt: 1, outcome: "ok" }]);
  expect(newVotes([{ ...newVantageState("a"), vote: { ...first, outcome: "failed" } }], [second, first])).toHaveLength(
    1,
  );
});

it("says that a probe is skipped, and forgets it with the first vote", () => {
  const probe = new Rehearsal("a");
  probe.play("S S S S");
  expect(probe.verdict).toMatchObject({ state: "unknown", skipped: true });
  probe.next("G");
  expect(probe.verdict).toMatchObject({ state: "up", skipped: false });
  probe.play("- - -");
  expect(probe.verdict).toMatchObject({ state: "unknown", skipped: false });
});

it("expires a vote two and a half intervals after its slot, to the millisecond", () => {
  const probe = new Rehearsal("a");
  probe.next("G");
  const { slot } = probe;
  expect(probe.judge([], 0, slot + 2.5 * MINUTE).verdict.state).toBe("up");
  expect(probe.judge([], 0, slot + 2.5 * MINUTE + 1).verdict).toMatchObject({
    state: "unknown",
    since: slot + 2.5 * MINUTE + 1,
  });
});

it("begins nothing on good news, not even where thresholds have been lowered since", () => {
  const patient = { thresholds: { failures: 3, outOf: 3, recoveries: 3 } };
  for (const bad of ["D", "F"]) {
    const probe = new Rehearsal("a", patient);
    probe.play(`G ${bad} ${bad}`);
    const lowered = Object.assign(new Rehearsal("a"), { ...probe, thresholds: DEFAULTS });
    expect(lowered.play("G")).toBe("up");
  }
});

it("answers with what it rests on", () => {
  const probe = new Rehearsal("abc", { thresholds: DEFAULTS });
  probe.play("GGG");
  probe.suspects.add("c");
  const first = probe.next("F--");
  expect(first.change).toBeUndefined();
  expect(first.why).toEqual({
    majority: "split",
    voters: ["a", "b"],
    quorum: 2,
    failing: ["a"],
    reason: "timeout",
    silent: [],
    suspect: ["c"],
    regional: [],
    failures: 0,
    goodInRow: 2,
  });
  probe.next("FF-");
  expect(probe.confirm("FF-")).toMatchObject({
    change: { from: "up", to: "down", incident: "opened", vantages: ["a", "b"], reason: "timeout" },
    why: { majority: "failing", failures: 2, regional: [] },
  });
});

it("says how the state changes where no incident begins or ends, and nothing where it stays", () => {
  const probe = new Rehearsal("a", { thresholds: DEFAULTS });
  const seen = "GGDDGGG".split("").map((run) => {
    const { change } = probe.next(run);
    return change === undefined ? undefined : `${change.from} ${change.to} ${change.incident ?? "no incident"}`;
  });
  const rest = "unknown up no incident, , , up degraded no incident, , , degraded up no incident";
  expect(seen.map((one) => one ?? "").join(", ")).toBe(rest);
});

describe("whether the newest evaluation only found that the server is not there", () => {
  const runsOf = (probe: Rehearsal, ...causes: (Failure | undefined)[]) =>
    causes.map((cause, i) => ({
      vantage: probe.vantages[i] as string,
      slot: probe.slot,
      attempt: 0,
      outcome: cause === undefined ? ("ok" as const) : ("failed" as const),
      ...(cause === undefined ? {} : { failure: cause }),
    }));
  const [gone, silent, wrong] = [failure("connect", false), failure("timeout", false), failure("corrupt", true)];

  it.each<[what: string, causes: (Failure | undefined)[], expected: boolean]>([
    ["all say so", [gone, silent, gone], true],
    ["the majority says so", [gone, gone, undefined], true],
    ["one also says something else", [gone, gone, wrong], false],
    ["one alone says so", [gone, undefined, undefined], false],
    ["all is well", [undefined, undefined, undefined], false],
  ])("%s", (_, causes, expected) => {
    const probe = new Rehearsal("abc");
    probe.play("GGG FFF");
    probe.slot += MINUTE;
    expect(probe.judge(runsOf(probe, ...causes), 0).verdict.unreachable).toBe(expected);
  });

  it("stays as it was where nothing new is found", () => {
    const probe = new Rehearsal("abc");
    probe.judge(runsOf(probe, gone, gone, gone), 0);
    expect(probe.next("---").verdict.unreachable).toBe(true);
    expect(probe.next("BBB").verdict.unreachable).toBe(true);
    expect(probe.next("GGG").verdict.unreachable).toBe(false);
    expect(probe.next("---").verdict.unreachable).toBe(false);
  });
});
