import { casDetails } from "./cas-details.ts";
import { casNegotiate } from "./cas-negotiate.ts";
import { health } from "./health.ts";
import type { ProbeKind } from "./kind.ts";
import { push } from "./push.ts";
import { scrape } from "./scrape.ts";
import { transportDownload } from "./transport-download.ts";
import { transportJourney } from "./transport-journey.ts";
import { transportNegative } from "./transport-negative.ts";
import { transportUpload } from "./transport-upload.ts";

/** Every kind of probe. A new one is one file and one line here. */
export const PROBE_KINDS: readonly ProbeKind[] = [
  health,
  casDetails,
  casNegotiate,
  transportDownload,
  transportUpload,
  transportJourney,
  transportNegative,
  push,
  scrape,
];

const byName: ReadonlyMap<string, ProbeKind> = new Map(PROBE_KINDS.map((kind) => [kind.kind, kind]));

/** The kind of that name, if there is one. */
export const findKind = (name: string): ProbeKind | undefined => byName.get(name);
