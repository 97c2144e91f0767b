import type { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { notifiedOf } from "../../../functions/cli/backtest/alerts-fired.ts";
import { type Backtest, backtest } from "../../../functions/cli/backtest/backtest.ts";
import { report } from "../../../functions/cli/backtest/report.ts";
import { CATALOGUE } from "../../../functions/config/rules/catalogue.ts";
import { HOUR_MS } from "../../../functions/lib/time-units.ts";
import type { Rule } from "../../../functions/model/alerting/rule.ts";
import type { Config } from "../../../functions/model/config.ts";
import { DEFAULT_NOTIFY } from "../../../functions/notify/policy/default-notify.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { replayPages } from "../../../functions/store/history/history-replay.ts";
import { configOf, type Fate, live, MINUTE, START, shipped } from "./backtest-world.ts";

const CONFIG = configOf("targets: [{ name: cas-eu, cas: https://cas.eu.example }]\n");
const TO = START + 240 * MINUTE;

/** Every third download of half an hour fails, and is well when it is confirmed: no incident opens. */
const flaky: Fate = ({ probe, slot, attempt }) => {
  const minute = (slot - START) / MINUTE;
  const isBad = probe === "transport.download" && attempt === 0 && minute >= 60 && minute < 90 && minute % 3 === 0;
  return isBad ? { outcome: "failed", durationMs: 5_000 } : undefined;
};
const history = (): DatabaseSync => shipped(live(CONFIG, 240, flaky, () => false));

function replay(database: DatabaseSync, next: Config, present = CONFIG): Backtest {
  const ask = (statements: readonly string[]) => statements.map((sql) => database.prepare(sql).all());
  const common = { kinds: PROBE_KINDS, from: START, to: TO, target: undefined, onProgress: () => {} };
  return backtest({ ask, next, present, ...common });
}

/** The catalogue with some rules changed; `undefined` takes one away. */
const withRules = (changes: Record<string, Partial<Rule> | undefined>): Config => ({
  ...CONFIG,
  rules: CATALOGUE.flatMap((rule) =>
    rule.name in changes ? (changes[rule.name] === undefined ? [] : [{ ...rule, ...changes[rule.name] }]) : [rule],
  ),
});
const DOWNLOADS = "ZakoTransportDownloadFailures";
const named = (done: Backtest, name: string) =>
  done.next.filter(({ alert }) => alert.labels["alertname"] === name).map(({ alert }) => alert);

describe("changed rules", () => {
  it("fire later where they wait longer, and are compared with the present ones", () => {
    const done = replay(history(), withRules({ [DOWNLOADS]: { forMs: 10 * MINUTE, severity: "critical" } }));
    const [now] = named(replay(history(), CONFIG), DOWNLOADS);
    const [then] = named(done, DOWNLOADS);
    // The second failure is more than a tenth of a quarter of an hour.
    expect(now?.pendingAt).toBe(START + 63 * MINUTE);
    expect(now).toMatchObject({
      firedAt: now?.pendingAt,
      description: expect.stringMatching(
        /^[\d.]+% of the downloads from cas-eu failed within 15 minutes, outside incidents\.$/,
      ),
    });
    expect(then).toMatchObject({ pendingAt: now?.pendingAt, firedAt: (now?.firedAt ?? 0) + 10 * MINUTE });
    const text = report({ file: "new", against: "old", from: START, to: TO, next: CONFIG, present: CONFIG }, done);
    expect(text).toMatch(
      / {2}critical +none +[\d.]+ +ZakoTransportDownloadFailures cas-eu +fires 10m later, critical, was warning\n/,
    );
    expect(done.missed.filter(({ labels }) => labels["alertname"] === DOWNLOADS)).toEqual([]);
  });

  it("that are gone are missed, and those that are new page more", () => {
    const gone = replay(history(), withRules({ [DOWNLOADS]: undefined }));
    expect(gone.missed.map(({ labels }) => labels["alertname"])).toEqual([DOWNLOADS]);
    const more = replay(history(), CONFIG, withRules({ [DOWNLOADS]: undefined }));
    const fresh = more.next.filter(({ counterparts }) => counterparts.length === 0);
    expect(fresh.map(({ alert }) => alert.labels["alertname"])).toEqual([DOWNLOADS]);
  });

  it("that Prometheus pages for are judged as well", () => {
    const done = replay(history(), withRules({ [DOWNLOADS]: { pager: "prometheus" } }));
    const [alert] = named(done, DOWNLOADS);
    expect(alert?.labels["pager"]).toBe("prometheus");
    expect(alert && notifiedOf(alert, CONFIG)).toEqual(["Prometheus"]);
    expect(done.missed).toEqual([]);
  });

  it("that history cannot judge are named among the first things that are said", () => {
    const next = withRules({ ZakoCasMissingRatioHigh: { forMs: MINUTE } });
    const done = replay(history(), next);
    expect(done.changedNotJudged).toEqual(["ZakoCasMissingRatioHigh"]);
    expect(report({ file: "new", against: "old", from: START, to: TO, next, present: CONFIG }, done)).toContain(
      "\n  ZakoCasMissingRatioHigh is changed in new but cannot be evaluated from history\n",
    );
  });

  it("name the receivers of the routes", () => {
    const { policy } = DEFAULT_NOTIFY;
    const receiver = {
      ...policy.route,
      key: "{}/x",
      receiver: "night",
      matchers: [{ name: "severity", op: "=" as const, value: "critical" }],
    };
    const notify = {
      ...DEFAULT_NOTIFY,
      policy: { ...policy, route: { ...policy.route, routes: [receiver] } },
      receivers: [
        ...DEFAULT_NOTIFY.receivers,
        { name: "night", endpoints: [{ channel: "webhook", options: {}, sendResolved: true }] },
      ],
    };
    const [alert] = replay(history(), CONFIG).next.map((one) => one.alert);
    if (alert === undefined) throw new Error("Nothing fired.");
    const notifiedAs = (severity: string) =>
      notifiedOf({ ...alert, labels: { ...alert.labels, severity } }, { notify });
    expect([notifiedAs("critical"), notifiedAs("warning")]).toEqual([["night"], []]);
  });
});

describe("what history has no more", () => {
  it("is counted: samples that are gone, and those that cannot be read", () => {
    const database = history();
    database.exec(`UPDATE history SET samples = NULL WHERE hour = ${START / 1000 + 3600}`);
    database.exec(`UPDATE history SET samples = x'ff00' WHERE hour = ${START / 1000 + 2 * 3600}`);
    const { limits, replayed, next } = replay(database, CONFIG);
    expect(limits).toEqual(
      expect.arrayContaining([
        "cas-eu: only rollups are left of 1 hour; their samples are older than `retention.samples_days`",
        "1 row of samples could not be read: they are damaged, or of another version",
        expect.stringMatching(/^120 slots missed in 1 stretch, the longest 120 from 2026-11-20 01:00:00 UTC; /),
      ]),
    );
    expect([replayed.unreadable, next]).toEqual([1, []]);
  });

  it("is read in pages of bounded size, each of whole hours", () => {
    const hours = [3, 4, 9, 2, 1].map((sizeBytes, i) => ({ hour: i * HOUR_MS, sizeBytes }));
    expect(replayPages(hours, 7).map(({ from, to }) => [from / HOUR_MS, to / HOUR_MS])).toEqual([
      [0, 2],
      [2, 3],
      [3, 5],
    ]);
    expect(replayPages([], 7)).toEqual([]);
  });
});
