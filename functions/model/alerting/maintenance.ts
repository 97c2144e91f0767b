import type { Target } from "../probing/target.ts";
import type { AlertLabels } from "./alert.ts";
import type { Matcher } from "./matcher.ts";
import type { TimeInterval } from "./route.ts";

/** Planned work on targets, recurring or once. Meanwhile nobody is notified of them, and the time is outside uptime. */
export interface Maintenance {
  name: string;
  /** On `target` and the targets' own labels. */
  matchers: readonly Matcher[];
  /** When it recurs, within the times below. */
  interval: TimeInterval;
  /** Not before this, epoch ms; absent: no bound. */
  startsAt?: number;
  /** Not from this on, epoch ms; absent: no bound. */
  endsAt?: number;
}

/** The maintenance of a configuration, and what it may be about. */
export interface PlannedWork {
  windows: readonly Maintenance[];
  targets: readonly Pick<Target, "name" | "labels">[];
}

/** The labels of a target that maintenance matches; the name alone where the configuration does not have it. */
export const maintenanceLabels = ({ targets }: PlannedWork, target: string): AlertLabels => ({
  ...targets.find(({ name }) => name === target)?.labels,
  target,
});
