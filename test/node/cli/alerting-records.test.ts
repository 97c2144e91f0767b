import { describe, expect, it, vi } from "vitest";
import { api, MINUTE, NOW, run, useApi } from "./alerting-world.ts";

useApi();

it("incidents lists when targets were down", async () => {
  expect((await run(["incidents"])).out).toBe("no incidents at URL");
  const cause = { alertname: "ZakoTargetDown", severity: "critical", summary: "It is down.", at: NOW };
  api.alerting.opened.push(
    { id: "2", target: "cas-eu", state: "down" as const, openedAt: NOW - 5 * MINUTE, causes: [cause] },
    {
      id: "1",
      target: "a",
      state: "down" as const,
      openedAt: NOW - 90 * MINUTE,
      closedAt: NOW - 80 * MINUTE,
      causes: [],
      acknowledgedBy: "ada",
    },
  );
  expect((await run(["incidents"])).out).toBe(
    [
      "target  down since               for     state     acknowledged by  first alert",
      "cas-eu  2026-11-22 02:55:00 UTC  5 min   ongoing   -                It is down.",
      "a       2026-11-22 01:30:00 UTC  10 min  resolved  ada",
    ].join("\n"),
  );
  expect((await run(["incidents", "cas-eu", "--open"])).out.split("\n")).toHaveLength(2);
});

it("uptime shows the uptime of targets", async () => {
  expect((await run(["uptime"])).out).toBe("target  uptime     downtime  measured\ncas-eu  100.000 %  0 s       1 d");
  const openedAt = NOW - 90 * MINUTE;
  const closedAt = openedAt + 72 * MINUTE;
  api.alerting.opened.push({ id: "1", target: "cas-eu", state: "down", openedAt, closedAt, causes: [] });
  expect((await run(["uptime", "cas-eu"])).out).toContain("95.000 %  1 h 12 min  1 d");
  expect(await run(["uptime", "nobody"])).toMatchObject({ code: 1, out: '"nobody" is not a target at URL' });
});

it("dead-letters lists messages that could not be delivered", async () => {
  expect((await run(["dead-letters"])).out).toBe("no dead letters at URL");
  api.alerting.dead.push({
    id: "1",
    receiver: "team",
    channel: "slack",
    groupKey: "{}",
    status: "firing",
    reason: "first notification",
    critical: true,
    alerts: 2,
    names: ["ZakoTargetDown cas-eu"],
    createdAt: NOW,
    at: NOW - MINUTE,
    tries: 3,
    failure: "gone",
    why: "it answered 410",
  });
  expect((await run(["dead-letters"])).out.split("\n")[1]).toBe(
    "2026-11-22 02:59:00 UTC (1 min ago)  team by slack  critical ZakoTargetDown cas-eu and more  3      gone: it answered 410",
  );
});

