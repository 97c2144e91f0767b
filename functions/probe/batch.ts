import { type Deadline, nextTurn, orLate, SharedDeadlines, startDeadline } from "../lib/deadline.ts";
import { Semaphore } from "../lib/semaphore.ts";
import { type DependencyGroup, dependencyGroups, type GroupPlace } from "../model/probing/dependency-group.ts";
import type { MemoryPatch } from "../model/probing/memory.ts";
import { CONNECTIONS } from "../model/probing/placement.ts";
import type { ProbeTask } from "../model/probing/probe-task.ts";
import type { Sample } from "../model/probing/sample.ts";
import { blockedBy, blocksRest } from "./blocked-by.ts";
import { findKind } from "./kinds/registry.ts";
import { type RunDeps, runTask } from "./run.ts";
import { RunClock } from "./run-clock.ts";

/** What a batch needs besides its tasks. */
export interface BatchDeps extends Omit<RunDeps, "signal" | "startDeadline"> {
  /** Time limit of the whole batch, ms. Runs that have not ended by then are aborted and lost. */
  readonly timeoutMs: number;
  /**
   * The connections of the object that runs the batch, at most `CONNECTIONS`: they are shared by everything that the object
   * runs at the same time. Default: as many for this batch alone.
   */
  readonly connections?: Semaphore;
  /** Called with each sample as soon as it is available. */
  readonly onSample?: (sample: Sample) => void;
}

/** A run without a result: a gap, not a failure. */
type LostRun = Pick<Sample, "target" | "probe" | "vantage" | "slot" | "attempt">;

export interface BatchResult {
  readonly samples: readonly Sample[];
  readonly lost: readonly LostRun[];
}

/**
 * Runs tasks in the given order, each with one connection of its own, so at most six at once. A run's deadline and duration
 * begin when it has its connection; what it waited before is in `queuedMs`. Each dependency group starts with its root.
 * Roots are admitted before the rest, so that every origin is probed even if many are dead, and critical probes before
 * others. Targets that may hang and those that do not have half of the connections each, until either are through. Returns
 * by its own deadline, whatever the runs do.
 */
export async function runBatch(tasks: readonly ProbeTask[], deps: BatchDeps): Promise<BatchResult> {
  const now = deps.now ?? Date.now;
  using end = startDeadline(deps.timeoutMs, now());
  using deadlines = new SharedDeadlines(end.signal, now);
  const batch = new Batch(deps, end, deadlines);
  await batch.run(dependencyGroups(tasks, placeOf));
  const samples = [...batch.samples.values()];
  return { samples, lost: tasks.filter((task) => !batch.samples.has(task)).map(lostRun) };
}

/** A kind that this version does not know comes last: it is skipped, and must not block others. */
const placeOf = (kind: string): GroupPlace => findKind(kind) ?? { tier: "inside" };

const lostRun = ({ target, plan, vantage, slot, attempt }: ProbeTask): LostRun => ({
  target: target.name,
  probe: plan.kind,
  vantage,
  slot,
  attempt,
});

class Batch {
  readonly samples = new Map<ProbeTask, Sample>();
  readonly #deps: RunDeps & Pick<BatchDeps, "onSample">;
  readonly #end: Deadline;
  readonly #connections: Semaphore;
  /** What the clock showed when a run ended with a right clock and no other run had begun since. */
  #rightAt: number | undefined;
  /** Tokens issued during the batch, by target. */
  readonly #tokens = new Map<string, string>();
  /** Looks taken during the batch, by target: the rest of a group needs none after its root's. */
  readonly #looks = new Map<string, MemoryPatch["looks"]>();

  constructor(deps: BatchDeps, end: Deadline, deadlines: SharedDeadlines) {
    this.#deps = { ...deps, signal: end.signal, startDeadline: (timeoutMs) => deadlines.start(timeoutMs) };
    this.#end = end;
    this.#connections = deps.connections ?? new Semaphore(CONNECTIONS);
  }

