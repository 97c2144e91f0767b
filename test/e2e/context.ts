import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NoAnswer } from "./metrics.ts";
import { processesIn, signal } from "./processes.ts";
import { startProduct } from "./product.ts";
import { copyProject } from "./project-copy.ts";
import type { Context, Story } from "./story.ts";

/** What a story came to. */
export interface Count {
  passed: number;
  failed: number;
  /** What each failed check said, so that the end of a long log can say it again. */
  failures: string[];
}

const ASK_EVERY_MS = 500;

/** Tells a story and ends all that it started. */
export async function tell(story: Story, say: (line: string) => void, ending: AbortSignal): Promise<Count> {
  const count: Count = { passed: 0, failed: 0, failures: [] };
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), `zako-e2e-${story.name}-`)));
  const cleanups: (() => unknown)[] = [];
  const ctx: Context = {
    scratch,
    check: (what, ok, seen) => {
      count[ok ? "passed" : "failed"]++;
      const line = `${story.name}: ${what}${wordsOf(seen)}`;
      if (!ok) count.failures.push(line);
      say(`${ok ? "ok    " : "FAILED"} ${line}`);
    },
    project: () => copyProject(scratch),
    startProduct: async (options = {}) => {
      const product = await startProduct(options.project ?? copyProject(scratch), options);
      cleanups.push(() => product.stop());
      return product;
    },
    defer: (cleanup) => void cleanups.push(cleanup),
    until: async (what, ask, boundMs = 30_000) => {
      let last: unknown;
      for (const end = Date.now() + boundMs; Date.now() < end; ) {
        try {
          const answer = await ask();
          if (answer !== undefined && answer !== false && answer !== 0) return answer;
          last = undefined;
        } catch (error) {
          if (!(error instanceof TypeError || error instanceof NoAnswer)) throw error;
          last = error.message;
        }
        await sleep(ASK_EVERY_MS, undefined, { signal: ending });
      }
      throw new Error(`waited ${boundMs / 1000} s in vain: ${what}${last === undefined ? "" : ` (${last})`}`);
    },
  };
  try {
    await Promise.race([story.run(ctx), aborted(ending)]);
  } catch (error) {
    ctx.check("is told to its end", false, error instanceof Error ? error.stack : error);
  } finally {
    for (const cleanup of cleanups.reverse()) await Promise.race([cleanup(), sleep(10_000)]);
    for (const { pid } of processesIn(scratch)) signal(pid, "SIGKILL");
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  return count;
}

function aborted(ending: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const leave = (): void => reject(new Error("was interrupted"));
    if (ending.aborted) leave();
    ending.addEventListener("abort", leave, { once: true });
  });
}

function wordsOf(seen: unknown): string {
  if (seen === undefined || seen === "") return "";
  const text = typeof seen === "string" ? seen : JSON.stringify(seen);
  return text.includes("\n") ? `\n${text.replace(/^/gm, "         ")}` : `  (${text})`;
}
