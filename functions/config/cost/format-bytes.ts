/** A size as people read it, in decimal units as Cloudflare bills: `2.9 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${round(bytes / 1e9)} GB`;
  return bytes >= 1e6 ? `${round(bytes / 1e6)} MB` : `${round(bytes / 1e3)} kB`;
}

const round = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: value < 100 ? 1 : 0 });
