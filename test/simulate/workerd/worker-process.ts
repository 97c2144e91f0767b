import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unstable_startWorker } from "wrangler";
import type { Config } from "../../../functions/model/config.ts";
import type { IncidentRow, SetUp, Step, Stepped } from "./step.ts";

const HERE = import.meta.dirname;
const MIGRATIONS = join(HERE, "../../../schemas/migrations");

/** The product in a workerd of its own, with empty storage. It does nothing but what it is told step by step. */
export class WorkerProcess {
  readonly #url: string;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, stop: () => Promise<void>) {
    this.#url = url;
    this.#stop = stop;
  }

  /** Builds and starts the Worker with a configuration. `origins`: where the servers that it names really are. */
  static async start(config: Config, origins: SetUp["origins"]): Promise<WorkerProcess> {
    const folder = mkdtempSync(join(tmpdir(), "zako-watch-simulated-"));
    const compiled = join(folder, "compiled.json");
    writeFileSync(compiled, JSON.stringify(config));
    // The network is loopback.
    process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
    const started = await unstable_startWorker({
      config: join(HERE, "worker/wrangler.toml"),
      build: { alias: { "#compiled-config": compiled } },
      dev: {
        server: { hostname: "127.0.0.1", port: 0 },
        inspector: false,
        persist: join(folder, "state"),
        logLevel: "error",
        watch: false,
      },
    });
    await started.ready;
    const url = String(await started.url).replace(/\/$/, "");
    const worker = new WorkerProcess(url, async () => {
      await started.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    await worker.#ask("/set-up", { origins, migrations: migrations() } satisfies SetUp);
    return worker;
  }

  step(step: Step): Promise<Stepped> {
    return this.#ask("/step", step);
  }

  /** What D1 has of incidents. */
  incidents(): Promise<IncidentRow[]> {
    return this.#ask("/incidents", {});
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  async #ask<Answer>(path: string, asked: unknown): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, { method: "POST", body: JSON.stringify(asked) });
    if (!response.ok) throw new Error(`The Worker failed at ${path}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }
}

/** Single statements: D1 takes one at a time. */
const migrations = (): string[] =>
  readdirSync(MIGRATIONS)
    .sort()
    .flatMap((file) => readFileSync(join(MIGRATIONS, file), "utf8").replace(/--.*$/gm, "").split(";"))
    .map((sql) => sql.trim())
    .filter((sql) => sql !== "");
