import fc from "fast-check";
import { afterEach, describe, expect, inject, it } from "vitest";
import { canaryOf } from "../../../functions/model/probing/canary.ts";
import { type Canary, EMPTY_MEMORY, type TargetMemory } from "../../../functions/model/probing/memory.ts";
import type { ProbeTask, Role } from "../../../functions/model/probing/probe-task.ts";
import { remember } from "../../../functions/model/probing/remember.ts";
import type { Sample } from "../../../functions/model/probing/sample.ts";
import { findKind } from "../../../functions/probe/kinds/registry.ts";
import { runTask } from "../../../functions/probe/run.ts";
import { periodOf } from "../../../functions/probe/zako/canary-write.ts";
import { clearFaults, removeBlob, reset, setFault, state } from "../../zako-control.ts";
import { depsOf, lineOf, planOf, SLOT, taskOf } from "../tasks.ts";

const control = inject("zakoControl");
afterEach(() => reset(control));

const GRID_MS = 60_000;

/** Remembers as a Monitor does: what a run prepares before it is sent, what it found when it has come back. */
class Monitor {
  memory: TargetMemory = EMPTY_MEMORY;
  slot = SLOT;
  readonly kind: string;

  constructor(kind: string) {
    this.kind = kind;
  }

  get intervalMs(): number {
    return planOf(this.kind).intervalMs;
  }

  task(role: Role = "sole", attempt = 0): ProbeTask {
    const plan = planOf(this.kind, {}, { timeoutMs: 5_000 });
    return taskOf(this.kind, { plan, role, attempt, slot: this.slot, memory: this.memory });
  }

  /** What is stored before an order is sent. */
  prepare(task: ProbeTask): void {
    const patch = findKind(this.kind)?.prepare?.(task, task.plan.options, this.slot);
    this.memory = remember(this.memory, patch ?? {}, this.slot);
  }

  /** Sends an order; `crash` loses its result, or loses it before it is sent. */
  async run(role: Role = "sole", attempt = 0, crash?: "before" | "after"): Promise<Sample | undefined> {
    const task = this.task(role, attempt);
    this.prepare(task);
    if (crash === "before") return undefined;
    const sample = await runTask(task, depsOf({ now: () => this.slot }));
    if (crash === "after") return undefined;
    this.memory = remember(this.memory, sample.memory ?? {}, this.slot);
    return sample;
  }

  async line(role?: Role, attempt?: number): Promise<string> {
    const sample = await this.run(role, attempt);
    return sample === undefined ? "" : lineOf(sample);
  }

  nextPeriod(): void {
    this.slot = (Math.floor(this.slot / this.intervalMs) + 1) * this.intervalMs;
  }

  get canary(): Canary | undefined {
    return canaryOf(this.memory.canaries, this.kind, Math.floor(this.slot / this.intervalMs));
  }
}

const valuesOf = (sample: Sample | undefined, family: string): readonly number[] =>
  sample?.observations.filter((one) => one.family === family).map(({ value }) => value) ?? [];
const ALREADY = "zako_v1_transport_upload_already_exists_total";
const UPLOADED = "zako_v1_transport_upload_duration_seconds";
const COMMITTED = "zako_v1_transport_last_commit_timestamp_seconds";

