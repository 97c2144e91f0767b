import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { type Count, tell } from "./context.ts";
import { stories } from "./stories.ts";
import type { Need, Story } from "./story.ts";

/** Stories wait for ticks most of their time; more at once would make each other's ticks late on two cores. */
const AT_ONCE = 3;

const ending = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => ending.abort());

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !stories.some((story) => story.name === name));
if (unknown.length > 0) {
  console.error(`There is no story ${unknown.join(", ")}. There are: ${stories.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}

const total: Count = { passed: 0, failed: 0, failures: [] };
const startedAt = Date.now();
const seconds = (since: number): string => `${Math.round((Date.now() - since) / 1000)} s`;

const isMissing = ({ command }: Need): boolean => spawnSync(command, ["--version"]).error !== undefined;

const chosen = stories.filter(
  (story) => (wanted.length === 0 && story.onRequest !== true) || wanted.includes(story.name),
);
async function worker(queue: Story[]): Promise<void> {
  for (let story = queue.shift(); story !== undefined && !ending.signal.aborted; story = queue.shift()) {
    const missing = (story.needs ?? []).filter(isMissing);
    for (const { command, debianPackage } of missing) {
      const line = `${story.name}: ${command} is missing; install it: apt-get install ${debianPackage}`;
      total.failures.push(line);
      console.log(`FAILED ${line}`);
    }
    total.failed += missing.length;
    if (missing.length > 0) continue;
    const since = Date.now();
    const count = await tell(story, (line) => console.log(line), ending.signal);
    total.passed += count.passed;
    total.failed += count.failed;
    total.failures.push(...count.failures);
    console.log(`       ${story.name}: ${count.passed} passed, ${count.failed} failed, ${seconds(since)}`);
  }
}
const together = chosen.filter((story) => story.alone !== true);
await Promise.all(Array.from({ length: AT_ONCE }, () => worker(together)));
await worker(chosen.filter((story) => story.alone === true));

if (ending.signal.aborted) {
  total.failed++;
  total.failures.push("was interrupted");
}
console.log(`e2e: ${total.passed} passed, ${total.failed} failed, ${seconds(startedAt)}`);
const counts = process.env["COUNTS_FILE"];
if (counts !== undefined) writeFileSync(counts, JSON.stringify(total));
process.exitCode = total.failed === 0 ? 0 : 1;
