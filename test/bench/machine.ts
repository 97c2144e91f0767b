import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";

/** The machine and the versions that the numbers are of, in one line. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const version = (name: string): string =>
    (JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as { version: string }).version;
  return [
    `${cpu?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Linux ${release()}`,
    `node ${process.versions.node}`,
    `workerd ${version("workerd")}, wrangler ${version("wrangler")}`,
    `load ${loadavg()[0]?.toFixed(1)}`,
  ].join("; ");
}
