import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TimeSpan } from "../../../functions/model/alerting/route.ts";
import { holds, isZone, nextChange, spansOf } from "../../../functions/notify/policy/windows/time-interval.ts";
import { localTime, ZONES, type Zone } from "./zone-table.ts";

const MINUTE = 60_000;

const spanHolds = (span: Partial<TimeSpan>, at: number | string): boolean =>
  holds({ name: "i", spans: [{ location: "UTC", ...span }] }, typeof at === "number" ? at : Date.parse(at));

/** The minutes of two days of UTC, from `from` on, in which the span holds. */
const minutesOf = (span: Partial<TimeSpan>, from: string): string[] =>
  Array.from({ length: 2 * 1440 }, (_, i) => Date.parse(`${from}T00:00Z`) + i * MINUTE)
    .filter((at) => spanHolds(span, at))
    .map((at) => new Date(at).toISOString().slice(5, 16));

const at = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const clock = (from: string, to: string) => [{ from: at(from), to: at(to) }];

describe("around a change of clocks", () => {
  const rows: [what: string, zone: Zone, from: string, to: string, day: string, first: string, minutes: number][] = [
    ["an hour that is skipped never comes", "Europe/Berlin", "02:00", "03:00", "2026-03-28", "03-28T01:00", 60],
    [
      "a span over the gap is shorter by it",
      "Europe/Berlin",
      "01:00",
      "04:00",
      "2026-03-29",
      "03-29T00:00",
      120 + 180 + 60,
    ],
    ["an hour that is doubled comes twice", "Europe/Berlin", "02:00", "03:00", "2026-10-25", "10-25T00:00", 120 + 60],
    ["the west's gap", "America/New_York", "02:00", "03:00", "2026-03-08", "03-09T06:00", 60],
    ["the west's doubled hour", "America/New_York", "01:00", "02:00", "2026-11-01", "11-01T05:00", 120 + 60],
    ["half an hour is skipped", "Australia/Lord_Howe", "02:00", "02:30", "2026-10-03", "10-04T15:00", 30],
    ["half an hour is doubled", "Australia/Lord_Howe", "01:30", "02:00", "2026-04-04", "04-04T14:30", 60 + 30],
    ["a gap on a half hour of UTC", "America/St_Johns", "02:00", "03:00", "2026-03-08", "03-09T04:30", 60],
    [
      "a doubled hour on a half hour of UTC",
      "America/St_Johns",
      "01:00",
      "02:00",
      "2026-11-01",
      "11-01T03:30",
      120 + 60,
    ],
    ["no change at all", "Asia/Kolkata", "00:00", "01:00", "2026-03-28", "03-28T18:30", 60 + 60],
  ];
  it.each(rows)("%s: %s %s to %s", (_what, location, from, to, day, first, minutes) => {
    const suppressed = minutesOf({ times: clock(from, to), location }, day);
    expect([suppressed[0], suppressed.length]).toEqual([first, minutes]);
  });

  it("has no 30 December 2011 in Samoa, which went over the date line", () => {
    const day = (from: number, year: number) => ({
      daysOfMonth: [{ from, to: from }],
      months: [{ from: 12, to: 12 }],
      years: [{ from: year, to: year }],
      location: "Pacific/Apia",
    });
    const counts = [29, 30, 31].map((d) => minutesOf(day(d, 2011), "2011-12-30").length);
    expect(counts).toEqual([600, 0, 1440]);
    expect(spanHolds(day(29, 2011), "2011-12-30T09:59Z")).toBe(true);
    expect(spanHolds(day(31, 2011), "2011-12-30T10:00Z")).toBe(true);
  });
});

