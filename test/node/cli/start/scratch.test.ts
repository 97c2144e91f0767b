import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { markScratch, removeAbandoned, SCRATCH_PREFIX } from "../../../../functions/cli/start/scratch.ts";

it("the secrets of a run that was killed go when the next one starts; those of a run that is up stay", () => {
  const within = mkdtempSync(join(tmpdir(), "zako-watch-test-"));
  try {
    const made = (name: string, pid?: number): string => {
      const folder = join(within, name);
      mkdirSync(folder);
      writeFileSync(join(folder, "secrets.env"), "ADMIN_TOKEN=x\n");
      if (pid !== undefined) writeFileSync(join(folder, "owner.pid"), `${pid}`);
      return folder;
    };
    const dead = [made(`${SCRATCH_PREFIX}a`, 1_000), made(`${SCRATCH_PREFIX}b`, 1_001)];
    const kept = [made(`${SCRATCH_PREFIX}c`, 1_002), made(`${SCRATCH_PREFIX}new`), made("other", 1_000)];
    const own = made(`${SCRATCH_PREFIX}own`);
    markScratch(own);
    const isAlive = (pid: number): boolean => pid === 1_002 || pid === process.pid;
    expect(removeAbandoned(within, isAlive).sort()).toEqual(dead);
    expect([...dead, ...kept, own].filter((folder) => existsSync(folder))).toEqual([...kept, own]);
    expect(removeAbandoned(within, isAlive)).toEqual([]);
  } finally {
    rmSync(within, { recursive: true });
  }
});
