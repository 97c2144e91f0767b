import { isMisplaced, type Place } from "../../model/location-hints.ts";
import type { ProberName } from "../../model/probing/placement.ts";
import type { Vantage } from "../../model/probing/vantage.ts";
import type { WatchEvent } from "../../model/watch-event.ts";
import type { Batch, BatchAnswer } from "../../probe/batch-request.ts";
import type { ProberStore } from "../../store/prober-store.ts";
import type { Lane } from "../tick/lanes.ts";
import { asksPlace, FIRST_PROBER, placeProber } from "./place-prober.ts";

/** Runs batches near a region. */
export interface RunsBatches {
  run(batch: Batch): Promise<BatchAnswer>;
}

/** What a Monitor's RegionProbers need from outside. */
export interface ProberPorts {
  store: ProberStore;
  shard: number;
  /** The object of this name; made near its vantage if there is none yet. */
  object: (name: ProberName) => RunsBatches;
  /** Whether probers are asked where they run: on a laptop all run here, and the page that tells is out of reach. */
  locates: boolean;
  /** Epoch ms. */
  now: () => number;
  log: (event: WatchEvent) => void;
}

/** Where a RegionProber runs. */
export interface SeenProber {
  vantage: Vantage;
  place: Place;
  isMisplaced: boolean;
}

/** The RegionProbers of one Monitor: which generation runs a lane, and where it really is. */
export class RegionProbers {
  readonly #ports: ProberPorts;

  constructor(ports: ProberPorts) {
    this.#ports = ports;
  }

  /** The prober that runs a lane now. */
  of({ vantage, index: lane }: Lane): RunsBatches {
    const { store, shard, object, locates, now } = this.#ports;
    const prober = store.get(vantage, lane) ?? FIRST_PROBER;
    const name = { vantage, shard, lane, generation: prober.generation };
    const asks = locates && asksPlace(prober, now());
    return {
      run: async (batch) => {
        const answer = await object(name).run(asks ? { ...batch, locates: true } : batch);
        if (asks) this.#note(name, answer.place);
        return answer;
      },
    };
  }

  /** The probers of these vantages and lanes that have said where they run. */
  seen(vantages: readonly Vantage[], lanes: number): SeenProber[] {
    return vantages.flatMap((vantage) =>
      Array.from({ length: lanes }, (_, lane) => this.#ports.store.get(vantage, lane)?.place).flatMap((place) =>
        place === undefined ? [] : [{ vantage, place, isMisplaced: isMisplaced(vantage, place) }],
      ),
    );
  }

  #note({ vantage, lane, generation }: ProberName, place: Place | undefined): void {
    const { store, now, log } = this.#ports;
    const known = store.get(vantage, lane) ?? FIRST_PROBER;
    // A batch that began before the prober was replaced says nothing about its successor.
    if (known.generation !== generation) return;
    const { prober, change } = placeProber(known, vantage, place, now());
    store.save(vantage, lane, prober);
    if (change === "none" || place === undefined) return;
    log({ event: "prober", vantage, lane, generation: prober.generation, ...place, change });
  }
}
