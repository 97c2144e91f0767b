import type { AskHistory } from "../../store/history/history-replay.ts";
import { type BacktestArguments, backtestArguments, USAGE } from "../backtest/arguments.ts";
import { backtest } from "../backtest/backtest.ts";
import { HistoryError } from "../backtest/open-history.ts";
import { report } from "../backtest/report.ts";
import { reportJson } from "../backtest/report-json.ts";
import { type Command, UsageError } from "../command.ts";
import { loadConfig } from "../config/load-config.ts";
import type { LocalRun } from "../local-run.ts";
import type { Done } from "../run-wrangler.ts";

/** How often a long backtest reports its progress. */
const PROGRESS_MS = 5_000;

/** `rules backtest` with a place to read history from and a clock. */
export const backtestWith = (
  open: (history: BacktestArguments["history"]) => Done<AskHistory>,
  now: () => number,
  runs?: readonly LocalRun[],
): Command => ({
  name: "rules backtest",
  usage: USAGE,
  summary: "Shows which alerts a configuration's rules and thresholds would have raised on recorded results.",
  run(args, context) {
    const given = backtestArguments(args, context, now(), runs);
    const { kinds, complain, print } = context;
    // Nothing is deployed here, so addresses of a local run are fine wherever history is not the account's.
    const local = "database" in given.history || !given.history.remote;
    const next = loadConfig(given.file, kinds, { local });
    const present = loadConfig(given.against, kinds, { local });
    const errors = [next, present].flatMap((loaded) => (loaded.ok ? [] : loaded.errors));
    for (const line of new Set(errors)) complain(line);
    if (!next.ok || !present.ok) return 1;
    const targets = [...next.config.targets, ...present.config.targets].map(({ name }) => name);
    if (given.target !== undefined && !targets.includes(given.target))
      throw new UsageError(
        `--target ${JSON.stringify(given.target)} is not a target; choose from ${[...new Set(targets)].join(", ")}`,
      );
    const names = new Set(present.config.targets.map(({ name }) => name));
    if (!next.config.targets.some(({ name }) => names.has(name))) {
      const [one] = names;
      complain(
        `${given.file} has none of the targets of ${given.against}, such as ${one}, so nothing can be replayed. Copy ${given.against}, change the copy, and give that.`,
      );
      return 1;
    }
    const opened = open(given.history);
    if (!opened.ok) {
      complain(opened.said);
      return 1;
    }
    let saidAt = now();
    const onProgress = (share: number): void => {
      if (now() - saidAt < PROGRESS_MS) return;
      saidAt = now();
      complain(`replayed ${Math.round(share * 100)} %`);
    };
    const of = { ...given, next: next.config, present: present.config };
    try {
      const done = backtest({ ...of, ask: opened.value, kinds, onProgress });
      print(given.json ? reportJson(of, done) : report(of, done));
      return 0;
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      complain(error.message);
      return 1;
    }
  },
});
