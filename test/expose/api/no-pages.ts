import type { AppPorts } from "../../../functions/expose/app.ts";

/** No history of any target. */
export const NO_CHARTS: AppPorts["charts"] = {
  history: async () => ({ ok: true, value: [] }),
  recent: async () => undefined,
};

/** A status page without targets, and without history. */
export const NO_STATUS: AppPorts["status"] = {
  page: undefined,
  targets: [],
  present: async () => [],
  history: async () => ({ ok: false, failure: "unreachable" }),
};
