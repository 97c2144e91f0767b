import { spellTime } from "../../lib/spell-time.ts";

/** A time in UTC, which scripts can read. `at`: epoch ms. */
export const Time = ({ at }: { at: number }) =>
  Math.abs(at) <= 8.64e15 ? (
    <time datetime={new Date(at).toISOString()}>{spellTime(at)}</time>
  ) : (
    <span>{spellTime(at)}</span>
  );
