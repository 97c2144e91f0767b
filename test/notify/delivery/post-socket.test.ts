import { afterEach, expect, inject, it } from "vitest";
import { deliver } from "../../../functions/notify/delivery/deliver.ts";
import { RECEIVER_KEY } from "../../receiver/receiver-key.ts";
import { alertOf, messageOf } from "../any-message.ts";
import { sampleEndpoint } from "../channels/sample-endpoints.ts";

const receiver = inject("receiver");

/** A try over a real socket; Slack's address is its secret. */
function deliverTo(url: string, signal?: AbortSignal, endpoint = sampleEndpoint("slack")) {
  return deliver(messageOf([alertOf({ target: "cas-eu" })]), endpoint, {
    secret: (name) => ({ HOOK_KEY: RECEIVER_KEY, PAGERDUTY_KEY: "p".repeat(32) })[name] ?? url,
    binding: () => undefined,
    fetch,
    now: () => Date.now(),
    local: true,
    report: (trace) => expect(trace).toBe("no bug"),
    ...(signal === undefined ? {} : { signal }),
  });
}

const entries = async (): Promise<{ channel: string; problems: string[]; repeat: boolean }[]> =>
  (await fetch(`${receiver}/messages`)).json();

afterEach(async () => {
  await fetch(`${receiver}/messages`, { method: "DELETE" }).then((response) => response.text());
});

it("knows what may have arrived by what the connection took, over a real socket", async () => {
  const routeAlert = `${receiver}/services/T0/B0/x`;
  expect(await deliverTo(routeAlert)).toEqual({ kind: "delivered" });
  expect(await entries()).toHaveLength(1);
  // Nothing listens on port 1.
  expect(await deliverTo("http://127.0.0.1:1/")).toMatchObject({ kind: "failed", retryable: true, reason: "connect" });
  expect(await deliverTo("http://name.invalid/")).toMatchObject({ kind: "failed", retryable: true, reason: "connect" });
  for (const fail of ["reset", "garbage"])
    expect(await deliverTo(`${routeAlert}?fail=${fail}`), fail).toMatchObject({ kind: "uncertain", reason: "connect" });
  for (const fail of ["cut", "endless"])
    expect(await deliverTo(`${routeAlert}?fail=${fail}`), fail).toMatchObject({
      kind: "uncertain",
      reason: "bad_answer",
    });
  expect(await deliverTo(`${routeAlert}?fail=redirect`)).toMatchObject({ kind: "failed", reason: "redirect" });
  expect(await deliverTo(`${routeAlert}?fail=503`)).toMatchObject({
    kind: "failed",
    retryable: true,
    reason: "server_error",
  });
  expect(await entries()).toHaveLength(5);
});

it("ends with the caller's signal where the receiver hangs", async () => {
  const leaving = new AbortController();
  const delivery = deliverTo(`${receiver}/services/T0/B0/x?fail=hang`, leaving.signal);
  while ((await entries()).length === 0);
  leaving.abort();
  expect(await delivery).toMatchObject({ kind: "uncertain", reason: "timeout" });
});

it("reaches receivers that check every post strictly, and knows them again", async () => {
  const endpoints = [
    sampleEndpoint("email", {
      from: "w@example.com",
      to: ["a@example.com"],
      api_key: "K",
      api_url: `${receiver}/emails`,
    }),
    sampleEndpoint("pagerduty", { routing_key: "PAGERDUTY_KEY", events_url: `${receiver}/v2/enqueue` }),
    sampleEndpoint("webhook", { url: `${receiver}/webhook`, signing_secrets: ["HOOK_KEY"] }),
  ];
  for (const endpoint of [...endpoints, ...endpoints])
    expect(await deliverTo("key", undefined, endpoint), endpoint.channel).toMatchObject({ kind: "delivered" });
  const seen = (await entries()).map(({ channel, problems, repeat }) => [channel, problems, repeat]);
  const first = endpoints.map(({ channel }) => [channel, [], false]);
  // PagerDuty knows the incident, not the event.
  expect(seen).toEqual([...first, ...endpoints.map(({ channel }) => [channel, [], channel !== "pagerduty"])]);
  const incidents = (await (await fetch(`${receiver}/incidents`)).json()) as unknown[];
  expect(incidents).toMatchObject([{ state: "triggered", severity: "critical", events: 2 }]);
});