describe("transport.upload", () => {
  it("writes one new blob per period, charged once", async () => {
    const monitor = new Monitor("transport.upload");
    for (const period of [1, 2, 3]) {
      const sample = await monitor.run();
      expect(sample?.outcome).toBe("ok");
      expect(sample).not.toHaveProperty("recovers");
      expect(valuesOf(sample, COMMITTED)).toEqual([monitor.slot / 1_000]);
      expect(valuesOf(sample, UPLOADED)).toHaveLength(1);
      expect((await state(control)).blobs.count).toBe(period);
      expect(monitor.memory.spent.writtenBytes).toBe(period * 4_096);
      expect(monitor.canary).toMatchObject({ attempts: 1, committedAt: monitor.slot, readAt: monitor.slot });
      monitor.nextPeriod();
    }
  });

  it("lets the others find it a slot later: healthy, counted, out of latency, and no commit", async () => {
    const monitor = new Monitor("transport.upload");
    expect(await monitor.line("first")).toBe("ok: upload ok, present ok, download ok");
    monitor.slot += GRID_MS;
    const sample = await monitor.run("follower");
    expect(sample && lineOf(sample)).toBe("ok: upload ~rpc_already_exists, present ok, download ok");
    expect(sample?.recovers).toBe(false);
    expect(valuesOf(sample, ALREADY)).toEqual([1]);
    expect(valuesOf(sample, UPLOADED)).toEqual([]);
    expect(valuesOf(sample, COMMITTED)).toEqual([]);
    expect(monitor.memory.spent.writtenBytes).toBe(4_096);
  });

  it("lets followers write what the first vantage could not, all at once and without a quarrel", async () => {
    const monitor = new Monitor("transport.upload");
    await setFault(control, "rpc", {}, { method: "transport.Upload" });
    expect(await monitor.line("first")).toBe("failed rpc_unavailable: upload rpc_unavailable");
    await clearFaults(control);
    monitor.slot += GRID_MS;
    const tasks = [monitor.task("follower"), monitor.task("follower"), monitor.task("follower")];
    for (const task of tasks) monitor.prepare(task);
    const samples = await Promise.all(tasks.map((task) => runTask(task, depsOf())));
    expect(samples.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    expect(samples.flatMap((sample) => valuesOf(sample, COMMITTED))).toHaveLength(1);
    expect((await state(control)).blobs.count).toBe(1);
  });

  it("fails where the first write of a period is refused as already there", async () => {
    await new Monitor("transport.upload").run();
    const forgetful = new Monitor("transport.upload");
    expect(await forgetful.line()).toBe(
      "failed rpc_already_exists: upload rpc_already_exists, present ok, download ok",
    );
  });

  it("settles by reading what a crash left open, and takes it for no sign of writing", async () => {
    const monitor = new Monitor("transport.upload");
    await monitor.run("sole", 0, "after");
    expect(monitor.canary).toMatchObject({ attempts: 1 });
    expect(monitor.canary?.committedAt).toBeUndefined();
    expect(await monitor.line()).toBe(
      "skipped rpc_already_exists: upload ~rpc_already_exists, present ok, download ok",
    );
    expect(monitor.canary).toMatchObject({ attempts: 2, readAt: monitor.slot });
    expect(monitor.canary?.committedAt).toBeUndefined();
    monitor.nextPeriod();
    expect(await monitor.line()).toBe("ok: upload ok, present ok, download ok");
  });

  it("writes anew after a crash before the write was sent", async () => {
    const monitor = new Monitor("transport.upload");
    await monitor.run("sole", 0, "before");
    expect(await monitor.line()).toBe("ok: upload ok, present ok, download ok");
    expect(monitor.memory.spent.writtenBytes).toBe(4_096);
  });

  it("blames the upload where the store says that it has a blob and then has it not", async () => {
    const monitor = new Monitor("transport.upload");
    await monitor.run();
    await removeBlob(control, monitor.canary?.digest ?? "");
    await setFault(control, "full-disk");
    expect(await monitor.line()).toBe(
      "failed rpc_already_exists: upload ~rpc_already_exists, present ~rpc_already_exists, download rpc_already_exists",
    );
    expect(monitor.canary).toMatchObject({ lostAt: monitor.slot });
  });

  it("blames Negotiate where the store says that it has a blob, has it, and reports it missing", async () => {
    const monitor = new Monitor("transport.upload");
    await monitor.run();
    await setFault(control, "says-missing");
    expect(await monitor.line()).toBe(
      "failed missing_but_present: upload ~rpc_already_exists, present ~rpc_already_exists, download missing_but_present",
    );
  });

  it("is never well, period after period, where a server stores blobs and never says so", async () => {
    const monitor = new Monitor("transport.upload");
    await setFault(control, "truncate", {}, { method: "transport.Upload" });
    for (let period = 0; period < 4; period++) {
      expect(await monitor.line("sole", 0)).toBe("failed truncated: upload truncated");
      await clearFaults(control);
      expect(await monitor.line("sole", 1)).toMatch(/^skipped rpc_already_exists: /);
      await setFault(control, "truncate", {}, { method: "transport.Upload" });
      monitor.nextPeriod();
    }
    await clearFaults(control);
    // Only acknowledged writes end it: followers that find the blob cast no vote until doubt is three periods old.
    for (const followers of ["skipped", "skipped", "skipped", "ok"]) {
      expect((await monitor.run("first"))?.outcome).toBe("ok");
      monitor.slot += GRID_MS;
      expect((await monitor.run("follower"))?.outcome).toBe(followers);
      monitor.nextPeriod();
    }
  });

  it("keeps its laws through any history of crashes, failures and repeats", async () => {
    const event = fc.constantFrom("run", "crash before", "crash after", "confirm", "next period", "refuse", "cut off");
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
        await reset(control);
        const monitor = new Monitor("transport.upload");
        const attempted = new Set<number>();
        const committed: number[] = [];
        for (const what of events) {
          if (what === "next period") {
            monitor.nextPeriod();
            continue;
          }
          attempted.add(monitor.slot);
          const broken = what === "refuse" || what === "cut off";
          if (what === "refuse") await setFault(control, "rpc", {}, { method: "transport.Upload" });
          if (what === "cut off") await setFault(control, "truncate", {}, { method: "transport.Upload" });
          const crash = what === "crash before" ? "before" : what === "crash after" ? "after" : undefined;
          const sample = await monitor.run("sole", what === "confirm" ? 1 : 0, crash);
          await clearFaults(control);
          // A server that keeps its contract never fails, whatever became of the runs before.
          if (!broken) expect(sample?.outcome ?? "ok").not.toBe("failed");
          committed.push(...valuesOf(sample, COMMITTED));
        }
        const { blobs } = await state(control);
        expect(blobs.count).toBeLessThanOrEqual(attempted.size);
        expect(new Set(committed).size).toBe(committed.length);
        expect(monitor.memory.spent.writtenBytes).toBe(attempted.size * 4_096);
      }),
      { numRuns: 25 },
    );
  });
});

