import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Zako as Server, startZako, type ZakoOptions } from "../../zako/server.ts";
import { clearFaults, type FaultParams, setFault } from "../../zako-control.ts";
import * as faults from "../zako/fault.ts";
import type { Zako } from "../zako/zako.ts";

/** Fault of the reference Zako; `dead`: the process is gone, and its port takes no connections. */
type RealFault = "dead" | { name: string; params?: FaultParams; method?: string };

/** What each scripted fault is on the wire. */
const REAL: ReadonlyMap<faults.Fault, RealFault> = new Map<faults.Fault, RealFault>([
  [faults.refused, "dead"],
  [faults.hangs, { name: "hang" }],
  [faults.unavailable, { name: "rpc", params: { code: "unavailable" } }],
  [faults.badGateway, { name: "html-error", params: { status: 502 } }],
  [faults.edgeError, { name: "edge", params: { status: 522 } }],
  [faults.corrupt, { name: "flip-byte" }],
  [faults.lyingNegotiate, { name: "says-missing" }],
  [faults.fullDisk, { name: "rpc", params: { code: "resource_exhausted" }, method: "transport.Upload" }],
  [faults.uploadFails, { name: "rpc", params: { code: "internal" }, method: "transport.Upload" }],
]);

/** The reference Zako of a target. It has the faults that the script gave the target. */
export class RealZako {
  readonly #scripted: Zako;
  readonly #blobFolder: string;
  #server: Server;
  #isDead = false;
  /** What is switched on, as text. */
  #on = "";

  private constructor(scripted: Zako, blobFolder: string, server: Server) {
    this.#scripted = scripted;
    this.#blobFolder = blobFolder;
    this.#server = server;
  }

  static async start(scripted: Zako): Promise<RealZako> {
    const blobFolder = mkdtempSync(join(tmpdir(), "zako-watch-blobs-"));
    return new RealZako(scripted, blobFolder, await startZako(optionsOf(scripted, blobFolder)));
  }

  /** Its address; the same after each restart. */
  get url(): string {
    return this.#server.url;
  }

  get hangs(): boolean {
    return [...this.#scripted.faults].some((fault) => faults.originalOf(fault) === faults.hangs);
  }

  /** Breaks and mends it as the script has it now. */
  async follow(): Promise<void> {
    const wanted = [...this.#scripted.faults].map((fault) => realOf(fault));
    const on = JSON.stringify(wanted);
    if (on === this.#on) return;
    this.#on = on;
    if (wanted.includes("dead")) {
      if (!this.#isDead) await this.#server.close();
      this.#isDead = true;
      return;
    }
    if (this.#isDead) await this.#restart();
    await clearFaults(this.#server.controlUrl);
    for (const fault of wanted)
      if (fault !== "dead")
        await setFault(
          this.#server.controlUrl,
          fault.name,
          fault.params,
          fault.method === undefined ? {} : { method: fault.method },
        );
  }

  async close(): Promise<void> {
    if (!this.#isDead) await this.#server.close();
    rmSync(this.#blobFolder, { recursive: true, force: true });
  }

  async #restart(): Promise<void> {
    const port = Number(new URL(this.#server.url).port);
    this.#server = await startZako({ ...optionsOf(this.#scripted, this.#blobFolder), port });
    this.#isDead = false;
  }
}

const optionsOf = ({ offers }: Zako, blobFolder: string): ZakoOptions => ({
  blobFolder,
  health: offers === "everything",
  diagnostics: offers === "everything",
});

function realOf(fault: faults.Fault): RealFault {
  const real = REAL.get(faults.originalOf(fault));
  if (real === undefined)
    throw new Error("The reference Zako has no fault for this one of the script; see real-zako.ts.");
  return real;
}
