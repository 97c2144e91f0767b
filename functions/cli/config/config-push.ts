import { pushTo } from "./push-to.ts";
import { wranglerKv } from "./wrangler-kv.ts";

/** Overrides the deployed configuration through KV. */
export const configPush = pushTo(wranglerKv, () => Date.now());
