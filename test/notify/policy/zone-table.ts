/**
 * Offsets from UTC in minutes, and when they change in 2026 and 2027: written down by hand from the zones' laws, so that
 * the platform's own tables are compared with something that is not theirs.
 */
const TABLE = {
  UTC: { first: 0, changes: [] },
  "Europe/Berlin": {
    first: 60,
    changes: [
      ["2026-03-29T01:00Z", 120],
      ["2026-10-25T01:00Z", 60],
      ["2027-03-28T01:00Z", 120],
      ["2027-10-31T01:00Z", 60],
    ],
  },
  "America/New_York": {
    first: -300,
    changes: [
      ["2026-03-08T07:00Z", -240],
      ["2026-11-01T06:00Z", -300],
      ["2027-03-14T07:00Z", -240],
      ["2027-11-07T06:00Z", -300],
    ],
  },
  "America/St_Johns": {
    first: -210,
    changes: [
      ["2026-03-08T05:30Z", -150],
      ["2026-11-01T04:30Z", -210],
      ["2027-03-14T05:30Z", -150],
      ["2027-11-07T04:30Z", -210],
    ],
  },
  // Half an hour, in the summer of the south.
  "Australia/Lord_Howe": {
    first: 660,
    changes: [
      ["2026-04-04T15:00Z", 630],
      ["2026-10-03T15:30Z", 660],
      ["2027-04-03T15:00Z", 630],
      ["2027-10-02T15:30Z", 660],
    ],
  },
  "Asia/Kolkata": { first: 330, changes: [] },
  "Pacific/Apia": { first: 780, changes: [] },
} as const satisfies Record<string, { first: number; changes: readonly (readonly [at: string, offset: number])[] }>;

export type Zone = keyof typeof TABLE;

export const ZONES = Object.keys(TABLE) as Zone[];

/** What the wall clock shows in the zone at `at` (epoch ms), by the table alone. */
export function localTime(zone: Zone, at: number) {
  const { first, changes } = TABLE[zone];
  const offset = changes.findLast(([from]) => Date.parse(from) <= at)?.[1] ?? first;
  const shifted = new Date(at + offset * 60_000);
  return {
    minute: shifted.getUTCHours() * 60 + shifted.getUTCMinutes(),
    weekday: shifted.getUTCDay(),
    day: shifted.getUTCDate(),
    month: shifted.getUTCMonth() + 1,
    year: shifted.getUTCFullYear(),
  };
}

/** When the zone's clocks change; midnight of a new year where they never do. */
localTime.changes = (zone: Zone): number[] => {
  const changes = TABLE[zone].changes.map(([at]) => Date.parse(at));
  return changes.length === 0 ? [Date.UTC(2027, 0, 1)] : changes;
};
