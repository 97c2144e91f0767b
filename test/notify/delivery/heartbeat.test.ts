import { expect, it } from "vitest";
import { sendHeartbeat } from "../../../functions/notify/delivery/heartbeat.ts";

const URL_OF_IT = "https://heartbeat.example/ping/secret";

/** Sends one heartbeat; `answer` is what its receiver does. */
async function beat(answer: () => Promise<Response>, url: string | null = URL_OF_IT, local = false) {
  const calls: { url: string; init: RequestInit | undefined }[] = [];
  const taken = await sendHeartbeat("BEAT_URL", {
    secret: (name) => (name === "BEAT_URL" && url !== null ? url : undefined),
    binding: () => undefined,
    fetch: async (input, init) => {
      calls.push({ url: String(input), init });
      return answer();
    },
    now: () => 0,
    local,
    signal: new AbortController().signal,
  });
  return { taken, calls };
}

const status = (code: number) => async (): Promise<Response> => new Response(null, { status: code });

it("posts to the URL behind the secret, and follows nothing", async () => {
  const { taken, calls } = await beat(status(200));
  expect(taken).toBe(true);
  expect(calls).toMatchObject([{ url: URL_OF_IT, init: { method: "POST", redirect: "manual" } }]);
});

it.each([
  [200, true],
  [204, true],
  [299, true],
  [300, false],
  [301, false],
  [404, false],
  [500, false],
])("an answer of %i means taken: %s", async (code, expected) => {
  expect((await beat(status(code))).taken).toBe(expected);
});

it("is not taken where its secret is not bound, or is no https URL", async () => {
  expect(await beat(status(200), null)).toEqual({ taken: false, calls: [] });
  expect(await beat(status(200), "http://heartbeat.example/")).toEqual({ taken: false, calls: [] });
  expect((await beat(status(200), "http://heartbeat.example/", true)).taken).toBe(true);
});

it("is not taken where nobody answers", async () => {
  expect((await beat(() => Promise.reject(new Error("Network connection lost.")))).taken).toBe(false);
});
