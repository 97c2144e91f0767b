import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a long run of the fuzz tests came to. */
export interface FuzzReport {
  /** Every case of every surface went as it must. */
  ok: boolean;
  /** Cases tried, by surface. */
  cases: Readonly<Record<string, number>>;
  /** All that was printed; where a case failed, its seed and the smallest case that fails alike. */
  output: string;
}

const VITEST = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
const CONFIG = "test/vitest.config.ts";

/** Runs test/fuzz with so many cases per surface, in the project at `root`; takes minutes. */
export function runFuzz(root: string, runs = 10_000, signal?: AbortSignal): Promise<FuzzReport> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [VITEST, "run", "--config", CONFIG, "test/fuzz"], {
      cwd: root,
      env: { ...process.env, FUZZ_RUNS: String(runs), NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal === undefined ? {} : { signal }),
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.once("error", reject);
    child.once("close", (code) => {
      const lines = output.matchAll(/^fuzz: (.+): (\d+) cases$/gm);
      const cases = Object.fromEntries(Array.from(lines, ([, surface, count]) => [surface, Number(count)]));
      resolve({ ok: code === 0, cases, output });
    });
  });
}
