const UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
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
