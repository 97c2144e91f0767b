import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { wranglerHistory } from "../../../functions/cli/backtest/open-history.ts";
import { HOUR_MS } from "../../../functions/lib/time-units.ts";
import { readIncidents, readOverview, readReplayRows } from "../../../functions/store/history/history-replay.ts";

const HOUR = Date.UTC(2026, 10, 20);

/** Runs the pinned Wrangler on the D1 of a folder. */
function wrangler(state: string, ...args: string[]): void {
  const cli = "node_modules/wrangler/bin/wrangler.js";
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };
  const done = spawnSync(process.execPath, [cli, "d1", ...args, "--local", "--persist-to", state], { env });
  if (done.status !== 0) throw new Error(String(done.stderr));
}

it("reads the D1 of a local run through Wrangler, blobs and quotes included", () => {
  const state = mkdtempSync(join(tmpdir(), "zako-watch-d1-"));
  try {
    const ask = wranglerHistory({ remote: false, state });
    const words = /no such table: history[\s\S]*Cannot read history from D1; .* must be the state of a local run$/;
    expect(() => ask(["SELECT 1 FROM history"])).toThrow(
      expect.objectContaining({ name: "HistoryError", message: expect.stringMatching(words) }),
    );
    wrangler(state, "migrations", "apply", "DB");
    const row = (owner: string, samples: string): string =>
      `INSERT INTO history VALUES ('o''clock', ${HOUR / 1000}, '${owner}', 1, 1, 1, 0, 0, 0, 0, 5, 5, '{"health":{"runs":2}}', ${samples})`;
    const incident = `INSERT INTO incident VALUES ('o''clock', ${HOUR / 1000}, ${HOUR + 7}, NULL, NULL, NULL, '[]')`;
    wrangler(state, "execute", "DB", "--command", [row("0:1", "x'00ff27'"), row("0:2", "NULL"), incident].join(";"));
    const range = { from: HOUR, to: HOUR + HOUR_MS };
    const one = { ...range, target: "o'clock" };
    expect(readOverview(ask, range)).toEqual({
      targets: [{ target: "o'clock", hours: 1, stripped: 1, firstAt: HOUR, runs: { health: 4 } }],
      hours: [{ hour: HOUR, sizeBytes: 3 }],
      hasIncidents: true,
    });
    expect(readReplayRows(ask, one)).toEqual([
      { target: "o'clock", hour: HOUR, owner: "0:1", samples: Uint8Array.of(0, 255, 39) },
    ]);
    expect(readIncidents(ask, one)).toEqual([{ target: "o'clock", openedAt: HOUR + 7 }]);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});
