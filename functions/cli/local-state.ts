import { UsageError } from "./command.ts";
import { localRuns, localState } from "./local-run.ts";

/** State of the local run that `--local` means, for commands that read or write it themselves. */
export function onlyLocalState(): string {
  const state = localState();
  if (state !== undefined) return state;
  const choices = localRuns().map(({ statePath }) => statePath);
  throw new UsageError(`several local runs are up; select one with --persist-to: ${choices.join(", ")}`);
}
