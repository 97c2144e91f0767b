import { HOUR_MS } from "../../lib/time-units.ts";
import type { Config } from "../../model/config.ts";
import type { ProbePlan, Target } from "../../model/probing/target.ts";
import type { KnownKinds } from "./planned-slots.ts";

/** Size of history in D1, bytes, and how it would fit. */
export interface HistorySize {
  /** With the configured retention, once it is reached. */
  bytes: number;
  limitBytes: number;
  /** Retention with which it fits; undefined where it does already, or where none does. */
  fits?: { samplesDays: number; rollupsDays: number };
}

/** A sample takes about so much: its flags, its series, how long it took and when it began. */
const SAMPLE_BYTES = 5.4;
/** What a slot adds to the first of its samples, and a series or a name to the block's head. */
const SLOT_BYTES = 3;
const SERIES_BYTES = 3;
/** The row's own columns besides the name of its target. */
const ROW_BYTES = 48;
/** Counts of one probe as JSON, besides its name. */
const ROLLUP_BYTES = 128;

/** How SQLite stores rows of a table WITHOUT ROWID: pages of 4 KiB, what is too large for one on pages of its own. */
const PAGE_BYTES = 4_096;
const MOST_ON_PAGE = Math.floor(((PAGE_BYTES - 12) * 64) / 255) - 23;
const LEAST_ON_PAGE = Math.floor(((PAGE_BYTES - 12) * 32) / 255) - 23;
/** Rows of many targets come in turn, so pages are split in the middle and stay about two thirds full. */
const FILL = 0.67;

/** Estimates the size of history. `limitBytes`: of one database. Pure. */
export function historySize(config: Config, kinds: KnownKinds, limitBytes: number): HistorySize {
  const rows = config.targets.map((target) => rowBytes(target, config, kinds));
  const perHour = (of: (row: RowBytes) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const [whole, stripped] = [perHour((row) => row.whole), perHour((row) => row.stripped)];
  const size = (samplesDays: number, rollupsDays: number): number =>
    24 * (samplesDays * whole + Math.max(0, rollupsDays - samplesDays) * stripped);
  const { samplesDays, rollupsDays } = config.retention;
  const bytes = size(samplesDays, rollupsDays);
  if (bytes <= limitBytes) return { bytes, limitBytes };
  // Rollups are shortened first: samples are what people look at when something breaks.
  const kept = Math.floor((limitBytes / 24 - samplesDays * (whole - stripped)) / stripped);
  if (kept >= Math.max(LEAST_ROLLUP_DAYS, samplesDays))
    return { bytes, limitBytes, fits: { samplesDays, rollupsDays: kept } };
  const rollups = Math.min(rollupsDays, LEAST_ROLLUP_DAYS);
  const days = Math.min(samplesDays, Math.floor((limitBytes / 24 - rollups * stripped) / (whole - stripped)));
  if (days >= 1) return { bytes, limitBytes, fits: { samplesDays: days, rollupsDays: rollups } };
  const least = Math.floor((limitBytes / 24 - (whole - stripped)) / stripped);
  return least >= 1 ? { bytes, limitBytes, fits: { samplesDays: 1, rollupsDays: least } } : { bytes, limitBytes };
}

/** A quarter, as most reports of availability ask for. */
const LEAST_ROLLUP_DAYS = 90;

/** What one row of history takes of the database: with its samples, and without. */
interface RowBytes {
  whole: number;
  stripped: number;
}

function rowBytes(target: Target, { vantages, gridMs }: Config, kinds: KnownKinds): RowBytes {
  const runsOf = ({ kind, intervalMs }: ProbePlan): number =>
    (HOUR_MS / intervalMs) * (kinds.get(kind)?.schedule === "rotating" ? 1 : vantages.length);
  const asked = target.probes.filter(({ kind, options }) => (kinds.get(kind)?.calls(options) ?? 0) > 0);
  const runs = asked.reduce((sum, plan) => sum + runsOf(plan), 0);
  const shortest = Math.min(HOUR_MS, ...asked.map(({ intervalMs }) => intervalMs));
  const names = [target.name, ...asked.map(({ kind }) => kind), ...vantages].reduce(
    (sum, name) => sum + name.length + 1,
    4,
  );
  const slots = HOUR_MS / Math.max(gridMs, shortest);
  const samples = names + asked.length * vantages.length * SERIES_BYTES + slots * SLOT_BYTES + runs * SAMPLE_BYTES;
  const rollup = asked.reduce((sum, { kind }) => sum + kind.length + ROLLUP_BYTES, 2);
  const plain = ROW_BYTES + target.name.length + rollup;
  return { whole: stored(plain + samples), stripped: stored(plain) };
}

/** What a row of so many bytes takes on its pages. */
function stored(bytes: number): number {
  if (bytes <= MOST_ON_PAGE) return bytes / FILL;
  const rest = LEAST_ON_PAGE + ((bytes - LEAST_ON_PAGE) % (PAGE_BYTES - 4));
  const onPage = rest <= MOST_ON_PAGE ? rest : LEAST_ON_PAGE;
  return onPage / FILL + Math.ceil((bytes - onPage) / (PAGE_BYTES - 4)) * PAGE_BYTES;
}
