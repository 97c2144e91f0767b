/** Syntax of sizes: a whole number and a binary unit, such as `4KiB`. */
export const SIZE_PATTERN = /^[0-9]{1,15}(B|KiB|MiB|GiB)?$/;

const UNITS = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
  ["B", 1],
] as const;

/** Parses a size to bytes; a bare number is bytes. Undefined if invalid or too large for an exact integer. */
export function parseSize(written: string | number): number | undefined {
  const text = String(written);
  if (!SIZE_PATTERN.test(text)) return undefined;
  const unit = UNITS.find(([name]) => text.endsWith(name));
  const sizeBytes = Number.parseInt(text, 10) * (unit?.[1] ?? 1);
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
}

/** Formats a whole number of bytes in the largest unit that divides it: `4096` is `4KiB`. */
export function formatSize(sizeBytes: number): string {
  const unit = sizeBytes === 0 ? undefined : UNITS.find(([, unitBytes]) => sizeBytes % unitBytes === 0);
  return unit === undefined ? `${sizeBytes}B` : `${sizeBytes / unit[1]}${unit[0]}`;
}