describe("route test", () => {
  const labels = "alertname=ZakoTargetDown,target=cas-eu";
  const test = (...words: string[]) => run(["route", "test", "--labels", labels, "--config", "watch.yaml", ...words]);

  it("shows which receivers would be notified, from the file alone", async () => {
    const { code, out, err } = await test("--at", "2026-11-22T02:00:00Z");
    expect([code, err, out]).toEqual([
      0,
      "",
      [
        "alertname=ZakoTargetDown pager=edge severity=critical target=cas-eu",
        "starting at 2026-11-22 02:00:00 UTC",
        "",
        "no receiver is notified",
        "",
        "not notified  by          why",
        "default       no channel  the receiver has no channel",
      ].join("\n"),
    ]);
    expect(api.alerting.calls).toBe(0);
  });

  it("takes labels as given, and other firing alerts into account", async () => {
    const slow = ["route", "test", "--labels", "alertname=ZakoTargetDegraded,target=cas-eu", "--config"];
    slow.push("schemas/examples/alerts.yaml", "--at", "2026-11-24T12:00:00Z");
    expect((await run(slow)).out).toMatch(/severity=warning.*\n.*\n\n.*\nslack .*after 30 s/);
    expect((await run([...slow, "--firing", labels])).out).toMatch(
      /no receiver is notified\n\nnot notified.*\n.*inhibited by ZakoTargetDown/,
    );
    expect((await test("--labels", `${labels},severity=info`)).out).toContain("severity=info");
  });

  it("asks the installation for its silences on request", async () => {
    await run(["silence", "add", "target=cas-eu", "--for", "2h", "--reason", "a move"]);
    const [id] = [...api.alerting.stored.keys()];
    const { out } = await test("--silences", "--url", api.url);
    expect(out).toMatch(
      new RegExp(
        `no receiver is notified\n\nnot notified.*\ndefault.*silenced by ${id}, until 2026-11-22 05:00:00 UTC`,
      ),
    );
    expect((await test("--silences", "--at", "+3h")).out).not.toContain("silenced");
  });

  it("warns of names that the file does not have", async () => {
    const { code, err } = await run([
      "route",
      "test",
      "--labels",
      "alertname=ZakoTargetDwn,target=cas-e",
      "--config",
      "watch.yaml",
    ]);
    expect([code, err]).toEqual([
      0,
      'warning: watch.yaml has no rule "ZakoTargetDwn"; did you mean "ZakoTargetDown"?\nwarning: watch.yaml has no target "cas-e"; did you mean "cas-eu"?',
    ]);
  });

  describe("at a time", () => {
    const DOWN = "alertname=ZakoTargetDown,target=cas-eu";
    const SLOW = "alertname=ZakoTargetDegraded,target=cas-eu";
    const asked = async (of: string, at: string): Promise<string[]> => {
      const words = [
        "route",
        "test",
        "--labels",
        of,
        "--at",
        at,
        "--config",
        "test/fixtures/config/right-route-test.yaml",
      ];
      const { code, out } = await run(words);
      expect(code).toBe(0);
      return out
        .split("\n")
        .slice(3)
        .map((line) => line.replaceAll(/ {2,}/g, "  ").trim());
    };

    it.each<[what: string, labels: string, at: string, notified: string[], others: string[]]>([
      [
        "an outage",
        DOWN,
        "2026-11-24T12:00:00Z",
        ["oncall  pagerduty  at once  {}"],
        ["colleague  email  escalates at 2026-11-24 12:15:00 UTC if still firing"],
      ],
      [
        "an outage in maintenance, in winter",
        DOWN,
        "2026-11-22T01:00:00Z",
        [],
        [
          "oncall  pagerduty  in the maintenance window weekly-reboot, until 2026-11-22 03:00:00 UTC",
          "colleague  email  in the maintenance window weekly-reboot, until 2026-11-22 03:00:00 UTC",
        ],
      ],
      [
        "its last hour when clocks go back",
        DOWN,
        "2026-10-25T02:59:59Z",
        [],
        [
          "oncall  pagerduty  in the maintenance window weekly-reboot, until 2026-10-25 03:00:00 UTC",
          "colleague  email  in the maintenance window weekly-reboot, until 2026-10-25 03:00:00 UTC",
        ],
      ],
      ["office hours", SLOW, "2026-11-24T08:00:00Z", ['chat  slack  after 30 s  {}/{severity="warning"}'], []],
      [
        "a weekend",
        SLOW,
        "2026-11-21T12:00:00Z",
        [],
        ["chat  slack  outside the active interval office-hours of its route, until 2026-11-23 08:00:00 UTC"],
      ],
      [
        "what nobody hears of",
        "alertname=ZakoTargetDown,target=sandbox",
        "2026-11-24T12:00:00Z",
        [],
        ["blackhole  no channel  the receiver has no channel"],
      ],
    ])("says who is notified of %s, whatever time it is now", async (_what, of, at, notified, others) => {
      const expected = [
        ...(notified.length === 0 ? ["no receiver is notified"] : ["notified  by  when  route", ...notified]),
        ...(others.length === 0 ? [] : ["", "not notified  by  why", ...others]),
      ];
      expect(await asked(of, at)).toEqual(expected);
      vi.setSystemTime(NOW + 100 * 86_400_000);
      expect(await asked(of, at)).toEqual(expected);
    });
  });

  it("says what is wrong with the file", async () => {
    const { code, err } = await run(["route", "test", "--labels", labels, "--config", "nowhere.yaml"]);
    expect([code, err]).toEqual([1, expect.stringContaining("file not found")]);
  });
});
