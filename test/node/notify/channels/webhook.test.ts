import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { deliver } from "../../../../functions/notify/delivery/deliver.ts";
import { alertOf, messageOf } from "../../../notify/any-message.ts";
import { SECRETS, sampleEndpoint } from "../../../notify/channels/sample-endpoints.ts";
import { scriptedReceiver } from "../../../notify/channels/scripted-receiver.ts";

/** Delivers by webhook now, and gives back what arrived. */
async function arrived(signing_secrets: readonly string[], id: string, secrets = SECRETS) {
  const receiver = scriptedReceiver([{}], { status: 200, text: "" });
  const endpoint = sampleEndpoint("webhook", { url: "https://hooks.example/a", signing_secrets });
  const delivery = await deliver(messageOf([alertOf({ target: "cas-eu", note: "ünï 𝕏" })], { id }), endpoint, {
    secret: (name) => secrets[name],
    binding: () => undefined,
    fetch: receiver.fetch,
    // The library compares with the real clock and allows five minutes.
    now: () => Date.now(),
    local: false,
    report: () => undefined,
  });
  const [request] = receiver.received;
  return { delivery, text: request?.text ?? "", headers: Object.fromEntries(request?.headers ?? []) };
}

const key = (name: string): string => SECRETS[name] ?? "";

it("signs so that the Standard Webhooks library verifies it, with either key during a rotation", async () => {
  const { text, headers } = await arrived(["HOOK_KEY", "HOOK_KEY_OLD"], "m-1");
  expect(headers["webhook-signature"]?.split(" ")).toHaveLength(2);
  for (const name of ["HOOK_KEY", "HOOK_KEY_OLD"])
    expect(new Webhook(key(name)).verify(text, headers)).toMatchObject({ version: "4", status: "firing" });
  const other = new Webhook(`whsec_${btoa("another key of twenty-four bytes or more")}`);
  expect(() => other.verify(text, headers)).toThrow("No matching signature found");
  expect(() => new Webhook(key("HOOK_KEY")).verify(`${text} `, headers)).toThrow("No matching signature found");
});

it("gives every try of a message the same id, without a dot whatever the message's own id is", async () => {
  for (const id of ["m-1", "group.with.dots/and\r\nmore", "ü", "", "x".repeat(5_000)]) {
    const [first, second] = [await arrived(["HOOK_KEY"], id), await arrived(["HOOK_KEY"], id)];
    expect(first.headers["webhook-id"]).toBe(second.headers["webhook-id"]);
    expect(first.headers["webhook-id"]).toMatch(/^[A-Za-z0-9_-]{1,200}$/);
    expect(() => new Webhook(key("HOOK_KEY")).verify(first.text, first.headers)).not.toThrow();
  }
});

it("sends nothing with a key that is none", async () => {
  for (const bad of ["plain", "whsec_", "whsec_!!!", `whsec_${btoa("short")}`, `whsec_${btoa("x".repeat(65))}`]) {
    const { delivery, text } = await arrived(["HOOK_KEY"], "m-1", { HOOK_KEY: bad });
    expect(delivery).toMatchObject({ kind: "failed", retryable: false, reason: "secret_missing" });
    expect(JSON.stringify(delivery)).not.toContain(bad.replace("whsec_", "") || "unseen");
    expect(text).toBe("");
  }
});

it("is not signed where no key is named, and still has its id", async () => {
  const { headers } = await arrived([], "m-1");
  expect(headers["webhook-signature"]).toBeUndefined();
  expect(headers["webhook-id"]).toBe("m-1");
});
