import type { Role } from "../../model/probing/probe-task.ts";
import type { Vantage } from "../../model/probing/vantage.ts";

/** A run by its name only: its task is made anew from the config when it is run. */
export interface NamedRun {
  target: string;
  probe: string;
  vantage: Vantage;
  role: Role;
}
