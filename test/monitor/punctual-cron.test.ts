import {
  createScheduledController,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { compileConfig } from "../../functions/config/compile.ts";
import { COMPILED_CONFIG } from "../../functions/config/compiled.ts";
import { printOverride } from "../../functions/config/override.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { OVERRIDE_KEY } from "../../functions/store/override-kv.ts";
import worker from "../../functions/worker.ts";

const MINUTE = 60_000;
/** A full hour, far in the future, so that no alarm fires by itself. */
const START = Date.UTC(2031, 0, 1);

/** One target with one probe: the deployed configuration asks for more. */
const document = {
  installation: COMPILED_CONFIG.installation,
  targets: [
    {
      name: "one",
      cas: "https://one.example",
      protocol: "grpc-web",
      probes: {
        ...Object.fromEntries(PROBE_KINDS.map(({ kind }) => [kind, false])),
        health: { interval: "1m", timeout: "1s" },
      },
    },
  ],
};

/** `SERVING`, and the trailer of a call that went well. */
const SERVING = new Uint8Array([
  ...[0, 0, 0, 0, 2, 8, 1],
  ...[128, 0, 0, 0, 15, ...new TextEncoder().encode("grpc-status:0\r\n")],
]);

let now = START;
beforeEach(async () => {
  now = START;
  vi.spyOn(Date, "now").mockImplementation(() => now);
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(globalThis, "fetch").mockImplementation(
    async () => new Response(SERVING, { headers: { "content-type": "application/grpc-web+proto" } }),
  );
  const compiled = compileConfig(document, PROBE_KINDS, { local: COMPILED_CONFIG.local });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  const base = COMPILED_CONFIG.hash;
  await env.KV.put(OVERRIDE_KEY, printOverride({ version: 1, base, at: 1, document, hash: compiled.config.hash }));
});
afterEach(() => vi.restoreAllMocks());

const monitor = () => env.MONITOR.getByName("monitor:0");
const alarmOfMonitor = (): Promise<number> =>
  runInDurableObject(monitor(), async (_instance, { storage }) => (await storage.getAlarm()) ?? Number.NaN);

it("a cron that always comes before the alarm writes history all the same", async () => {
  let alarms = 0;
  for (let minute = START; minute < START + 100 * MINUTE; minute += MINUTE) {
    now = minute + 40;
    await worker.scheduled(createScheduledController({ scheduledTime: new Date(minute) }), env);
    for (; (await alarmOfMonitor()) < minute + MINUTE; alarms++) {
      now = await alarmOfMonitor();
      await runDurableObjectAlarm(monitor());
    }
    if (minute % (10 * MINUTE) === 0) await evictDurableObject(monitor());
  }
  const { results } = await env.DB.prepare("SELECT hour, slots, attempts, failures FROM history ORDER BY hour").all();
  expect(results.slice(0, 1)).toEqual([{ hour: START / 1000, slots: 60, attempts: 60, failures: 0 }]);
  expect(alarms).toBe(0);
});
