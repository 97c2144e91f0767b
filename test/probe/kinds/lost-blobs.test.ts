import { afterEach, describe, expect, inject, it } from "vitest";
import { runTask } from "../../../functions/probe/run.ts";
import { removeBlob, reset, setFault } from "../../zako-control.ts";
import { depsOf, lineOf, livedIn, planOf, taskOf } from "../tasks.ts";

const control = inject("zakoControl");
afterEach(() => reset(control));

/** What NegotiateBlobs and Download say of a stored blob, and the line of each probe that asks about it. */
const TABLE: readonly [what: string, prepare: (digest: string) => Promise<unknown>, negotiate: string][] = [
  ["both have it", async () => {}, "ok: present ok, absent ok"],
  [
    "only Negotiate misses it",
    () => setFault(control, "says-missing"),
    "failed missing_but_present: present missing_but_present, absent ok",
  ],
  ["neither has it", (digest) => removeBlob(control, digest), "failed lost: present lost, absent ok"],
  [
    "Negotiate misses it, and Download tells nothing",
    async () => {
      await setFault(control, "says-missing");
      await setFault(control, "unreadable");
    },
    "failed missing_but_present: present missing_but_present, absent ok",
  ],
  [
    "Negotiate misses it, and Download is out of reach",
    async () => {
      await setFault(control, "says-missing");
      await setFault(control, "reset", {}, { method: "transport.Download" });
    },
    "failed missing_but_present: present missing_but_present, absent ok",
  ],
];

describe.each(TABLE)("where %s", (what, prepare, negotiate) => {
  it("cas.negotiate says so", async () => {
    const memory = await livedIn();
    const digest = memory.canaries.at(-1)?.digest ?? "";
    await prepare(digest);
    const sample = await runTask(taskOf("cas.negotiate", { memory }), depsOf());
    expect(lineOf(sample)).toBe(negotiate);
    if (what.includes("tells nothing") || what.includes("out of reach"))
      expect(sample.failure?.message).toMatch(/Download does not tell/);
  });
});

it("tells a golden blob that is lost from a canary that is only reported missing", async () => {
  const memory = await livedIn();
  const golden = { digest: "ab".repeat(32), size_bytes: 100 };
  const plan = planOf("cas.negotiate");
  const target = { ...taskOf("cas.negotiate").target, probes: [planOf("transport.download", { golden })] };
  await setFault(control, "says-missing");
  const sample = await runTask(taskOf("cas.negotiate", { target, plan, memory }), depsOf());
  expect(lineOf(sample)).toBe("failed lost: present lost, absent ok");
  expect(sample.failure?.message).toMatch(/^2 of 2 stored blobs reported missing, .*; 1 of them can be downloaded/);
});

/** What a store that acknowledged an upload makes of it, by protocol: Connect cannot ask Negotiate over HTTP/1.1. */
const AFTER_UPLOAD: readonly [fault: string, params: Record<string, string>, web: string, connect: string][] = [
  [
    "loses-uploads",
    {},
    "failed lost: upload ok, present lost, download lost",
    "failed lost: upload ok, present ~bidi_needs_http2, download lost",
  ],
  [
    "says-missing",
    {},
    "failed missing_but_present: upload ok, present missing_but_present, download ok",
    "ok: upload ok, present ~bidi_needs_http2, download ok",
  ],
  [
    "unreadable",
    { code: "not_found" },
    "failed present_but_unreadable: upload ok, present ok, download present_but_unreadable",
    "failed lost: upload ok, present ~bidi_needs_http2, download lost",
  ],
];

it.each(AFTER_UPLOAD)("transport.upload tells %s %j apart", async (fault, params, web, connect) => {
  await setFault(control, fault, params);
  for (const [protocol, line] of [
    ["grpc-web", web],
    ["connect", connect],
  ] as const) {
    const task = taskOf("transport.upload");
    const target = { ...task.target, protocol, name: `zako-${protocol}` };
    expect(lineOf(await runTask({ ...task, target }, depsOf()))).toBe(line);
  }
});
