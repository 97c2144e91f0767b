import { HOUR_MS, MINUTE_MS, SECOND_MS } from "./time-units.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  H: HOUR_MS,
  M: MINUTE_MS,
  S: SECOND_MS,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** A `grpc-timeout` in ms, rounded up; undefined where there is none, or one that the protocol does not know. */
export function readGrpcTimeout(value: string | undefined): number | undefined {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(value ?? "") ?? [];
  const unitMs = UNITS_MS[unit ?? ""];
  return unitMs === undefined ? undefined : Math.ceil(Number(digits) * unitMs);
}
