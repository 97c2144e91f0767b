import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Blake3 } from "../../functions/lib/blake3.ts";
import { bugTrace } from "../../functions/lib/bug-trace.ts";
import { toHex } from "../../functions/lib/hex.ts";
import { reasons } from "../../functions/model/probing/failure.ts";
import { EMPTY_MEMORY, type TargetMemory } from "../../functions/model/probing/memory.ts";
import { type Protocol, protocols } from "../../functions/model/probing/protocol.ts";
import { remember } from "../../functions/model/probing/remember.ts";
import type { Sample } from "../../functions/model/probing/sample.ts";
import { countSample } from "../../functions/monitor/tick/count-sample.ts";
import { describeTick } from "../../functions/monitor/tick/describe-tick.ts";
import { allFamilies, wantedSeries } from "../../functions/monitor/tick/wanted-series.ts";
import { PROBE_KINDS } from "../../functions/probe/kinds/registry.ts";
import { runTask } from "../../functions/probe/run.ts";
import { canaryContent } from "../../functions/probe/zako/canary-content.ts";
import { storedSample } from "../../functions/store/history/sample-block.ts";
import { SeriesTable } from "../../functions/store/series/series-table.ts";
import { blake3 } from "../blake3.ts";
import { config, KINDS } from "../monitor/world.ts";
import { type Script, scriptedFetch } from "../probe/scripted-fetch.ts";
import { planOf, SLOT, taskOf } from "../probe/tasks.ts";
import { packSamples } from "../store/history/pack-samples.ts";
import { Cases } from "./cases.ts";
import { anyDamage, type Damage, damage } from "./damage.ts";
import { HonestZako, SERVER_WORDS, type WireAnswer } from "./honest-zako.ts";

const cases = new Cases();

/** What becomes of one answer on its way. */
interface Fate {
  damage: Damage[];
  /** The four bytes of a frame's length, overwritten. */
  length: { at: number; bytes: number } | undefined;
  status: number | undefined;
  headers: Record<string, string | null>;
  chunkBytes: number;
  after: NonNullable<Script["after"]>;
  thrown: Error | undefined;
}

const anyStatus = fc.oneof(
  fc.constantFrom(200, 204, 301, 304, 400, 404, 408, 415, 429, 464, 500, 502, 503, 504, 505, 520, 522, 525, 530),
  fc.integer({ min: 200, max: 599 }),
);
const types = [
  "application/proto",
  "application/connect+proto",
  "application/grpc-web+proto",
  "application/grpc-web",
  "application/grpc",
  "application/json",
  "text/html",
  "",
  SERVER_WORDS,
];
const odd = fc.oneof(
  fc.constantFrom("0", "1", "-1", "16", "99999999999", "1e9", "NaN", "", "gzip", "br", "cloudflare", SERVER_WORDS),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 20 }),
);
const names = ["grpc-status", "grpc-message", "content-length", "content-encoding", "server", "location", "trailer"];
const anyHeaders: fc.Arbitrary<Record<string, string | null>> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.constantFrom(...types).map((type) => ({ "content-type": type })) },
  { weight: 2, arbitrary: fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: 3 }) },
  { weight: 1, arbitrary: fc.constant({ "content-type": null }) },
);
const anyThrown = fc.constantFrom(
  new Error(`Network connection lost. ${SERVER_WORDS}`),
  new TypeError(SERVER_WORDS),
  new TypeError(SERVER_WORDS, { cause: new Error(SERVER_WORDS) }),
  new Error(`Too many subrequests. ${SERVER_WORDS}`),
);
const anyFate: fc.Arbitrary<Fate> = fc.record({
  damage: fc.array(anyDamage, { maxLength: 2 }),
  length: fc.option(
    fc.record({
      at: fc.nat(40),
      bytes: fc.oneof(fc.constantFrom(0, 1, 65_536, 0x7fffffff, 0xffffffff), fc.nat(5_000)),
    }),
    { nil: undefined, freq: 2 },
  ),
  status: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: anyStatus }),
  headers: anyHeaders,
  chunkBytes: fc.constantFrom(1, 3, 7, 64, 1_000, 100_000),
  after: fc.oneof(
    { weight: 40, arbitrary: fc.constant("end" as const) },
    { weight: 4, arbitrary: fc.constant("error" as const) },
    { weight: 3, arbitrary: fc.constant("repeat" as const) },
    { weight: 1, arbitrary: fc.constant("hang" as const) },
  ),
  thrown: fc.oneof({ weight: 20, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: anyThrown }),
});
const untouched: Fate = {
  damage: [],
  length: undefined,
  status: undefined,
  headers: {},
  chunkBytes: 1_000,
  after: "end",
  thrown: undefined,
};

/** Statuses that a Response cannot have a body with. */
const BODILESS = [101, 204, 205, 304];

function scriptOf({ status, headers, body }: WireAnswer, fate: Fate): Script | Error {
  if (fate.thrown !== undefined) return fate.thrown;
  let bytes = body.slice();
  if (fate.length !== undefined && bytes.length >= 5) {
    const at = fate.length.at % 2 === 0 ? 1 : fate.length.at % (bytes.length - 4);
    new DataView(bytes.buffer).setUint32(at, fate.length.bytes);
  }
  for (const one of fate.damage) bytes = damage(bytes, one);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += fate.chunkBytes) chunks.push(bytes.subarray(at, at + fate.chunkBytes));
  const changed = Object.entries({ ...headers, ...fate.headers });
  // HTTP itself ends a body where its Content-Length does.
  const endless = chunks.length > 0 && fate.headers["content-length"] === undefined;
  const given = fate.status ?? status;
  return {
    status: given,
    headers: Object.fromEntries(changed.filter((entry): entry is [string, string] => entry[1] !== null)),
    after: fate.after === "repeat" && !endless ? "end" : fate.after,
    error: new Error(SERVER_WORDS),
    ...(BODILESS.includes(given) ? {} : { chunks }),
  };
}

