import { secretNames } from "../config/secret-names.ts";
import type { Config } from "../model/config.ts";

/** The receivers of alerts, and the bindings that a deployment of the configuration needs, one line each. */
export function formatNotified(config: Pick<Config, "targets" | "notify">): string[] {
  const receivers = (config.notify?.receivers ?? []).map(({ name, endpoints }) =>
    endpoints.length === 0
      ? `${name} (no channel)`
      : `${name} by ${endpoints.map(({ channel }) => channel).join(", ")}`,
  );
  const names = secretNames(config);
  return [
    `alerts: ${receivers.length === 0 ? "no receiver is configured; set `notify`" : receivers.join("; ")}`,
    ...(names.length === 0 ? [] : [`required secrets and bindings: ${names.join(", ")}`]),
  ];
}
