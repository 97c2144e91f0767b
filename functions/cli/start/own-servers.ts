import { RECEIVER_KEY } from "../../../test/receiver/receiver-key.ts";
import { type Receiver, startReceiver } from "../../../test/receiver/server.ts";
import { defaultControlPort } from "../../../test/zako/cli.ts";
import { startZako, type Zako } from "../../../test/zako/server.ts";
import type { LocalReceiver } from "./local-notify.ts";

/** The control API is on its usual port where that is free, so that `npm run zako -- fault NAME` finds it. */
export function startOwnZako(): Promise<Zako> {
  return startZako({ controlPort: defaultControlPort }).catch(() => startZako());
}

/** Where people would be told; on its usual port where that is free. */
export function startOwnReceiver(): Promise<Receiver> {
  return startReceiver({ port: RECEIVER_PORT }).catch(() => startReceiver());
}

const RECEIVER_PORT = 8790;

/** The receiver as a configuration names it. */
export const asLocal = ({ url }: Receiver): LocalReceiver => ({ url, webhookKey: RECEIVER_KEY });
