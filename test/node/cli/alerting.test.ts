import { statSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { connect } from "../../../functions/cli/alerting/connection.ts";
import { localRunFile, localRuns, removeLocalRun, writeLocalRun } from "../../../functions/cli/local-run.ts";
import { api, DOWN, goDown, MINUTE, NOW, run, TOKEN, useApi } from "./alerting-world.ts";

useApi();

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
    expect(out.match(/^\w+(?= ZakoTest)/gm)).toEqual(["odd", "critical", "warning", "info"]);
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

  it("list shows what the Alerter ended itself, and why", async () => {
    const matchers = [{ name: "a", op: "=~", value: "(" }] as const;
    const one = { author: "ada", reason: "a move", maintenance: false, startsAt: NOW, endsAt: NOW + MINUTE };
    const why = { expiredAt: NOW, expiredReason: 'Cannot use "(" as a regular expression: it is not closed.' };
    api.alerting.stored.set("ended", { id: "ended", matchers, ...one, ...why });
    expect((await run(["silence", "list"])).out).toBe(
      [
        'over: a=~"("',
        "  by ada: a move",
        "  ended 2026-11-22 03:00:00 UTC (under 1 s ago)",
        '  ended by the Alerter: Cannot use "(" as a regular expression: it is not closed.',
        "  id ended",
      ].join("\n"),
    );
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

describe("a wrong command line is told, and nothing is asked", () => {
  it.each([
    [["alerts", "list", "--urk", "x"], '"--urk" is not an option; did you mean "--url"?'],
    [
      ["alerts", "list", "--url", "nowhere"],
      '"nowhere" is not a URL of an installation; give one such as https://watch.example',
    ],
    [["alerts", "list", "--url", "https://a:b@c"], "is not a URL of an installation"],
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

describe("the local run of this checkout", () => {
  const port = () => Number(new URL(api.url).port);
  const { pid } = process;

  it("is found by who runs commands in the same folder, and read by nobody else", async () => {
    writeLocalRun({ port: port(), pid, statePath: "state", adminToken: "old" });
    writeLocalRun({ port: port(), pid, statePath: "state", adminToken: TOKEN });
    try {
      expect(statSync(localRunFile(port())).mode & 0o777).toBe(0o600);
      expect((await run(["alerts", "list"], { ADMIN_TOKEN: "" })).code).toBe(0);
      expect((await run(["alerts", "list"], { ADMIN_TOKEN: "", ZAKO_WATCH_URL: "" })).code).toBe(0);
      expect((await run(["alerts", "list"], { ADMIN_TOKEN: "nope" })).code).toBe(1);
    } finally {
      removeLocalRun(port());
    }
    expect((await run(["alerts", "list"], { ADMIN_TOKEN: "" })).code).toBe(1);
  });

  it("is forgotten with its token once its process is gone", () => {
    writeLocalRun({ port: 1, pid, statePath: "state", adminToken: TOKEN });
    expect(localRuns(() => false)).toEqual([]);
    expect(() => statSync(localRunFile(1))).toThrow(/ENOENT/);
  });

  it("must be named where several run", () => {
    const runs = [1001, 1002].map((at) => ({ port: at, pid, statePath: "state", adminToken: TOKEN }));
    expect(connect(undefined, {}, runs)).toEqual({
      ok: false,
      why: "Several local runs are up: http://127.0.0.1:1001, http://127.0.0.1:1002. Choose one with --url, such as --url http://127.0.0.1:1001.",
    });
    expect(connect("http://127.0.0.1:1002", {}, runs)).toMatchObject({ ok: true, connection: { token: TOKEN } });
  });
});
