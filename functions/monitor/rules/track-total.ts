import type { Block } from "../../model/snapshot.ts";
import type { BoundTrack } from "./rule-plan.ts";

/** Key of a group of a track, to find it in another layout. */
export const nameOf = ({ track, group }: BoundTrack): string => `${track.key}\n${group.text}`;

/** Start value of a group that appears while running: 0, or no value for a gauge. */
export const startOf = ({ track }: BoundTrack): ArrayLike<number> =>
  new Array<number>(track.cells).fill(track.type === "gauge" ? Number.NaN : 0);

/** Current sums of a group's series, per cell. */
export const totalsOf = (bound: BoundTrack, { values }: Block): number[] =>
  Array.from({ length: bound.track.cells }, (_, cell) => totalOf(bound, cell, values));

/** Sum of a group's series; series without a value are ignored. */
export function totalOf({ track, group }: BoundTrack, cell: number, values: Float64Array): number {
  let sum = track.type === "gauge" ? Number.NaN : 0;
  for (const offset of group.offsets) {
    const value = values[offset + cell] as number;
    if (!Number.isNaN(value)) sum = Number.isNaN(sum) ? value : sum + value;
  }
  return track.type === "gauge" ? sum : whole(sum * track.scale, track.scale);
}

/** Limits a count to what a minute's row can store: targets may report 0.5 or 1e300, which must not break the tick. */
export const whole = (count: number, scale = 1): number =>
  Math.min(scale === 1 ? Math.floor(count) : Math.round(count), Number.MAX_SAFE_INTEGER);
