import { statSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { adminTokenFile, leaveAdminToken, removeAdminToken } from "../../../functions/cli/admin-token.ts";
import { ack } from "../../../functions/cli/alerting/ack.ts";
import { alertsDrill } from "../../../functions/cli/alerting/alerts-drill.ts";
import { alertsList } from "../../../functions/cli/alerting/alerts-list.ts";
import { deadLetters } from "../../../functions/cli/alerting/dead-letters.ts";
import { incidents } from "../../../functions/cli/alerting/incidents.ts";
import { routeTestCommand } from "../../../functions/cli/alerting/route-test.ts";
import { silenceAdd } from "../../../functions/cli/alerting/silence-add.ts";
import { silenceExpire } from "../../../functions/cli/alerting/silence-expire.ts";
import { silenceList } from "../../../functions/cli/alerting/silence-list.ts";
import { uptime } from "../../../functions/cli/alerting/uptime.ts";
import { dispatch } from "../../../functions/cli/dispatch.ts";
import { DEFAULT_NOTIFY } from "../../../functions/notify/default-notify.ts";
import { PROBE_KINDS } from "../../../functions/probe/registry.ts";
import { type ApiServer, startApi } from "./api-server.ts";

const COMMANDS = [
  alertsList,
  alertsDrill,
  ack,
  silenceAdd,
  silenceList,
  silenceExpire,
  incidents,
  uptime,
  deadLetters,
  routeTestCommand,
];
const TOKEN = "token-of-the-cli-tests";
const NOW = Date.UTC(2026, 10, 22, 3);
const MINUTE = 60_000;
const endpoint = { channel: "slack", options: {}, sendResolved: true };
const notified = { ...DEFAULT_NOTIFY, receivers: [{ name: "default", endpoints: [endpoint] }] };

let api: ApiServer;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  api = await startApi(TOKEN, notified);
});
afterEach(async () => {
  vi.useRealTimers();
  await api.close();
});

/** Runs a command line, its words as they stand. Answers with all that a person would see. */
async function run(
  words: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await dispatch(words, COMMANDS, {
    kinds: PROBE_KINDS,
    env: { ADMIN_TOKEN: TOKEN, ZAKO_WATCH_URL: api.url, USER: "ada", ...env },
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
  });
  const plain = (lines: string[]): string => lines.join("\n").replaceAll(api.url, "URL");
  return { code, out: plain(out), err: plain(err) };
}

const DOWN = { alertname: "ZakoTargetDown", severity: "critical", target: "cas-eu", pager: "edge" };

const goDown = () =>
  api.alerting.fire(DOWN, {
    startsAt: NOW - 5 * MINUTE,
    annotations: {
      summary: "A Zako target is down.",
      description: "A probe\u001b[31m fails.",
      vantages: "weur (1 of 2)",
    },
    told: ["team"],
    held: [{ receiver: "boss", why: "its escalation step is not due yet", until: NOW + 10 * MINUTE }],
  });