  async run(all: readonly DependencyGroup[]): Promise<void> {
    const inTurn = criticalFirst(all, ({ root }) => root);
    const [doubtful, others] = split(inTurn, ({ root }) => root.mayHang === true);
    const isShared = doubtful.length > 0 && others.length > 0;
    const share = isShared ? CONNECTIONS / 2 : CONNECTIONS;
    const [own, theirs] = [new Semaphore(share), new Semaphore(share)];
    const runAll = async (groups: readonly DependencyGroup[], slots: Semaphore, next: Semaphore): Promise<void> => {
      await Promise.all(groups.map((one) => this.#runGroup(one, slots)));
      if (isShared) next.widen(CONNECTIONS / 2);
    };
    const running = Promise.all([runAll(others, own, theirs), runAll(doubtful, theirs, own)]);
    await orLate(running, this.#end.signal, undefined);
  }

  async #runGroup({ root, rest }: DependencyGroup, slots: Semaphore): Promise<void> {
    const first = await this.#take(root, slots);
    if (first === undefined) return;
    if (blocksRest(first)) {
      for (const task of rest) this.#keep(task, blockedBy(first, task, this.#now()));
      return;
    }
    const [issuing, others] = this.#needsToken(root)
      ? split(rest, (task) => task.plan.kind === "cas.details")
      : [[], rest];
    await Promise.all(issuing.map((task) => this.#take(task, slots)));
    await Promise.all(criticalFirst(others, (task) => task).map((task) => this.#take(task, slots)));
  }

  /** Whether transfers would be skipped because there is no token. If so, the probe that fetches one runs first. */
  #needsToken({ target, memory }: ProbeTask): boolean {
    return target.transportAuth !== undefined && memory.token === undefined && !this.#tokens.has(target.name);
  }

  #take(task: ProbeTask, slots: Semaphore): Promise<Sample | undefined> {
    const queuedAt = this.#now();
    return slots.run(() => this.#connections.run(() => this.#run(task, queuedAt)));
  }

  async #run(task: ProbeTask, queuedAt: number): Promise<Sample | undefined> {
    if (this.#end.signal.aborted) return undefined;
    await this.#rightClock();
    const queuedMs = Math.max(0, this.#now() - queuedAt);
    if (this.#end.signal.aborted) return undefined;
    const clock = new RunClock(this.#deps.now, this.#deps.turn);
    const sample = await runTask(this.#withNews(task), this.#deps, clock);
    if (clock.isRight) this.#rightAt = this.#now();
    return this.#keep(task, { ...sample, queuedMs });
  }

  /**
   * Resolves when the clock shows the time. Runs that are admitted together would otherwise share one start, and have what
   * the others compute in their durations. A run that follows another in the turn of its last I/O finds the clock right, and
   * is spared a turn of its own.
   */
  async #rightClock(): Promise<void> {
    const isRight = this.#rightAt === this.#now();
    this.#rightAt = undefined;
    if (!isRight) await (this.#deps.turn ?? nextTurn)();
  }

  /** The task with what the batch has learned of its target. */
  #withNews(task: ProbeTask): ProbeTask {
    const token = this.#tokens.get(task.target.name);
    const looks = this.#looks.get(task.target.name);
    if (token === undefined && looks === undefined) return task;
    const { memory } = task;
    return {
      ...task,
      memory: {
        ...memory,
        ...(token === undefined ? {} : { token }),
        ...(looks === undefined ? {} : { looks: { ...memory.looks, ...looks } }),
      },
    };
  }

  /** Records a sample, unless the batch has ended: later samples must not be seen. */
  #keep(task: ProbeTask, sample: Sample): Sample | undefined {
    if (this.#end.signal.aborted) return undefined;
    this.samples.set(task, sample);
    if (sample.memory?.token !== undefined) this.#tokens.set(task.target.name, sample.memory.token);
    if (sample.memory?.looks !== undefined)
      this.#looks.set(task.target.name, { ...this.#looks.get(task.target.name), ...sample.memory.looks });
    this.#deps.onSample?.(sample);
    return sample;
  }

  #now(): number {
    return (this.#deps.now ?? Date.now)();
  }
}

/** Critical probes first, otherwise in the given order. */
const criticalFirst = <T>(items: readonly T[], taskOf: (item: T) => ProbeTask): T[] =>
  items.toSorted((a, b) => Number(taskOf(b).plan.critical) - Number(taskOf(a).plan.critical));

function split<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
