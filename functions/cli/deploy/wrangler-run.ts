import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../../node_modules/wrangler/bin/wrangler.js", import.meta.url).href);

/** What a command of wrangler came to. */
export interface WranglerAnswer {
  code: number;
  /** Standard output alone. */
  out: string;
  /** All that was printed, for people. */
  said: string;
  /** URLs and triggers that a deployment printed, such as `https://zako-watch.example.workers.dev`. */
  targets: readonly string[];
}

/** Runs a command of wrangler; `show` gets each piece of its output as it comes. */
export type RunWrangler = (command: readonly string[], show: (text: string) => void) => Promise<WranglerAnswer>;

/**
 * Runs the pinned wrangler, without questions: it does not write ids into wrangler.toml. `environment`: a named environment,
 * which the build reads as well. `config`: the configuration that is built in.
 */
export const wranglerRun =
  (environment: string | undefined, config: string, env: NodeJS.ProcessEnv): RunWrangler =>
  async (command, show) => {
    const scratch = mkdtempSync(join(tmpdir(), "zako-watch-deploy-"));
    const events = join(scratch, "events.ndjson");
    const { CLOUDFLARE_ENV: _, ...inherited } = env;
    const child = spawn(process.execPath, [CLI, ...command, `--env=${environment ?? ""}`], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...inherited,
        // The build's `node` must be the one that runs this.
        PATH: `${dirname(process.execPath)}${delimiter}${env["PATH"] ?? ""}`,
        ...(environment === undefined ? {} : { CLOUDFLARE_ENV: environment }),
        WATCH_CONFIG: config,
        WRANGLER_OUTPUT_FILE_PATH: events,
        WRANGLER_SEND_METRICS: "false",
        CLOUDFLARE_CF_FETCH_ENABLED: "false",
        NO_COLOR: "1",
      },
    });
    let said = "";
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      said += text;
      show(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      show(text);
    });
    const code = await new Promise<number>((resolve) => {
      child.on("error", (error) => {
        said += error.message;
        resolve(1);
      });
      child.on("close", (status) => resolve(status ?? 1));
    });
    const targets = existsSync(events) ? targetsIn(readFileSync(events, "utf8")) : [];
    rmSync(scratch, { recursive: true, force: true });
    return { code, out, said: said.trim(), targets };
  };

function targetsIn(events: string): string[] {
  return events.split("\n").flatMap((line) => {
    if (line.trim() === "") return [];
    const event = JSON.parse(line) as { type?: string; targets?: string[] };
    return event.type === "deploy" ? (event.targets ?? []) : [];
  });
}