describe("alerts", () => {
  it("list says that nothing fires, and where", async () => {
    expect(await run(["alerts", "list"])).toEqual({ code: 0, out: "nothing fires at URL", err: "" });
    const { out } = await run(["alerts", "list", "target=cas-eu"]);
    expect(out).toBe("nothing matching target=cas-eu fires at URL");
  });

  it("list shows what fires in words, and nothing that moves the cursor", async () => {
    const { fingerprint } = goDown();
    const { code, out, err } = await run(["alerts", "list", 'target="cas-eu"', "severity=~crit.*"]);
    expect([code, err, out]).toEqual([
      0,
      "",
      [
        '1 alert matching target="cas-eu", severity=~crit.* fires at URL',
        "",
        "critical ZakoTargetDown target=cas-eu",
        "  A Zako target is down. A probe [31m fails.",
        "  seen from: weur (1 of 2)",
        "  since 2026-11-22 02:55:00 UTC (5 min ago)",
        "  told: team",
        "  not told now: boss: its escalation step is not due yet, until 2026-11-22 03:10:00 UTC",
        `  fingerprint ${fingerprint}`,
      ].join("\n"),
    ]);
  });

  it("list shows the worst first", async () => {
    for (const severity of ["odd", "info", "warning", "critical"])
      api.alerting.fire({ alertname: "ZakoTest", severity });
    const { out } = await run(["alerts", "list"]);
    expect(out.match(/^\w+(?= ZakoTest)/gm)).toEqual(["critical", "warning", "info", "odd"]);
  });

  it("list --ended shows those too that are over", async () => {
    api.alerting.fire(DOWN, { startsAt: NOW - MINUTE, resolvedAt: NOW - 30_000 });
    expect((await run(["alerts", "list"])).out).toBe("nothing fires at URL");
    expect((await run(["alerts", "list", "--ended"])).out).toContain("ended 2026-11-22 02:59:30 UTC (30 s ago)");
  });

  it("drill says who will be told", async () => {
    const { code, out } = await run(["alerts", "drill", "--labels", 'target=cas-eu,note="a,b"', "--author", "bob"]);
    expect([code, out]).toEqual([0, expect.stringContaining("told, at once or after their wait: default\n")]);
    expect(out).toContain('info ZakoDrill drill=0 note="a,b" target=cas-eu\n  This is a drill. bob tests.');
    expect(api.alerting.kept[0]?.labels).toMatchObject({ note: "a,b", target: "cas-eu" });
  });

  it("ack takes an alert on, and says who was first", async () => {
    const { fingerprint } = goDown();
    expect((await run(["ack", fingerprint, "--comment", "on it"])).out).toBe(
      "ZakoTargetDown of cas-eu is acknowledged by ada: on it",
    );
    expect((await run(["ack", fingerprint, "--author", "bob"])).out).toContain("acknowledged by ada");
    const { code, err } = await run(["ack", "0123456789abcdef"]);
    expect([code, err]).toEqual([1, expect.stringMatching(/^No alert 0123456789abcdef is known\./)]);
  });
});

describe("silence", () => {
  const add = (...words: string[]) => run(["silence", "add", "target=cas-eu", "--reason", "a move", ...words]);

  it("add, list and expire say what is muted and until when", async () => {
    goDown();
    const { code, out, err } = await run([
      "silence",
      "add",
      "target=cas-eu",
      'alertname=~"Zako.*"',
      "--for",
      "2h",
      "--reason",
      "a move",
      "--maintenance",
    ]);
    const [id = ""] = [...api.alerting.stored.keys()];
    const words = [
      'in force: target="cas-eu", alertname=~"Zako.*"',
      "  by ada: a move",
      "  until 2026-11-22 05:00:00 UTC (in 2 h)",
      "  planned work: left out of uptime",
      `  id ${id}`,
    ].join("\n");
    expect([code, err, out]).toEqual([
      0,
      "",
      `${words}\nit matches 1 that fire now; to end it: npm run cli -- silence expire ${id}`,
    ]);
    expect((await run(["silence", "list"])).out).toBe(words);
    vi.setSystemTime(NOW + MINUTE);
    expect((await run(["silence", "expire", id])).out).toContain("over: ");
    expect((await run(["silence", "list"])).out).toBe("nothing is silenced at URL");
    expect((await run(["silence", "list", "--all"])).out).toContain("ended 2026-11-22 03:01:00 UTC");
    expect(await run(["silence", "expire", "nope"])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^There is no silence "nope"/),
    });
  });

  it("add can begin later, and end at a time", async () => {
    const { out } = await add("--at", "+1h", "--for", "30m");
    expect(out).toContain("to come: ");
    expect(out).toContain("from 2026-11-22 04:00:00 UTC (in 1 h)");
    expect(out).toContain("until 2026-11-22 04:30:00 UTC");
    expect((await add("--until", "2026-11-22T06:00:00+02:00")).out).toContain("until 2026-11-22 04:00:00 UTC");
    expect((await add("--for", "1h")).out).toContain("nothing that fires now matches it");
  });

  it("add prints what the service says is wrong", async () => {
    expect(await run(["silence", "add", "target=~.*", "--for", "0s", "--reason", "x"])).toEqual({
      code: 1,
      out: "",
      err: expect.stringMatching(
        /^matchers: .* matches alerts that have none.*\nends_at: 2026-11-22 03:00:00 UTC has passed/,
      ),
    });
    expect(api.alerting.stored.size).toBe(0);
  });
});

