/**
 * A series of a target: its family, its labels except `target` as they are printed (`probe="health",vantage="local"`,
 * values escaped), and where its numbers stand in the block. Widths: 1 for counters, gauges and statesets (index of the
 * state); bounds + 2 for histograms: a count per bucket (not cumulative), the count above the last bound, the sum.
 * A NaN in a gauge or stateset means that it has no value yet and is not shown.
 */
export interface Column {
  family: string;
  labels: string;
  offset: number;
  width: number;
}

/** The columns of a target; shared, as one object, by all targets with the same series. */
export interface Layout {
  columns: readonly Column[];
  /** Numbers in a block of this layout. */
  size: number;
}

/** All numbers of one target. The target `""` is the prober itself: its series carry no `target` label. */
export interface Block {
  target: string;
  layout: Layout;
  values: Float64Array;
  /** When the target's series began, epoch ms. */
  createdAt: number;
  /** The same for columns that began later, by index in the layout. */
  createdLater: ReadonlyMap<number, number>;
}

/** A Monitor's numbers at one commit. Families whose name starts with `~` are facts of our own and never shown. */
export interface Snapshot {
  /** Changes with every commit; equal versions mean equal numbers. */
  version: string;
  blocks: readonly Block[];
}

/**
 * Private family of the latest traced run of a (target, probe), for exemplars: four 32-bit parts of the trace id, the
 * run's duration in seconds, when it ended in epoch ms.
 */
export const EXEMPLAR_FAMILY = "~exemplar";