describe("bounds", () => {
  const rows: [what: string, span: Partial<TimeSpan>, at: string, expected: boolean][] = [
    ["begin of a time, included", { times: clock("09:00", "17:00") }, "2026-11-22T09:00:00.000Z", true],
    ["just before it", { times: clock("09:00", "17:00") }, "2026-11-22T08:59:59.999Z", false],
    ["end of a time, not included", { times: clock("09:00", "17:00") }, "2026-11-22T17:00:00.000Z", false],
    ["just before it", { times: clock("09:00", "17:00") }, "2026-11-22T16:59:59.999Z", true],
    ["the last minute before 24:00", { times: clock("23:00", "24:00") }, "2026-11-22T23:59:59.999Z", true],
    ["24:00 is the next day's", { times: clock("23:00", "24:00") }, "2026-11-23T00:00:00.000Z", false],
    ["midnight is 00:00", { times: clock("00:00", "00:01") }, "2026-11-23T00:00:00.000Z", true],
    ["no time of day at all", { times: [] }, "2026-11-22T12:00Z", false],
    ["a span without fields", {}, "2026-11-22T12:00Z", true],
    ["Sunday is 0", { weekdays: [{ from: 0, to: 0 }] }, "2026-11-22T12:00Z", true],
    ["Saturday is 6", { weekdays: [{ from: 6, to: 6 }] }, "2026-11-21T23:59Z", true],
    [
      "weekday in the zone, not in UTC",
      { weekdays: [{ from: 1, to: 1 }], location: "Asia/Kolkata" },
      "2026-11-22T18:30Z",
      true,
    ],
    ["first month", { months: [{ from: 1, to: 3 }] }, "2026-01-01T00:00Z", true],
    ["after the last month", { months: [{ from: 1, to: 3 }] }, "2026-04-01T00:00Z", false],
    ["month in the zone", { months: [{ from: 1, to: 1 }], location: "Pacific/Apia" }, "2026-12-31T11:00Z", true],
    ["last year", { years: [{ from: 2026, to: 2027 }] }, "2027-12-31T23:59Z", true],
    ["after it", { years: [{ from: 2026, to: 2027 }] }, "2028-01-01T00:00Z", false],
    [
      "year in the zone",
      { years: [{ from: 2026, to: 2026 }], location: "America/St_Johns" },
      "2027-01-01T03:29Z",
      true,
    ],
    [
      "entries of a field are OR",
      {
        months: [
          { from: 1, to: 1 },
          { from: 11, to: 11 },
        ],
      },
      "2026-11-22T12:00Z",
      true,
    ],
    ["fields are AND", { months: [{ from: 11, to: 11 }], weekdays: [{ from: 1, to: 6 }] }, "2026-11-22T12:00Z", false],
  ];
  it.each(rows)("%s", (_what, span, moment, expected) => {
    expect(spanHolds(span, moment)).toBe(expected);
  });

  it("holds while any of its spans does", () => {
    const spans = [22, 24].map((day) => ({ daysOfMonth: [{ from: day, to: day }], location: "UTC" }));
    const days = [21, 22, 23, 24, 25].map((day) => holds({ name: "i", spans }, Date.UTC(2026, 10, day)));
    expect(days).toEqual([false, true, false, true, false]);
    expect(holds({ name: "none", spans: [] }, 0)).toBe(false);
  });

  it("knows zones from what is none", () => {
    expect(["Europe/Berlin", "UTC", ...ZONES].every(isZone)).toBe(true);
    expect(["Europe/Bielefeld", "", "Berlin", "CEST+2"].some(isZone)).toBe(false);
  });
});

describe("days of the month, as Alertmanager counts them", () => {
  const february = ["2026-02", "2028-02"] as const;
  const rows: [range: [number, number], month: string, days: string][] = [
    [[1, 5], february[0], "1 2 3 4 5"],
    [[-3, -1], february[0], "26 27 28"],
    [[-3, -1], february[1], "27 28 29"],
    [[-3, -1], "2026-11", "28 29 30"],
    [[28, -1], february[0], "28"],
    [[28, -1], february[1], "28 29"],
    [[28, -1], "2026-12", "28 29 30 31"],
    // Beginnings after the month's end are skipped, not clamped to its last day.
    [[29, 31], february[0], ""],
    [[29, 31], february[1], "29"],
    [[30, 31], "2026-11", "30"],
    [[31, 31], "2026-11", ""],
    [[27, 31], february[0], "27 28"],
    [[-31, -29], february[0], ""],
    [[-31, -28], february[0], "1"],
    [[-31, -29], "2026-12", "1 2 3"],
    [[-1, -1], "2026-12", "31"],
  ];
  it.each(rows)("%j of %s: %s", ([from, to], month, days) => {
    const all = Array.from({ length: 31 }, (_, i) => i + 1).filter((day) => {
      const noon = Date.parse(`${month}-01T12:00Z`) + (day - 1) * 1440 * MINUTE;
      return new Date(noon).getUTCDate() === day && spanHolds({ daysOfMonth: [{ from, to }] }, noon);
    });
    expect(all.join(" ")).toBe(days);
  });

  it("counts from the end of a month in which the clocks change, too", () => {
    const lastDay = { daysOfMonth: [{ from: -1, to: -1 }], location: "Europe/Berlin" };
    expect(minutesOf(lastDay, "2026-03-30")).toHaveLength(1440);
    expect(spanHolds(lastDay, "2026-03-31T12:00Z")).toBe(true);
    expect(spanHolds(lastDay, "2026-03-30T12:00Z")).toBe(false);
  });
});

