import type { Ledger } from "../ledger.ts";
import { deliveries, type OutageRow, rowsOf, type Side } from "./side.ts";

/** Two ledgers side by side, then outage by outage. */
export function printSides(a: Side, b: Side): string[] {
  const line = (name: string, one: unknown, other: unknown): string =>
    `${name.padEnd(34)} ${String(one).padStart(22)} ${String(other).padStart(22)}`;
  const endpoints = [...new Set([...deliveries(a).keys(), ...deliveries(b).keys()])].sort();
  const rowsB = rowsOf(b);
  return [
    line("", a.name, b.name),
    ...Object.keys(a.ledger).flatMap((key) => {
      const [one, other] = [a.ledger[key as keyof Ledger], b.ledger[key as keyof Ledger]];
      if (Array.isArray(one)) return [];
      return [line(titleOf(key), spell(one), spell(other))];
    }),
    ...endpoints.map((endpoint) =>
      line(`messages to ${endpoint}`, deliveries(a).get(endpoint) ?? 0, deliveries(b).get(endpoint) ?? 0),
    ),
    "",
    `seconds, ${a.name} | ${b.name}`,
    `${"outage".padEnd(46)}${["found", "over", "record opens", "record closes"].map((title) => title.padStart(19)).join("")}  messages`,
    ...rowsOf(a).map((row, i) => outageLine(row, rowsB[i])),
  ];
}

function outageLine(row: OutageRow, other: OutageRow | undefined): string {
  const { target, cause, startAt, endAt } = row.outage;
  const what = `${new Date(startAt).toISOString().slice(5, 19)} ${target} ${cause} for ${(endAt - startAt) / 60_000} min`;
  const pair = (key: "foundMs" | "overMs" | "openedMs" | "closedMs"): string =>
    `${seconds(row[key])} | ${seconds(other?.[key])}`.padStart(19);
  return `${what.padEnd(46)}${pair("foundMs")}${pair("overMs")}${pair("openedMs")}${pair("closedMs")}  ${messages(row)} | ${messages(other)}`;
}

const messages = (row: OutageRow | undefined): number =>
  (row?.pages ?? []).reduce((sum, page) => sum + Number(page.split(" x ")[1]), 0);
const seconds = (ms: number | undefined): string => (ms === undefined ? "-" : (ms / 1000).toFixed(2));
const titleOf = (key: string): string => key.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
const spell = (value: Ledger[keyof Ledger]): string => {
  if (typeof value === "number") return String(value);
  if (!("p50Ms" in value)) return "";
  const { p50Ms, p99Ms, worstMs } = value;
  return [p50Ms, p99Ms, worstMs].map((ms) => (Number.isNaN(ms) ? "-" : (ms / 1000).toFixed(2))).join("/");
};
