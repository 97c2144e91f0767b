import { secretNames } from "../config/secret-names.ts";
import type { Config } from "../model/config.ts";

/** Who is told of alerts, and the bindings that a deployment of the configuration needs; a line each. */
export function formatNotified(config: Pick<Config, "targets" | "notify">): string[] {
  const receivers = (config.notify?.receivers ?? []).map(
    ({ name, endpoints }) => `${name} by ${endpoints.map(({ channel }) => channel).join(", ")}`,
  );
  const names = secretNames(config);
  return [
    `alerts: ${receivers.length === 0 ? "nobody is told; `notify` says who" : receivers.join("; ")}`,
    ...(names.length === 0 ? [] : [`secrets and bindings it needs: ${names.join(", ")}`]),
  ];
}
