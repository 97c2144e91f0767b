import { describe, expect, it } from "vitest";
import { ADMIN, asking, portsWith } from "./api-world.ts";
import { MemoryAlerting } from "./memory-alerting.ts";

describe("calls that are none", () => {
  const ask = asking(portsWith({ alerting: new MemoryAlerting() }));
  const authorization = `Bearer ${ADMIN}`;

  it.each([
    [
      "GET",
      "/watch.v1.AlertingService/StartDrill?connect=v1&encoding=json&message=%7B%7D",
      405,
      /^Method not allowed\. Use POST/,
    ],
    ["PUT", "/watch.v1.AlertingService/ListAlerts", 405, /^Method not allowed\. Use POST, GET, HEAD/],
    ["POST", "/watch.v1.AlertingService/ListAlerts", 415, /^Send application\/json/],
    ["POST", "/watch.v1.AlertingService/Nothing", 404, /^Method not found/],
    ["GET", "/watch.v1.SilenceService/", 404, /^Method not found/],
    ["POST", "/watch.v1.OtherService/ListAlerts", 404, /^Page not found/],
  ])("%s %s answers %d", async (method, path, status, message) => {
    const response = await ask(path, { method, headers: { authorization, "content-type": "text/plain" } });
    expect([response.status, await response.json()]).toEqual([status, { error: expect.stringMatching(message) }]);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("bytes that are no message are the sender's mistake, and not ours", async () => {
    const path = "/watch.v1.SilenceService/ListSilences";
    const headers = { authorization: `Bearer ${ADMIN}`, "content-type": "application/proto" };
    const garbage = new TextEncoder().encode('{"labels":{}}');
    const answers = [
      await ask(path, { method: "POST", headers, body: garbage }),
      await ask(`${path}?connect=v1&encoding=proto&base64=1&message=eyJsYWJlbHMi`, { headers }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({
        code: "invalid_argument",
        message: "The body is not a valid request of this method. See proto/watch/v1/alerting.proto.",
      });
    }
  });

  it("nothing of an answer is kept on the way", async () => {
    const path = "/watch.v1.AlertingService/ListAlerts?connect=v1&encoding=json&message=%7B%7D";
    const response = await ask(path, { headers: { authorization } });
    expect([response.status, response.headers.get("cache-control"), await response.json()]).toEqual([
      200,
      "no-store",
      {},
    ]);
  });
});
