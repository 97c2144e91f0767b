import { casFaults } from "./cas-faults.ts";
import { connectionFaults } from "./connection-faults.ts";
import { contentFaults } from "./content-faults.ts";
import type { Fault } from "./fault.ts";
import { frameFaults } from "./frame-faults.ts";
import { healthFaults } from "./health-faults.ts";
import { httpFaults } from "./http-faults.ts";
import { insideFaults } from "./inside-faults.ts";
import { rpcFaults } from "./rpc-faults.ts";
import { timingFaults } from "./timing-faults.ts";

const families: readonly (readonly Fault[])[] = [
  timingFaults,
  connectionFaults,
  rpcFaults,
  httpFaults,
  frameFaults,
  casFaults,
  contentFaults,
  healthFaults,
  insideFaults,
];

/** Every fault by name; a new one is one entry in the list of its family. */
export const faults: ReadonlyMap<string, Fault> = new Map(families.flat().map((fault) => [fault.name, fault]));
