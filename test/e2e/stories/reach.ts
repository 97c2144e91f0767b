import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { state } from "../../zako-control.ts";
import type { Story } from "../story.ts";
import { startZakoProcess } from "../zako-process.ts";

const SECRETS = { ACCESS_CLIENT_ID: "id.access", ACCESS_CLIENT_SECRET: "secret-of-access" };
const SERVICE = `
[[services]]
binding = "FRONT"
service = "front"
`;

/** Somebody watches a Zako on a private address, behind another Worker that wants the two headers of Cloudflare Access. */
export const reach: Story = {
  name: "reach",
  async run(ctx) {
    const zako = await startZakoProcess(ctx, { without: [] });
    const project = ctx.project();
    const front = join(project, "test/front/wrangler.toml");
    writeFileSync(front, readFileSync(front, "utf8").replace(/^ORIGIN = .*$/m, `ORIGIN = "${zako.url}"`));
    const config = join(ctx.scratch, "watch.yaml");
    writeFileSync(config, CONFIG);

    const check = () =>
      spawnSync("npm", ["run", "-s", "cli", "--", "config", "check", config], { cwd: project, encoding: "utf8" });
    const without = check();
    ctx.check(
      "the config check names the binding that is missing, and the lines to add",
      without.status === 1 && /"FRONT" is not a binding.*\[\[services\]\]\s+binding = "FRONT"/s.test(without.stderr),
      without.stderr,
    );
    appendFileSync(join(project, "wrangler.toml"), SERVICE);
    const { status, stderr } = check();
    ctx.check("with them it is content", status === 0, stderr);

    const args = ["--config", config, "--worker", front];
    const product = await ctx.startProduct({ project, args, env: SECRETS });
    const isUp = async () =>
      (await product.scrape()).sum("zako_v1_target_state", { target: "private", zako_v1_target_state: "up" });
    await ctx.until("the private target is up", isUp, 60_000);
    const scrape = await product.scrape();
    const failing = scrape.all("zako_v1_probe_failures_total").filter(({ value }) => value > 0);
    ctx.check("no probe of it fails, the scrape among them", failing.length === 0, failing.length);
    const { lastHeaders } = await state(zako.controlUrl);
    const health = lastHeaders["health.Check"] ?? {};
    ctx.check(
      "both headers arrive",
      health["cf-access-client-id"] === "id.access" && health["cf-access-client-secret"] === "secret-of-access",
      Object.keys(health).join(", "),
    );
    const said = [...product.lines, ...(await pagesOf(product.url))].join("\n");
    ctx.check(
      "no secret is printed or shown",
      !Object.values(SECRETS).some((secret) => said.includes(secret)),
      said.length,
    );
  },
};

async function pagesOf(url: string): Promise<string[]> {
  return Promise.all(["/metrics", "/alerts", "/targets/private"].map(async (path) => (await fetch(url + path)).text()));
}

const CONFIG = `metrics: { public: true }
defaults: { probes: { health: { interval: 10s, timeout: 4s } } }
targets:
  - name: private
    cas: http://10.9.8.7:9000
    via: FRONT
    headers:
      - { header: CF-Access-Client-Id, secret: ACCESS_CLIENT_ID }
      - { header: CF-Access-Client-Secret, secret: ACCESS_CLIENT_SECRET }
    probes: { scrape: { interval: 10s, timeout: 4s } }
`;
