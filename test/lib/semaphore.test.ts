import fc from "fast-check";
import { expect, it } from "vitest";
import { Semaphore } from "../../functions/lib/semaphore.ts";

it("admits in order, never more than the limit, whatever order work ends in and whether it fails", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean()),
      async (s, limit, works) => {
        const semaphore = new Semaphore(limit);
        const admitted: number[] = [];
        let running = 0;
        const runs = works.map((fails, index) =>
          semaphore.run(async () => {
            admitted.push(index);
            running += 1;
            expect(running).toBeLessThanOrEqual(limit);
            await s.schedule(Promise.resolve());
            running -= 1;
            if (fails) throw new Error("work failed");
            return index;
          }),
        );
        const settled = Promise.allSettled(runs);
        await s.waitFor(settled);
        expect((await settled).map((run) => run.status)).toEqual(
          works.map((fails) => (fails ? "rejected" : "fulfilled")),
        );
        expect(admitted).toEqual(works.map((_, index) => index));
      },
    ),
  );
});

it("fills every place", async () => {
  const semaphore = new Semaphore(3);
  const started: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const runs = [0, 1, 2, 3].map((index) =>
    semaphore.run(async () => {
      started.push(index);
      await promise;
    }),
  );
  await Promise.resolve();
  expect(started).toEqual([0, 1, 2]);
  resolve();
  await Promise.all(runs);
  expect(started).toEqual([0, 1, 2, 3]);
});

it("refuses a limit that would admit nothing", () => {
  for (const limit of [0, -1, 1.5, Number.NaN]) expect(() => new Semaphore(limit)).toThrow(RangeError);
});

it("admits those that wait when it is widened, and as many more from then on", async () => {
  const semaphore = new Semaphore(1);
  let running = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const runs = Array.from({ length: 5 }, () =>
    semaphore.run(() => {
      running += 1;
      return promise;
    }),
  );
  await Promise.resolve();
  expect(running).toBe(1);
  semaphore.widen(2);
  await Promise.resolve();
  expect(running).toBe(3);
  resolve();
  await Promise.all(runs);
  running = 0;
  void Array.from({ length: 5 }, () => semaphore.run(async () => void running++));
  expect(running).toBe(3);
});
