import { renameSync, writeFileSync } from "node:fs";
import type { Config } from "../../model/config.ts";
import type { Failure } from "../../model/probing/failure.ts";
import { PROBE_KINDS } from "../../probe/kinds/registry.ts";
import { type Bridge, startBridge } from "../bridge/start-bridge.ts";
import { grpcOrigins } from "../bridge/through-bridges.ts";
import { loadConfig } from "../config/load-config.ts";
import { lookAt } from "../look/look-at.ts";

/** The bridges of a local run, one for each origin of a `grpc` target; they stay until the run ends. */
export class Bridges {
  /** Holds the map from origins to bridges as JSON, for WATCH_BRIDGES. */
  readonly file: string;
  readonly #bridges = new Map<string, Promise<Bridge>>();
  /** Of all configurations of the run: until an edit has reached the Worker, it asks for what was before. */
  readonly #origins = new Set<string>();

  constructor(file: string) {
    this.file = file;
  }

  /** Starts what a configuration still needs. One that is wrong needs nothing: who compiles it tells what is wrong. */
  async prepare(config: string): Promise<void> {
    const loaded = loadConfig(config, PROBE_KINDS, { local: true });
    for (const origin of loaded.ok ? originsOf(loaded.config) : []) this.#origins.add(origin);
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

  /** Whether a call of the Worker may go to an origin: one that was configured in this run, or a bridge. */
  async knows(origin: string): Promise<boolean> {
    return this.#origins.has(origin) || (await this.#bridgeAt(origin)) !== undefined;
  }

  /** Why calls to an origin get no answer; null where there is nothing to add. */
  async causeOf(origin: string): Promise<Failure | null> {
    const bridge = await this.#bridgeAt(origin);
    return bridge === undefined ? lookAt(origin) : (bridge.lastFailure ?? null);
  }

  async #bridgeAt(origin: string): Promise<Bridge | undefined> {
    const bridges = await Promise.allSettled(this.#bridges.values());
    return bridges.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])).find(({ url }) => url === origin);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#bridges.values()].map(async (bridge) => (await bridge).close()));
  }
}

/** Every origin that the configuration's probes call. */
const originsOf = ({ targets }: Config): ReadonlySet<string> =>
  new Set(
    targets
      .flatMap(({ casUrl, transportUrl, probes }) => [
        casUrl,
        transportUrl,
        ...probes.map(({ outside }) => outside?.url),
      ])
      .flatMap((url) => (url === undefined ? [] : [new URL(url).origin])),
  );
