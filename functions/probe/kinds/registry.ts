import type { ProbeKind } from "../kind.ts";
import { casDetails } from "./cas-details.ts";
import { casNegotiate } from "./cas-negotiate.ts";
import { engineContext } from "./engine-context.ts";
import { engineExecute } from "./engine-execute.ts";
import { health } from "./health.ts";
import { push } from "./push.ts";
import { resourceHeuristics } from "./resource-heuristics.ts";
import { scrape } from "./scrape.ts";
import { transportDownload } from "./transport-download.ts";
import { transportJourney } from "./transport-journey.ts";
import { transportNegative } from "./transport-negative.ts";
import { transportUpload } from "./transport-upload.ts";
import { workerGc } from "./worker-gc.ts";
import { workerSubmit } from "./worker-submit.ts";

/** Every kind of probe. A new one is one file and one line here. */
export const PROBE_KINDS: readonly ProbeKind[] = [
  health,
  casDetails,
  casNegotiate,
  transportDownload,
  transportUpload,
  transportJourney,
  transportNegative,
  workerSubmit,
  workerGc,
  engineExecute,
  engineContext,
  resourceHeuristics,
  push,
  scrape,
];

const byName: ReadonlyMap<string, ProbeKind> = new Map(PROBE_KINDS.map((kind) => [kind.kind, kind]));

/** The kind with this name, or undefined. */
export const findKind = (name: string): ProbeKind | undefined => byName.get(name);
