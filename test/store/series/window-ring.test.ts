import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { MINUTE_MS } from "../../../functions/lib/time-units.ts";
import { MAX_WINDOW_MS } from "../../../functions/model/alerting/rule.ts";
import { WindowRing } from "../../../functions/store/series/window-ring.ts";

const FIRST = 31_556_000;
/** The longest window that a rule may have, minutes. */
const LONGEST = MAX_WINDOW_MS / MINUTE_MS;

it("a minute is kept until the longest window has left it, and its row is used again then", () =>
  runInDurableObject(env.MONITOR.getByName("window-ring"), async (_instance, { storage }) => {
    const ring = new WindowRing(storage);
    const write = (minute: number): void =>
      ring.write(
        (_bytes, sql, ...bindings) => void storage.sql.exec(sql, ...bindings),
        minute,
        new Uint8Array([minute % 256]),
      );
    const rows = (): number => storage.sql.exec("SELECT count(*) AS n FROM rule_minute").one()["n"] as number;
    write(FIRST);
    write(FIRST + LONGEST - 1);
    write(FIRST + LONGEST);
    expect([ring.has(FIRST), rows()]).toEqual([true, 3]);
    expect(new Uint8Array(ring.read(FIRST) as ArrayBuffer)).toEqual(new Uint8Array([FIRST % 256]));
    write(FIRST + LONGEST + 1);
    expect([ring.has(FIRST), ring.read(FIRST), rows()]).toEqual([false, undefined, 3]);
  }));
