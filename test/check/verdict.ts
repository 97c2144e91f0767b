/** What a check has to say: `faults` fail it, `notes` are printed beside it. */
export interface Verdict {
  faults: readonly string[];
  notes: readonly string[];
}
