import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { AlerterSide } from "../../functions/alerter/alerter-side.ts";
import { AlerterHead } from "../../functions/store/alerter/alerter-head.ts";
import type { HistoryNote } from "../../functions/store/alerter/alerter-shapes.ts";
import { Deadlines } from "../monitor/deadlines.ts";
import { alerterConfig, MINUTE, START } from "./world.ts";

const note = (id: string, characters = 0): HistoryNote => ({
  kind: "incident",
  incident: { id, target: "x".repeat(characters), state: "down", openedAt: START, causes: [] },
});

interface History {
  head: AlerterHead;
  /** Lets so much time pass and runs what is due; answers the sizes of the batches that history was given. */
  after: (ms: number) => Promise<number[]>;
  /** What history answers. */
  takes: boolean;
}

/** The Alerter's side tasks, with what waits for history. */
const inHistory = (run: (history: History) => Promise<void>): Promise<void> =>
  runInDurableObject(env.ALERTER.getByName(crypto.randomUUID()), async (_, { storage }) => {
    let now = START;
    const batches: number[] = [];
    const head = new AlerterHead(storage, START);
    const history: History = {
      head,
      takes: true,
      after: async (ms) => {
        now += ms;
        await side.run();
        return batches.splice(0);
      },
    };
    const side = new AlerterSide(
      {
        storage: { sql: storage.sql, transactionSync: (work) => storage.transactionSync(work), setAlarm: () => {} },
        config: alerterConfig(),
        deliver: () => expect.unreachable("nothing is delivered"),
        refreshOf: () => undefined,
        beat: () => expect.unreachable("there is no heartbeat"),
        record: async (notes) => {
          batches.push(notes.length);
          return history.takes;
        },
        now: () => now,
        random: () => 0,
        newId: () => "id",
        startDeadline: new Deadlines().start,
        log: () => {},
      },
      { head: () => head, commit: () => {} },
    );
    await run(history);
  });

it("gives history at most 500 notes at once, and the rest after them", () =>
  inHistory(async ({ head, after }) => {
    for (let i = 0; i < 1_100; i++) head.notes.set(`${i}`, note(`${i}`));
    expect([await after(0), await after(1), await after(1), await after(1)]).toEqual([[500], [500], [100], []]);
  }));

it("cuts batches by their size, and gives what is larger by itself", () =>
  inHistory(async ({ head, after }) => {
    for (const [id, characters] of [
      ["a", 500_000],
      ["b", 150_000],
      ["c", 150_000],
      ["d", 150_000],
    ] as const)
      head.notes.set(id, note(id, characters));
    expect([await after(0), await after(1), await after(1), await after(1)]).toEqual([[1], [2], [1], []]);
  }));

it("keeps what history does not take, and tries less and less often, a quarter of an hour apart at most", () =>
  inHistory(async (history) => {
    const { head, after } = history;
    head.notes.set("a", note("a"));
    history.takes = false;
    expect(await after(0)).toEqual([1]);
    const waits: number[] = [];
    for (let tries = 0, minutes = 0; tries < 5; ) {
      minutes++;
      if ((await after(MINUTE)).length === 0) continue;
      waits.push(minutes);
      minutes = 0;
      tries++;
    }
    expect(waits).toEqual([2, 4, 8, 15, 15]);
    history.takes = true;
    expect(await after(15 * MINUTE)).toEqual([1]);
    expect(head.notes.all.size).toBe(0);
  }));
