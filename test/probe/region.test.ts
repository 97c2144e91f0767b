import { env } from "cloudflare:workers";
import { afterEach, expect, inject, it } from "vitest";
import { reset } from "../zako-control.ts";
import { lineOf, livedIn, targetOf, taskOf } from "./tasks.ts";

afterEach(() => reset(inject("zakoControl")));

it("runs a batch in a Durable Object of its own and keeps nothing", async () => {
  const prober = env.REGION_PROBER.getByName("weur-0");
  const memory = await livedIn();
  const tasks = ["transport.upload", "health"].map((kind) => taskOf(kind, { memory, vantage: "weur" }));
  const { samples, lost } = await prober.run({ tasks, installation: "test", timeoutMs: 20_000 });
  expect(samples.map(lineOf).sort()).toEqual(["ok: check ok", "ok: upload ok, present ok, download ok"]);
  expect(lost).toEqual([]);
});

it("finds secrets among its own bindings, and takes no other binding for one", async () => {
  const prober = env.REGION_PROBER.getByName("weur-0");
  const tasks = ["DB", "NEVER_BOUND"].map((secret) =>
    taskOf("health", { target: targetOf({ name: secret, headers: [{ header: "x", secret }] }) }),
  );
  const { samples } = await prober.run({ tasks, installation: "test", timeoutMs: 20_000 });
  expect(samples.map(lineOf)).toEqual(["skipped secret_missing: ", "skipped secret_missing: "]);
});
