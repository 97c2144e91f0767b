import type { Product } from "./product.ts";

/** Headers that `npm start` prints for a target's senders. */
export function senderOf({ lines }: Pick<Product, "lines">): Record<string, string> {
  const printed = lines.map((line) => /OTEL_EXPORTER_OTLP_HEADERS=(\S+)$/.exec(line)?.[1]).find((found) => found);
  const pairs = (printed ?? "").split(",").map((pair) => pair.split("=") as [string, string]);
  return Object.fromEntries(pairs.map(([name, value]) => [name, decodeURIComponent(value ?? "")]));
}
