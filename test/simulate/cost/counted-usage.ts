/** What was used in a time, as it was counted. */
export interface CountedUsage {
  workerRequests: number;
  objectRequests: number;
  objectGbSeconds: number;
  objectRowsWritten: number;
  d1RowsWritten: number;
  kvReads: number;
  logEvents: number;
  calls: number;
  /** The most calls of one invocation, by what it did. */
  most: { tick: number; confirmations: number; rechecks: number; alerter: number };
}
