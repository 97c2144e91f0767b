import { executeD1 } from "../execute-d1.ts";
import { pushLog } from "./push-log.ts";
import { pushTo } from "./push-to.ts";
import { wranglerKv } from "./wrangler-kv.ts";

/** Overrides the deployed configuration through KV. */
export const configPush = pushTo(
  (place) => ({ store: wranglerKv(place), log: pushLog((statements) => executeD1(place, statements)) }),
  () => Date.now(),
);
