import type { ChannelDeps } from "../channels/channel.ts";
import { post } from "./post.ts";

/** Calls a heartbeat's URL once; answers whether it was taken. Never throws. */
export async function sendHeartbeat(secret: string, deps: ChannelDeps): Promise<boolean> {
  const url = deps.secret(secret);
  if (url === undefined) return false;
  const answer = await post({ url, body: "{}", readAnswer: false }, deps);
  return answer.kind === "answer" && answer.status >= 200 && answer.status < 300;
}
