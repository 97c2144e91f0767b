import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { freePort } from "./product.ts";
import type { Context } from "./story.ts";

/** Starts the packaged Alertmanager with this configuration, alone, on the loopback; answers with its base URL. */
export async function startAlertmanager(ctx: Context, text: string): Promise<string> {
  const folder = join(ctx.scratch, "alertmanager");
  mkdirSync(folder);
  const config = join(folder, "alertmanager.yml");
  writeFileSync(config, text);
  const listen = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${config}`, `--storage.path=${join(folder, "data")}`, `--web.listen-address=${listen}`];
  const child = startChild("prometheus-alertmanager", [...args, "--cluster.listen-address="], folder);
  ctx.defer(() => {
    child.signalGroup("SIGTERM");
    return child.ended;
  });
  await ctx.until("Alertmanager is ready", async () => (await fetch(`http://${listen}/-/ready`)).ok);
  return `http://${listen}`;
}
