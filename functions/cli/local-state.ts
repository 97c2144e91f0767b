import { UsageError } from "./command.ts";
import { type LocalRun, localRuns, localState } from "./local-run.ts";

/** State of the local run that `--local` means, for commands that read or write it themselves. */
export function onlyLocalState(runs: readonly LocalRun[] = localRuns()): string {
  const state = localState(runs);
  if (state !== undefined) return state;
  const choices = runs.map(({ statePath }) => statePath);
  throw new UsageError(`several local runs are up; select one with --persist-to: ${choices.join(", ")}`);
}
