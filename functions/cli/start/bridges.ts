import { renameSync, writeFileSync } from "node:fs";
import { PROBE_KINDS } from "../../probe/kinds/registry.ts";
import { type Bridge, startBridge } from "../bridge/start-bridge.ts";
import { grpcOrigins } from "../bridge/through-bridges.ts";
import { loadConfig } from "../config/load-config.ts";

/** The bridges of a local run, one for each origin of a `grpc` target; they stay until the run ends. */
export class Bridges {
  /** Holds the map from origins to bridges as JSON, for WATCH_BRIDGES. */
  readonly file: string;
  readonly #bridges = new Map<string, Promise<Bridge>>();

  constructor(file: string) {
    this.file = file;
  }

  /** Starts what a configuration still needs. One that is wrong needs nothing: who compiles it tells what is wrong. */
  async prepare(config: string): Promise<void> {
    const loaded = loadConfig(config, PROBE_KINDS, { local: true });
    for (const origin of loaded.ok ? grpcOrigins(loaded.config) : []) {
      if (this.#bridges.has(origin)) continue;
      const bridge = startBridge(origin);
      this.#bridges.set(origin, bridge);
      // One that cannot be started is tried again with the next edit.
      bridge.catch(() => this.#bridges.delete(origin));
    }
    const urls = await Promise.all([...this.#bridges].map(async ([origin, bridge]) => [origin, (await bridge).url]));
    const temporary = `${this.file}.new`;
    writeFileSync(temporary, JSON.stringify(Object.fromEntries(urls)));
    renameSync(temporary, this.file);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#bridges.values()].map(async (bridge) => (await bridge).close()));
  }
}