it("incidents shows when targets were down", async () => {
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
      "target  down since               for     now      acknowledged by  first cause",
      "cas-eu  2026-11-22 02:55:00 UTC  5 min   goes on  nobody           It is down.",
      "a       2026-11-22 01:30:00 UTC  10 min  over     ada",
    ].join("\n"),
  );
  expect((await run(["incidents", "cas-eu", "--open"])).out.split("\n")).toHaveLength(2);
});

it("uptime shows how much of the time targets were not down", async () => {
  expect((await run(["uptime"])).out).toBe("target  up         down for  of\ncas-eu  100.000 %  never     1 d");
  const openedAt = NOW - 90 * MINUTE;
  const closedAt = openedAt + 72 * MINUTE;
  api.alerting.opened.push({ id: "1", target: "cas-eu", state: "down", openedAt, closedAt, causes: [] });
  expect((await run(["uptime", "cas-eu"])).out).toContain("95.000 %  1 h 12 min  1 d");
  expect(await run(["uptime", "nobody"])).toMatchObject({ code: 1, out: 'no target "nobody" at URL' });
});

it("dead-letters shows what reached nobody", async () => {
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

  it("says who would be told, from the file alone", async () => {
    const { code, out, err } = await test("--at", "2026-11-22T02:00:00Z");
    expect([code, err, out]).toEqual([
      0,
      "",
      [
        "alertname=ZakoTargetDown pager=edge severity=critical target=cas-eu",
        "beginning at 2026-11-22 02:00:00 UTC",
        "",
        "told     by                                when     route",
        "default  no channel, so it reaches nobody  at once  {}",
      ].join("\n"),
    ]);
    expect(api.alerting.calls).toBe(0);
  });

  it("takes labels as they are said, and what fires meanwhile into account", async () => {
    const slow = ["route", "test", "--labels", "alertname=ZakoTargetDegraded,target=cas-eu", "--config", "watch.yaml"];
    expect((await run(slow)).out).toMatch(/severity=warning.*\n.*\n\n.*\ndefault .*after 30 s/);
    expect((await run([...slow, "--firing", labels])).out).toMatch(
      /nobody is told\n\nnot told.*\n.*muted while ZakoTargetDown fires/,
    );
    expect((await test("--labels", `${labels},severity=info`)).out).toContain("severity=info");
  });

  it("asks the installation for its silences where that is wanted", async () => {
    await run(["silence", "add", "target=cas-eu", "--for", "2h", "--reason", "a move"]);
    const [id] = [...api.alerting.stored.keys()];
    const { out } = await test("--silences", "--url", api.url);
    expect(out).toMatch(
      new RegExp(`nobody is told\n\nnot told.*\ndefault.*silenced by ${id}, until 2026-11-22 05:00:00 UTC`),
    );
    expect((await test("--silences", "--at", "+3h")).out).toContain("at once");
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

  it("says what is wrong with the file", async () => {
    const { code, err } = await run(["route", "test", "--labels", labels, "--config", "nowhere.yaml"]);
    expect([code, err]).toEqual([1, expect.stringContaining("there is no such file")]);
  });
});

describe("a wrong command line is told, and nothing is asked", () => {
  it.each([
    [["alerts", "list", "--urk", "x"], '"--urk" is not an option; did you mean "--url"?'],
    [["alerts", "list", "--url", "nowhere"], '"nowhere" is no address; give one such as https://watch.example'],
    [["alerts", "list", "--url", "https://a:b@c"], "is no address"],
    [["alerts", "drill", "--labels", "a!=b"], "a!= compares, and a label is said with ="],
    [["alerts", "drill", "x"], '"x" is too much'],
    [["ack"], "the fingerprint is missing; alerts list shows it"],
    [["ack", "a", "b"], "2 were given, but one fingerprint is the most"],
    [["silence", "add", "--for", "2h", "--reason", "x"], "no matcher was given"],
    [["silence", "add", "a=b", "--reason", "x"], "give --for, or else --until"],
    [["silence", "add", "a=b", "--for", "1h", "--until", "+1h", "--reason", "x"], "give --for, or else --until"],
    [["silence", "add", "a=b", "--for", "soon", "--reason", "x"], '--for "soon" is no length of time'],
    [["silence", "add", "a=b", "--until", "tomorrow", "--reason", "x"], '--until "tomorrow" is no time'],
    [["silence", "add", "a=b", "--for", "2h"], "--reason is missing"],
    [["silence", "add", "a=b", "--for"], "--for"],
    [["silence", "expire"], "the id is missing; silence list shows it"],
    [["silence", "list", "x"], '"x" is too much'],
    [["dead-letters", "x"], '"x" is too much'],
    [["route", "test"], "--labels is missing"],
    [["route", "test", "--labels", "{"], "--labels: Cannot read a matcher"],
    [["route", "test", "--labels", "a=b", "--url", "http://x"], "--url goes with --silences"],
  ])("%j", async (words, message) => {
    const { code, out, err } = await run(words);
    expect([code, out, err]).toEqual([2, "", expect.stringContaining(message)]);
    expect(err).toContain("; call it as: npm run cli -- ");
    expect(api.alerting.calls).toBe(0);
  });
});

describe("what is in the way of a call is said", () => {
  it("a wrong token", async () => {
    const { code, err } = await run(["alerts", "list"], { ADMIN_TOKEN: "nope" });
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^URL refuses the admin token\. .* from ADMIN_TOKEN in the environment\.$/),
    ]);
  });

  it("no token, here and elsewhere", async () => {
    const here = await run(["alerts", "list"], { ADMIN_TOKEN: "" });
    expect([here.code, here.err]).toEqual([
      1,
      expect.stringMatching(/^No admin token for URL: no "npm start" of this folder/),
    ]);
    const there = await run(["alerts", "list", "--url", "https://watch.example"], { ADMIN_TOKEN: "" });
    expect([there.code, there.err]).toEqual([
      1,
      expect.stringMatching(/^No admin token for https:\/\/watch\.example\. Set ADMIN_TOKEN/),
    ]);
  });

  it("http to another machine", async () => {
    const { code, err } = await run(["alerts", "list", "--url", "http://watch.example/"]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^The admin token is not sent to http:\/\/watch\.example: .* Use https\.$/),
    ]);
  });

  it("nobody there", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const { code, err } = await run(["alerts", "list", "--url", `http://127.0.0.1:${port}`]);
    expect([code, err]).toEqual([1, expect.stringMatching(/^Cannot reach http:.* \(ECONNREFUSED\)\. Is it running\?/)]);
  });

  it("somebody else there", async () => {
    const { code, err } = await run(["alerts", "list", "--url", `${api.url}/other/`]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^URL\/other does not answer as zako-watch does \(HTTP 404\)/),
    ]);
  });
});

describe("the admin token of a local run", () => {
  const port = () => Number(new URL(api.url).port);

  it("is found by who runs commands in the same folder, and read by nobody else", async () => {
    leaveAdminToken(port(), "old");
    leaveAdminToken(port(), TOKEN);
    try {
      expect(statSync(adminTokenFile(port())).mode & 0o777).toBe(0o600);
      expect((await run(["alerts", "list"], { ADMIN_TOKEN: "" })).code).toBe(0);
      expect((await run(["alerts", "list"], { ADMIN_TOKEN: "nope" })).code).toBe(1);
    } finally {
      removeAdminToken(port());
    }
    expect((await run(["alerts", "list"], { ADMIN_TOKEN: "" })).code).toBe(1);
  });
});