describe("the next change", () => {
  const changeOf = (span: Partial<TimeSpan>, from: string): string | undefined => {
    const next = nextChange({ name: "i", spans: [{ location: "UTC", ...span }] }, Date.parse(from));
    return next === undefined ? undefined : new Date(next).toISOString().slice(0, 16);
  };
  const berlin = { location: "Europe/Berlin" };
  const rows: [what: string, span: Partial<TimeSpan>, from: string, next: string | undefined][] = [
    ["begins", { times: clock("09:00", "17:00") }, "2026-11-22T08:59:59.999Z", "2026-11-22T09:00"],
    ["ends", { times: clock("09:00", "17:00") }, "2026-11-22T09:00Z", "2026-11-22T17:00"],
    ["begins on a later day", { weekdays: [{ from: 3, to: 3 }] }, "2026-11-22T09:00Z", "2026-11-25T00:00"],
    ["begins in another month", { months: [{ from: 6, to: 6 }] }, "2026-11-22T09:00Z", "2027-06-01T00:00"],
    ["lasts over midnight", { weekdays: [{ from: 1, to: 2 }] }, "2026-11-23T09:00Z", "2026-11-25T00:00"],
    ["never comes", {}, "2026-11-22T09:00Z", undefined],
    ["never begins", { times: [] }, "2026-11-22T09:00Z", undefined],
    [
      "is a night that loses an hour",
      { times: clock("00:00", "06:00"), ...berlin },
      "2026-03-29T00:30Z",
      "2026-03-29T04:00",
    ],
    [
      "is a night that gains one",
      { times: clock("00:00", "06:00"), ...berlin },
      "2026-10-24T23:00Z",
      "2026-10-25T05:00",
    ],
    ["is the gap itself", { times: clock("02:00", "03:00"), ...berlin }, "2026-03-28T02:00Z", "2026-03-30T00:00"],
    [
      "is the end of the first of two hours",
      { times: clock("01:30", "02:30"), ...berlin },
      "2026-10-24T23:45Z",
      "2026-10-25T00:30",
    ],
    [
      "is the beginning of the second",
      { times: clock("01:30", "02:30"), ...berlin },
      "2026-10-25T00:30Z",
      "2026-10-25T01:00",
    ],
    [
      "is the end of the second",
      { times: clock("01:30", "02:30"), ...berlin },
      "2026-10-25T01:00Z",
      "2026-10-25T01:30",
    ],
  ];
  it.each(rows)("%s: %j", (_what, span, from, next) => expect(changeOf(span, from)).toBe(next));

  it("is the first minute that is not like this one, whatever the spans and wherever the clocks change", () => {
    const range = fc.tuple(fc.integer({ min: 0, max: 96 }), fc.integer({ min: 0, max: 96 }));
    const times = fc.array(
      range.map(([a, b]) => ({ from: 15 * Math.min(a, b), to: 15 * Math.max(a, b) })),
      { maxLength: 3 },
    );
    const span = fc.record(
      {
        times,
        weekdays: fc.constantFrom([{ from: 0, to: 2 }], [{ from: 6, to: 6 }]),
        location: fc.constantFrom(...ZONES),
      },
      { requiredKeys: ["location"] },
    );
    const from = fc
      .constantFrom(...ZONES)
      .chain((zone) =>
        fc
          .tuple(fc.constantFrom(...localTime.changes(zone)), fc.integer({ min: -1800, max: 1800 }))
          .map(([change, minutes]) => change + minutes * MINUTE + 7),
      );
    let found = 0;
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 2 }), from, (spans, at) => {
        const interval = { name: "i", spans };
        const minutes = Array.from({ length: 1800 }, (_, i) => Math.floor(at / MINUTE + 1 + i) * MINUTE);
        const expected = minutes.find((minute) => holds(interval, minute) !== holds(interval, at));
        const next = nextChange(interval, at);
        found += Number(expected !== undefined);
        if (expected === undefined) expect(next === undefined || next > (minutes.at(-1) as number)).toBe(true);
        else expect(next).toBe(expected);
      }),
      { numRuns: 60 },
    );
    expect(found).toBeGreaterThan(10);
  }, 30_000);
});

