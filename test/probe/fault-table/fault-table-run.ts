import { expect, inject, vi } from "vitest";
import { MAX_EVIDENCE_TEXT } from "../../../functions/model/alerting/evidence.ts";
import type { TargetMemory } from "../../../functions/model/probing/memory.ts";
import type { ProbeTask } from "../../../functions/model/probing/probe-task.ts";
import type { Protocol } from "../../../functions/model/probing/protocol.ts";
import { remember } from "../../../functions/model/probing/remember.ts";
import type { Sample } from "../../../functions/model/probing/sample.ts";
import { runBatch } from "../../../functions/probe/batch.ts";
import { PROBE_KINDS } from "../../../functions/probe/kinds/registry.ts";
import { runTask } from "../../../functions/probe/run.ts";
import { type FaultParams, reset, setFault, state } from "../../zako-control.ts";
import { depsOf, livedIn, planOf, SLOT, targetOf, taskOf } from "../tasks.ts";
import { cellOf } from "./fault-table-cell.ts";
import { ENTRIES, type Entry } from "./fault-table-entries.ts";

/** A reference Zako that a row has for itself. */
export interface Server {
  readonly url: string;
  readonly control: string;
}

/** Nothing that answers at all takes so long, however busy the machine. */
const PATIENT_MS = 20_000;

/** A fault as the table names it: `rpc code=unavailable`; ` @500` gives each run a deadline of 500 ms. */
export interface Ailment {
  /** Undefined for the row of the healthy server. */
  readonly fault: string | undefined;
  readonly params: FaultParams;
  readonly timeoutMs: number;
}

/** Reads the first cell of a row. */
function readAilment(text: string): Ailment {
  const [name = "", ...rest] = text.split(" ");
  const params = rest.filter((part) => part.includes("=")).map((part) => part.split("=") as [string, string]);
  const deadline = rest.find((part) => part.startsWith("@"));
  return {
    fault: name === "none" ? undefined : name,
    params: Object.fromEntries(params),
    timeoutMs: deadline === undefined ? PATIENT_MS : Number(deadline.slice(1)),
  };
}

/** Which kinds a row asks. */
export interface Asked {
  /** Of the server with the fault. */
  readonly kinds: readonly string[];
  /** Of the healthy server, in the same batch. */
  readonly well: readonly string[];
}

/** What a batch came to in which one server had a fault, and another had none. */
export interface Outcomes {
  /** Of the server with the fault, a cell for each kind. */
  readonly sick: readonly string[];
  /** Of the other, in the same batch, a cell for each kind that it was asked. */
  readonly well: readonly string[];
  /** Calls that the fault acted on. */
  readonly applied: number;
  readonly calls: number;
  /** Bytes that the server sent, headers and what lay unread in sockets included. */
  readonly sentBytes: number;
}

/** Credentials that a server has handed out, and the canaries that it holds: fresh for each row. */
async function prepare(server: Server, protocol: Protocol): Promise<{ address: string; memory: TargetMemory }> {
  await reset(server.control);
  const { advertisedAddress: address } = await state(server.control);
  const lived = await livedIn(server.control);
  const target = targetOf({ casUrl: server.url, transportUrl: server.url, protocol, address });
  const { memory } = await runTask(taskOf("cas.details", { target, memory: lived }), depsOf());
  return { address, memory: remember(lived, memory ?? {}, SLOT) };
}

const TOKEN = { header: "Authorization", scheme: "Bearer" };

/**
 * Runs kinds against a server with a fault, each as a target of its own, since the root of a ladder would answer for
 * the rest; and in the same batch a few kinds against a healthy server, as one target with a ladder.
 */
