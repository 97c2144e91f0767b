import type { Block } from "../../model/snapshot.ts";
import type { BoundTrack } from "./rule-plan.ts";

/** A group of a track, to find it again in another layout. */
export const nameOf = ({ track, group }: BoundTrack): string => `${track.key}\n${group.text}`;

/** A group that appears while we watch began at 0; a gauge had no value. */
export const startOf = ({ track }: BoundTrack): ArrayLike<number> =>
  new Array<number>(track.cells).fill(track.type === "gauge" ? Number.NaN : 0);

/** What a group's series come to at present, cell by cell. */
export const totalsOf = (bound: BoundTrack, { values }: Block): number[] =>
  Array.from({ length: bound.track.cells }, (_, cell) => totalOf(bound, cell, values));

/** The sum of a group's series; those without a value are left out. */
export function totalOf({ track, group }: BoundTrack, cell: number, values: Float64Array): number {
  let sum = track.type === "gauge" ? Number.NaN : 0;
  for (const offset of group.offsets) {
    const value = values[offset + cell] as number;
    if (!Number.isNaN(value)) sum = Number.isNaN(sum) ? value : sum + value;
  }
  return track.type === "gauge" ? sum : whole(sum * track.scale, track.scale);
}

/** As much of a count as a minute's row can hold: targets may tell of 0.5 or 1e300, and must not break the tick. */
export const whole = (count: number, scale = 1): number =>
  Math.min(scale === 1 ? Math.floor(count) : Math.round(count), Number.MAX_SAFE_INTEGER);
