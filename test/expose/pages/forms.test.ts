import { describe, expect, it } from "vitest";
import { silenceLink } from "../../../functions/notify/message/links.ts";
import { ADMIN, ORIGIN, READER } from "../api/api-world.ts";
import { DOWN, down, MINUTE, NOW, page, TYPED, world } from "./pages-world.ts";

describe("/silences/new", () => {
  const path = "/silences/new";

  it("is filled in by a message's link, without a token", async () => {
    const { alerting, ask } = world();
    const link = silenceLink(ORIGIN, { alertname: 'A "b"', target: "cas-eu" }) as string;
    const response = await ask(`${link.slice(ORIGIN.length)}&author=ada&duration=1d`);
    const { areas, values, tags } = await page(response);
    expect([response.status, areas]).toEqual([200, ['alertname="A \\"b\\""\ntarget="cas-eu"', ""]]);
    expect(response.headers.get("content-security-policy")).toContain("form-action 'self'");
    expect(values).toContainEqual(["value", "ada"]);
    expect(tags.filter((tag) => tag === "option value selected")).toHaveLength(1);
    expect(alerting.calls).toBe(0);
  });

  it("is for the alert's name and target where all of its labels are too much for a link, and else not linked", () => {
    const labels = { alertname: "A", target: "cas-eu", team: "x".repeat(3_000) };
    expect(silenceLink(ORIGIN, labels)).toBe(silenceLink(ORIGIN, { alertname: "A", target: "cas-eu" }));
    expect(silenceLink(ORIGIN, { alertname: "A", target: "x".repeat(3_000) })).toBeUndefined();
  });

  it("silences what was typed, and shows it", async () => {
    const { alerting, post } = world();
    down(alerting);
    const response = await post(path, TYPED);
    const { text } = await page(response);
    const [silence] = [...alerting.stored.values()];
    expect(response.status).toBe(200);
    expect(silence).toEqual({
      id: expect.any(String),
      matchers: [
        { name: "target", op: "=", value: "cas-eu" },
        { name: "alertname", op: "=~", value: "Zako.*" },
      ],
      startsAt: NOW,
      endsAt: NOW + 240 * MINUTE,
      author: "ada",
      reason: "It is moved.\nSlowly.",
      maintenance: true,
    });
    for (const words of ["It matches 1 firing alert.", "2026-11-22 07:00:00 UTC", `silence expire ${silence?.id}`])
      expect(text).toContain(words);
  });

  it("says when it matches no firing alert", async () => {
    const { alerting, post } = world();
    const { maintenance: _, ...rest } = TYPED;
    expect((await page(await post(path, rest))).text).toContain("It matches no firing alert.");
    expect([...alerting.stored.values()][0]?.maintenance).toBe(false);
  });

  it.each([
    [{ token: "nope" }, 401, "Admin token: It is not the value of ADMIN_TOKEN."],
    [{ token: READER }, 401, "Admin token: It is not the value of ADMIN_TOKEN."],
    [{ token: "" }, 401, "Admin token: It is empty."],
    [{ matchers: "target" }, 400, "Matchers: Cannot read a matcher"],
    [{ matchers: "" }, 400, "Matchers: No matcher given"],
    [{ matchers: 'a=~"(b{1,100}){100}"' }, 400, "counted repeats expand to more than 1000 steps"],
    [{ duration: "5x" }, 400, 'Duration: "5x" is not a duration.'],
    [{ duration: "0s" }, 400, "Duration: 2026-11-22 03:00:00 UTC is in the past"],
    [{ author: "" }, 400, "Your name: It is empty."],
    [{ reason: " " }, 400, "Reason: It is empty."],
  ])("keeps what was typed where %j is wrong", async (over, status, words) => {
    const { alerting, post } = world();
    const typed = { ...TYPED, ...over };
    const response = await post(path, typed);
    const { text, areas, values, tags } = await page(response);
    expect([response.status, text]).toEqual([status, expect.stringContaining(words)]);
    expect(areas).toEqual([typed.matchers, typed.reason]);
    const kept = values.filter(([name]) => name === "value").map(([, value]) => value);
    expect(kept).toEqual(expect.arrayContaining([typed.author, typed.duration]));
    expect(tags).toContain("input type name checked");
    expect(JSON.stringify([text, values])).not.toContain(typed.token || "no token");
    expect(alerting.stored.size).toBe(0);
  });

  it("says everything that is wrong at once", async () => {
    const { text } = await page(await world().post(path, { matchers: "{" }));
    for (const field of ["Admin token: ", "Matchers: ", "Your name: ", "Reason: "]) expect(text).toContain(field);
  });

  it("is closed where the secret is not set, and says how to set it", async () => {
    const { post } = world({ adminToken: () => undefined });
    const response = await post(path, { ...TYPED, token: "undefined" });
    const { text } = await page(response);
    expect([response.status, text]).toEqual([401, expect.stringContaining('"wrangler secret put ADMIN_TOKEN"')]);
  });

  it("loses nothing when the Alerter does not answer", async () => {
    const { alerting, post, reported } = world();
    alerting.broken = new Error("gone");
    const response = await post(path, TYPED);
    const { text, areas } = await page(response);
    expect([response.status, areas]).toEqual([503, [TYPED.matchers, TYPED.reason]]);
    expect(text).toContain("the change may or may not have been made");
    expect(reported).toEqual([alerting.broken]);
  });

  it.each([
    ["application/json", "{}", 415],
    ["multipart/form-data; boundary=x", "--x--", 415],
    ["application/x-www-form-urlencoded", `reason=${"x".repeat(70_000)}`, 413],
  ])("reads no %s of %#", async (type, body, status) => {
    const response = await world().ask(path, { method: "POST", body, headers: { "content-type": type } });
    expect([response.status, await response.json()]).toEqual([status, { error: expect.stringMatching(/^[A-Z].*\.$/) }]);
  });

  it.each(["PUT", "DELETE", "OPTIONS"])("does not answer %s", async (method) => {
    const response = await world().ask(path, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
  });
});

describe("/alerts/acknowledge", () => {
  const path = "/alerts/acknowledge";
  const typed = { author: "bob", comment: "I look\r\ntoo", token: ADMIN };

  it("is linked beside unacknowledged alerts, and acknowledges them", async () => {
    const { alerting, ask, post } = world({ local: true });
    const { fingerprint } = alerting.fire(DOWN);
    const { values } = await page(await ask("/alerts"));
    const link = values.find(([name, value]) => name === "href" && value.startsWith(path))?.[1] as string;
    const form = await page(await ask(link));
    expect(form.values).toContainEqual(["value", fingerprint]);
    const response = await post(path, { ...typed, fingerprint });
    const { text } = await page(response);
    expect([response.status, text]).toEqual([200, expect.stringContaining("Acknowledged by bob")]);
    expect(alerting.kept[0]?.acknowledgement).toEqual({ by: "bob", at: NOW, comment: "I look\ntoo" });
    expect((await ask("/alerts").then(page)).values.some(([, value]) => value.startsWith(path))).toBe(false);
    expect((await page(await post(path, { ...typed, author: "eve", fingerprint }))).text).toContain("by bob");
  });

  it.each([
    [{ token: "nope" }, 401, "Admin token: It is not the value of ADMIN_TOKEN."],
    [{ token: READER }, 401, "Admin token: It is not the value of ADMIN_TOKEN."],
    [{ fingerprint: "<b>" }, 400, 'fingerprint: "<b>" is not a fingerprint.'],
    [{ author: " " }, 400, "author: It is empty."],
    [{ comment: "x".repeat(1_001) }, 400, "comment: "],
    [{ fingerprint: "0123456789abcdef" }, 404, "Alert 0123456789abcdef not found."],
    [{ fingerprint: "fedcba9876543210" }, 409, "resolved at 2026-11-22 02:59:00 UTC"],
  ])("keeps what was typed where %j is wrong", async (over, status, words) => {
    const { alerting, post } = world();
    const { fingerprint } = alerting.fire(DOWN);
    alerting.fire({ alertname: "ZakoProbeDown" }, { fingerprint: "fedcba9876543210", resolvedAt: NOW - MINUTE });
    const all = { ...typed, fingerprint, ...over };
    const response = await post(path, all);
    const { text, areas, values } = await page(response);
    expect([response.status, text]).toEqual([status, expect.stringContaining(words)]);
    expect(areas).toEqual([all.comment]);
    const kept = values.filter(([name]) => name === "value").map(([, value]) => value);
    expect(kept).toEqual([all.fingerprint, all.author]);
    expect(alerting.kept.some(({ acknowledgement }) => acknowledgement !== undefined)).toBe(false);
  });

  it("loses nothing when the Alerter does not answer", async () => {
    const { alerting, post, reported } = world();
    alerting.broken = new Error("gone");
    const response = await post(path, { ...typed, fingerprint: "0123456789abcdef" });
    expect([response.status, (await page(response)).areas]).toEqual([503, [typed.comment]]);
    expect(reported).toEqual([alerting.broken]);
  });
});