async function runAilment(
  ailment: Ailment,
  protocol: Protocol,
  server: Server,
  healthy: Server,
  asked: Asked,
  name: string,
): Promise<Outcomes> {
  const { address, memory } = await prepare(server, protocol);
  const other = await wellTasks(healthy, protocol, asked.well, `well-${name}`);
  const tasks = asked.kinds.map((kind): ProbeTask => {
    const plan = planOf(kind, {}, { timeoutMs: ailment.timeoutMs });
    return taskOf(kind, { target: targetAt(server, protocol, `sick-${kind}`, address), plan, memory });
  });
  const before = (await state(server.control)).bytes.sent;
  if (ailment.fault !== undefined) await setFault(server.control, ailment.fault, ailment.params);
  const { samples, lost } = await runBatch([...tasks, ...other], { ...depsOf(), timeoutMs: 180_000 });
  expect(lost).toEqual([]);
  for (const sample of samples) checkTexts(sample);
  // A body that nobody reads and nobody cancels would keep its call under way until its deadline.
  const after = await vi.waitFor(
    async () => {
      const seen = await state(server.control);
      expect(seen.calls.inFlight).toBe(0);
      return seen;
    },
    { timeout: PATIENT_MS / 2 },
  );
  const cells = (prefix: string): string[] =>
    RPC_KINDS.flatMap(({ kind, steps }) => {
      const sample = samples.find(({ target, probe }) => target.startsWith(prefix) && probe === kind);
      return sample === undefined ? [] : cellOf(sample, steps);
    });
  return {
    sick: cells("sick-"),
    well: cells("well-"),
    applied: after.faultsApplied[ailment.fault ?? ""] ?? 0,
    calls: Object.values(after.started).reduce((sum, count) => sum + count, 0),
    sentBytes: after.bytes.sent - before,
  };
}

const targetAt = ({ url }: Server, protocol: Protocol, name: string, address: string) =>
  targetOf({ name, casUrl: url, transportUrl: url, protocol, address, transportAuth: TOKEN });

/** The kinds that the table is about: those that speak RPC. */
export const RPC_KINDS = PROBE_KINDS.filter(({ tier }) => tier !== "outside");

/** Probes of the healthy server beside each fault: one kind of each tier and of each kind of call except uploads. */
export const WELL_KINDS: readonly string[] = ["health", "cas.details", "cas.negotiate", "transport.download"];

/** No token yet: the dependency group must fetch one for the transfer. */
async function wellTasks(
  server: Server,
  protocol: Protocol,
  kinds: readonly string[],
  name: string,
): Promise<ProbeTask[]> {
  const { advertisedAddress: address } = await state(server.control);
  const memory = await livedIn(server.control);
  const target = targetAt(server, protocol, name, address);
  const plan = (kind: string) => planOf(kind, {}, { timeoutMs: PATIENT_MS });
  return kinds.map((kind) => taskOf(kind, { target, memory, plan: plan(kind) }));
}

/** No words of the server but as such, no address, no credential; and little of anything, whatever the server sent. */
function checkTexts(sample: Sample): void {
  const { memory: _, ...shown } = sample;
  const said: string[] = [];
  const ours = JSON.stringify(shown, (key, value) => {
    if (key !== "said") return value;
    said.push(value);
    return undefined;
  });
  expect(ours).not.toMatch(/made to fail|e{20}|127\.0\.0\.1|\/var\/cache|Bearer|Bad luck/);
  for (const words of said) {
    expect(words).not.toMatch(/Bearer/);
    expect(words.length).toBeLessThanOrEqual(MAX_EVIDENCE_TEXT);
  }
  expect(JSON.stringify(sample).length).toBeLessThan(16_384);
  for (const step of sample.steps) expect(step.failure === undefined).toBe(step.outcome === "ok");
}

/** What became of an entry: outcomes, or what kept it from any. */
export type Seen = { outcomes: Outcomes } | { broken: unknown };

/** The outcomes of an entry; throws what kept it from any. */
export function outcomeOf(seen: Seen | undefined): Outcomes {
  if (seen === undefined) throw new Error("the row has not been run");
  if ("broken" in seen) throw seen.broken;
  return seen.outcomes;
}

/** Runs every row of the table. One server has one set of faults, so the rows are shared among several; the last is healthy. */
export async function runEntries(asked: Asked, see: (entry: Entry, seen: Seen) => void): Promise<void> {
  const [healthy, ...sick] = inject("sickZakos");
  if (healthy === undefined || sick.length === 0) throw new Error("the global setup has started no Zakos");
  await reset(healthy.control);
  const queue = ENTRIES.map((entry, at) => ({ entry, name: String(at) }));
  await Promise.all(
    sick.map(async (server) => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const { entry, name } = next;
        await runAilment(readAilment(entry.fault), entry.protocol, server, healthy, asked, name).then(
          (outcomes) => see(entry, { outcomes }),
          (broken: unknown) => see(entry, { broken }),
        );
      }
    }),
  );
}
