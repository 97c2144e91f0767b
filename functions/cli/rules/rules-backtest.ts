import type { AskHistory } from "../../store/history/history-replay.ts";
import type { BacktestArguments } from "../backtest/arguments.ts";
import { openHistoryFile, wranglerHistory } from "../backtest/open-history.ts";
import type { Done } from "../run-wrangler.ts";
import { backtestWith } from "./backtest-with.ts";

function openHistory(history: BacktestArguments["history"]): Done<AskHistory> {
  return "database" in history ? openHistoryFile(history.database) : { ok: true, value: wranglerHistory(history) };
}

/** Replays stored history through changed rules. */
export const rulesBacktest = backtestWith(openHistory, () => Date.now());