const OLD = canaryContent("test", "zako", "transport.upload", SLOT / 600_000 - 1, 4_096);
const OLDER = canaryContent("test", "zako", "transport.journey", SLOT / 1_800_000 - 8, 4_096);

const MEMORY: TargetMemory = {
  ...EMPTY_MEMORY,
  token: "a-token-of-before",
  canaries: [
    { probe: "transport.journey", period: SLOT / 1_800_000 - 8, at: SLOT - 14_400_000, content: OLDER },
    { probe: "transport.upload", period: SLOT / 600_000 - 1, at: SLOT - 600_000, content: OLD },
  ].map(({ probe, period, at, content }) => ({
    probe,
    period,
    sizeBytes: content.length,
    digest: toHex(blake3(content)),
    attemptedAt: at,
    attempts: 1,
    committedAt: at,
  })),
};

/** The kinds that get answers. */
const ASKING = PROBE_KINDS.filter(({ calls, options }) => calls(options.parse({})) > 0);
const FAMILIES = allFamilies(PROBE_KINDS);
const FAMILY_NAMES = new Set(FAMILIES.map(({ name }) => name));

/** All that a Monitor does with a sample must be possible with it. */
function use(sample: Sample, task: ReturnType<typeof taskOf>): void {
  const world = config([{ ...task.target, probes: [task.plan] }]);
  const table = new SeriesTable(FAMILIES);
  table.reconcile(wantedSeries(world, KINDS), SLOT);
  countSample(table, sample);
  packSamples([storedSample(sample)]);
  const { canaries, token } = remember(task.memory, sample.memory ?? {}, SLOT);
  expect(canaries.length).toBeLessThan(100);
  expect(token?.length ?? 0).toBeLessThan(5_000);
  const tick = { slot: SLOT, attempt: 0, missed: 0, all: false, uncounted: [] };
  expect(JSON.stringify(describeTick(tick, [sample], 0, 1))).not.toContain(SERVER_WORDS);
}

async function tryCase(protocol: Protocol, kindName: string, attempt: number, fates: readonly Fate[]): Promise<Sample> {
  const zako = new HonestZako(protocol, [OLD, OLDER]);
  let nth = 0;
  const scripted = scriptedFetch((request) => scriptOf(zako.answer(request), fates[nth++ % fates.length] as Fate));
  const task = taskOf(kindName, {
    plan: planOf(kindName, {}, { timeoutMs: 150 }),
    target: {
      ...taskOf(kindName).target,
      protocol,
      address: "127.0.0.1:9000",
      transportAuth: { header: "authorization", scheme: "Bearer" },
    },
    memory: MEMORY,
    attempt,
  });
  const bugs: string[] = [];
  const sample = await runTask(task, {
    installation: "test",
    secret: () => undefined,
    fetcher: () => undefined,
    newHash: () => new Blake3(),
    onBug: (place, error) => bugs.push(`${place}: ${bugTrace(error)}`),
    fetch: scripted.fetch,
  });
  expect(bugs).toEqual([]);
  // A body that is given up while it waits ends a turn later.
  if (scripted.openBodies() > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(scripted.openBodies()).toBe(0);
  expect(scripted.bytesGiven()).toBeLessThan(8 * 200_000);

  const kind = PROBE_KINDS.find((one) => one.kind === kindName);
  const failures = [sample.failure, ...sample.steps.map(({ failure }) => failure)].filter((one) => one !== undefined);
  for (const { reason } of failures) expect(reasons).toContain(reason);
  for (const { name } of sample.steps) expect(kind?.steps).toContain(name);
  for (const { family } of sample.observations) expect(FAMILY_NAMES).toContain(family);
  const { memory: _, ...shown } = sample;
  // A server's own words travel apart from ours, and hold no token.
  const ours = JSON.stringify(shown, (key, value: unknown) => (key === "said" ? undefined : value));
  expect(ours).not.toMatch(/words-of-the-server|a-token-of-before|zako\.test/);
  expect(JSON.stringify(shown)).not.toContain("a-token-of-before");
  expect(JSON.stringify(sample).length).toBeLessThan(16_384);
  use(sample, task);
  return sample;
}

describe.each(protocols)("over %s", (protocol) => {
  it("nothing is wrong with answers that nobody touched, so that the others are nearly right", async () => {
    for (const { kind } of ASKING) expect((await tryCase(protocol, kind, 0, [untouched])).outcome, kind).toBe("ok");
  });

  it("whatever bytes, headers and endings come, a run has a reason, shows none of it, and leaves no body open", async () => {
    const kindName = fc.constantFrom(...ASKING.map(({ kind }) => kind));
    const fates = fc.array(
      fc.oneof({ weight: 1, arbitrary: fc.constant(untouched) }, { weight: 2, arbitrary: anyFate }),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(kindName, fc.nat(1), fates, async (kind, attempt, tape) => {
        cases.count(`answers over ${protocol}`);
        const { outcome, failure } = await tryCase(protocol, kind, attempt, tape);
        const key = failure?.reason ?? outcome;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }),
      { numRuns: cases.runs(300) },
    );
    console.log(`fuzz over ${protocol} came to: ${[...seen].map(([key, count]) => `${key} ${count}`).join(", ")}`);
  });
});