describe("the spans of a stretch of time", () => {
  it("are cut at its ends and joined where they touch", () => {
    const night = {
      name: "n",
      spans: [{ times: [...clock("22:00", "24:00"), ...clock("00:00", "06:00")], location: "Europe/Berlin" }],
    };
    const from = Date.parse("2026-03-28T22:00Z");
    expect(spansOf(night, { from, to: from + 24 * 60 * MINUTE })).toEqual([
      { from, to: Date.parse("2026-03-29T04:00Z") },
      { from: Date.parse("2026-03-29T20:00Z"), to: Date.parse("2026-03-29T22:00Z") },
    ]);
    expect(spansOf({ name: "none", spans: [] }, { from, to: from + 1 })).toEqual([]);
    expect(spansOf({ name: "all", spans: [{ location: "UTC" }] }, { from, to: from + 1 })).toEqual([
      { from, to: from + 1 },
    ]);
  });
});

describe("against a table of the zones", () => {
  const ranges = (least: number, most: number) =>
    fc.array(
      fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most })).map(([a, b]) => ({
        from: Math.min(a, b),
        to: Math.max(a, b),
      })),
      { minLength: 1, maxLength: 3 },
    );
  const day = fc.integer({ min: -31, max: 31 }).filter((n) => n !== 0);
  const span = fc.record(
    {
      times: ranges(0, 1440),
      weekdays: ranges(0, 6),
      daysOfMonth: fc.array(fc.record({ from: day, to: day }), { minLength: 1, maxLength: 3 }),
      months: ranges(1, 12),
      years: ranges(2026, 2027),
    },
    { requiredKeys: [] },
  );
  /** Anywhere in the two years, and often near a change of clocks. */
  const moment = (zone: Zone) =>
    fc.oneof(
      fc.integer({ min: Date.UTC(2026, 0, 2), max: Date.UTC(2027, 11, 30) }),
      fc
        .tuple(fc.constantFrom(...localTime.changes(zone)), fc.integer({ min: -180, max: 180 }))
        .map(([change, minutes]) => change + minutes * MINUTE),
    );
  const where = fc
    .constantFrom(...ZONES)
    .chain((zone) => fc.record({ zone: fc.constant(zone), at: moment(zone), span }));

  const among = (all: readonly { from: number; to: number }[] | undefined, value: number): boolean =>
    all === undefined || all.flatMap(({ from, to }) => sequence(from, to)).includes(value);
  const sequence = (from: number, to: number): number[] =>
    from > to ? [] : Array.from({ length: to - from + 1 }, (_, i) => from + i);

  it("holds exactly when a calendar on paper says so", () => {
    let suppressed = 0;
    fc.assert(
      fc.property(where, ({ zone, at, span }) => {
        const local = localTime(zone, at);
        const days = span.daysOfMonth?.map(({ from, to }) => {
          const end = new Date(Date.UTC(local.year, local.month, 0)).getUTCDate();
          return { from: from < 0 ? end + 1 + from : from, to: Math.min(end, to < 0 ? end + 1 + to : to) };
        });
        const expected =
          among(
            span.times?.map(({ from, to }) => ({ from, to: to - 1 })),
            local.minute,
          ) &&
          among(span.weekdays, local.weekday) &&
          among(days, local.day) &&
          among(span.months, local.month) &&
          among(span.years, local.year);
        suppressed += Number(expected);
        expect(spanHolds({ ...span, location: zone }, at)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
    expect(suppressed).toBeGreaterThan(100);
  });
});
