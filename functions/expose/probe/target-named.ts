import type { Target } from "../../model/probing/target.ts";

/** A target by its name and addresses. */
export type Addressed = Pick<Target, "name" | "casUrl" | "transportUrl">;

/**
 * The target that a scrape config means: by its name, by its URL, or by its host and port, as stock configurations of
 * blackbox_exporter have it. An address of no target stays as it is, for a target that only the configuration in force has.
 */
export function targetNamed(asked: string, targets: readonly Addressed[]): { name: string } | { why: string } {
  if (targets.some(({ name }) => name === asked)) return { name: asked };
  const host = hostOf(asked);
  const tries: ((target: Addressed) => boolean)[] = [
    ({ casUrl }) => casUrl === asked.replace(/\/$/, ""),
    ({ casUrl }) => hostOf(casUrl) === host,
    ({ transportUrl }) => hostOf(transportUrl) === host,
  ];
  for (const matches of tries) {
    const [first, ...more] = targets.filter(matches);
    if (first === undefined) continue;
    if (more.length === 0) return { name: first.name };
    const names = [first, ...more].map(({ name }) => name).join(", ");
    return { why: `Several targets are at ${JSON.stringify(asked)}. Use a name: ${names}.` };
  }
  return { name: asked };
}

const hostOf = (address: string): string | undefined =>
  URL.parse(address.includes("://") ? address : `https://${address}`)?.host || undefined;