describe("transport.journey", () => {
  it("is written by the first vantage and read by the others a slot later", async () => {
    const monitor = new Monitor("transport.journey");
    expect(await monitor.line("first")).toBe("ok: absent ok, upload ok, present ok");
    monitor.slot += GRID_MS;
    expect(await monitor.line("follower")).toBe("ok: present ok, download ok");
    expect((await state(control)).blobs.count).toBe(1);
  });

  it("has nothing for the others to read where the first vantage wrote nothing", async () => {
    const monitor = new Monitor("transport.journey");
    await setFault(control, "rpc", {}, { method: "transport.Upload" });
    expect(await monitor.line("first")).toBe("failed rpc_unavailable: absent ok, upload rpc_unavailable");
    await clearFaults(control);
    monitor.slot += GRID_MS;
    expect(await monitor.line("follower")).toBe("skipped no_blob: ");
    expect((await state(control)).blobs.count).toBe(0);
  });

  it("fails for a follower that cannot read what was written elsewhere", async () => {
    const monitor = new Monitor("transport.journey");
    await monitor.run("first");
    await removeBlob(control, monitor.canary?.digest ?? "");
    monitor.slot += GRID_MS;
    expect(await monitor.line("follower")).toBe("failed lost: present lost, download lost");
  });

  it("does not ask for absence what a crash may have written, and settles it by reading", async () => {
    const monitor = new Monitor("transport.journey");
    await monitor.run("first", 0, "after");
    expect(await monitor.line("first")).toBe(
      "skipped rpc_already_exists: absent ~rpc_already_exists, upload ~rpc_already_exists, present ok, download ok",
    );
  });

  it("measures how long the store keeps blobs by the oldest that it still gives back", async () => {
    const monitor = new Monitor("transport.journey");
    const began = monitor.slot;
    const retention = "zako_v1_transport_canary_retention_seconds";
    for (let period = 0; period < 4; period++) {
      const sample = await monitor.run();
      expect(valuesOf(sample, retention)).toEqual(period === 0 ? [] : [(monitor.slot - began) / 1_000]);
      monitor.nextPeriod();
    }
    const [oldest, next] = monitor.memory.canaries;
    await removeBlob(control, oldest?.digest ?? "");
    expect(await monitor.line()).toBe("ok: absent ok, upload ok, present ok, download ok, oldest ok");
    expect(monitor.memory.canaries[0]).toMatchObject({ lostAt: monitor.slot });
    monitor.nextPeriod();
    expect(valuesOf(await monitor.run(), retention)).toEqual([(monitor.slot - (next?.committedAt ?? 0)) / 1_000]);
  });
});

describe("periodOf()", () => {
  const at = (slot: number, role: Role, periods: readonly number[]) => {
    const plan = planOf("transport.upload");
    const canaries = periods.map((period) => ({
      probe: "transport.upload",
      period,
      sizeBytes: 64,
      attemptedAt: 0,
      attempts: 1,
    }));
    return periodOf({ plan, slot, role, memory: { ...EMPTY_MEMORY, canaries } });
  };

  it("follows the first writer over the edge of a period, and nobody else", () => {
    expect(at(10 * 600_000, "first", [9])).toBe(10);
    expect(at(10 * 600_000, "sole", [9])).toBe(10);
    expect(at(10 * 600_000, "follower", [9])).toBe(9);
    expect(at(10 * 600_000, "follower", [9, 10])).toBe(10);
    expect(at(10 * 600_000, "follower", [8])).toBe(10);
    expect(at(10 * 600_000, "follower", [])).toBe(10);
  });
});
